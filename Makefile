# `make` lists the targets. Each one that needs an environment makes it first, in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
CODE := netspec tests benchmarks

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(READY) ## compile AlexNet to PyTorch and ONNX, verify the two, print its table
	@mkdir -p build
	$(BIN)/netspec compile alexnet -o build/alexnet.py -o build/alexnet.onnx
	$(BIN)/netspec verify alexnet
	$(BIN)/netspec summary alexnet

# A thread for each of two workers: torch and BLAS would otherwise start one a core in both.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2

.PHONY: test
test: $(READY) ## run the tests, but for the slow ones
	$(PYTEST)

.PHONY: test-all
test-all: $(READY) ## run all tests
	$(PYTEST) -m ""

.PHONY: test-web
test-web: $(READY) ## run the tests of pages, in a Chromium that is installed; pictures in build/web
	$(PIP_INSTALL) --no-build-isolation -e '.[web]'
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/web

.PHONY: coverage
coverage: $(READY) ## run the tests and list the lines of netspec/ that none reaches
	@mkdir -p build
	$(PYTEST) --cov --cov-report=term-missing:skip-covered --cov-report=html:build/coverage

# Another Python has an environment of its own: `make test-python PYTHON=python3.13`.
OTHER = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: test-python
test-python: ## run the tests on the PYTHON of choice
	$(MAKE) test VENV=.venv-$(OTHER)

# The oldest releases that pyproject.toml allows, in an environment of their own. KEEP names those
# that can't be had that old, which then are as in constraints.txt: `make test-lowest KEEP=torch`.
LOWEST := .venv-lowest
KEEP ?=
CORE := $(addprefix tests/,source language expressions elaborate lower verify cli)

.PHONY: test-lowest
test-lowest: $(READY) ## run the core of the tests on the oldest releases that are allowed
	test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	$(BIN)/python -m tests.lowest $(KEEP) > $(LOWEST)/lowest.txt
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check -r $(LOWEST)/lowest.txt
	PYTHONPATH=. OMP_NUM_THREADS=1 $(LOWEST)/bin/python -m pytest -q -n 2 \
		-W ignore::DeprecationWarning $(CORE)

RUNS ?= 2000

.PHONY: random
random: $(READY) ## compile RUNS random networks (2000) and compare the targets on each
	OMP_NUM_THREADS=1 NETSPEC_RANDOM_RUNS=$(RUNS) $(BIN)/python -m pytest -q tests/random

.PHONY: lint
lint: $(READY) ## look for mistakes and for code that isn't formatted
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(READY) ## check the types
	$(BIN)/mypy

.PHONY: check
check: lint types test ## lint, types and test

.PHONY: format
format: $(READY) ## format the code and sort its imports
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

.PHONY: pages
pages: $(READY) ## renew the pages of docs/ and the figures of `netspec list`, made from the code
	$(BIN)/netspec layers --format markdown > docs/layers.md
	$(BIN)/python -m tests.errors.examples # docs/errors.md, and the texts that it shows
	$(BIN)/python -m tests.specs.ledger # docs/ledger.md
	$(BIN)/python -m tests.pages.commands # docs/commands.md
	$(BIN)/python -m tests.pages.interface # docs/python.md
	$(BIN)/python -c 'from netspec.stock_table import Kept; Kept.of_all().write()'

# All of them, or those that ONLY names: `make consumers ONLY="tract onnx2torch"`.
ONLY ?=

.PHONY: consumers
consumers: $(READY) ## try programs that read ONNX files, each in an environment of its own; docs/consumers.md
	@$(BIN)/python -m tests.consumers.measure $(ONLY) \
		$(if $(TORCH_INDEX),--extra-index-url=$(TORCH_INDEX))
	$(BIN)/python -m tests.consumers.page

.PHONY: docs
docs: pages ## renew the pages, and make a site of them, with search, in build/site
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs \
		--doctree-dir build/doctrees . build/site

.PHONY: release
release: $(READY) ## build what a release consists of into dist/, check it, write its notes
	$(PIP_INSTALL) --no-build-isolation -e '.[release]'
	rm -rf dist
	mkdir dist
	$(BIN)/python -m tests.release > dist/notes.md
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz
	$(BIN)/check-wheel-contents dist/*.whl

.PHONY: bench
bench: $(READY) ## run the benchmarks
	@for script in benchmarks/*.py; do \
		echo "$$script"; \
		$(BIN)/python "$$script" || exit; \
	done

.PHONY: setup
setup: $(READY) ## make .venv, with netspec and all that its development needs

.PHONY: clean
clean: ## remove what the targets made, but for .venv
	rm -rf .venv-* build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# hatchling comes first because it builds netspec itself: in a build environment of its own, pip
# would fetch whatever version is the newest. torchvision is only measured against, in tests that
# are skipped without it; its metadata could pull in another build of torch, hence --no-deps.
# TORCH_INDEX is where builds of PyTorch come from that the usual index hasn't got: those without CUDA.
TORCH_INDEX ?=
SOURCES := -c constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(SOURCES)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "netspec needs Python 3.11 or later: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || \
		{ echo "making $(VENV), once: a minute or two"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m tests.download $(SOURCES) torch
	$(PIP_INSTALL) hatchling
	$(PIP_INSTALL) --no-build-isolation -e '.[all,dev,docs]'
	@$(PIP_INSTALL) --no-deps torchvision pillow || \
		echo "torchvision can't be had; the tests that measure against it will be skipped"
	@touch $@
