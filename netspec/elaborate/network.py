"""From a document to the graph of one of its variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from netspec.diagnostics import Diagnostics, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.checks import check_document
from netspec.elaborate.context import Context, TooLarge
from netspec.elaborate.entries import run
from netspec.elaborate.fields import Types, check_entries
from netspec.elaborate.kinds import scope_outputs
from netspec.elaborate.lint import lint_graph, lint_shares, lint_unused
from netspec.elaborate.scope import Frame, Scope
from netspec.elaborate.tree import Tree
from netspec.elaborate.usage import Usage
from netspec.elaborate.values import Binding
from netspec.elaborate.variables import Variables, input_blobs
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Graph
from netspec.language.document import Document
from netspec.language.values import PlacedError
from netspec.layers import CATALOGUE


@dataclass(frozen=True)
class Overrides:
    """What the user asks for beside the text: vars, input shapes, other outputs."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    outputs: Sequence[str] = ()


class Program:
    """A document that has been checked for form, ready to be elaborated in any variant."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.usage = Usage()
        self.types = Types(CATALOGUE, document.blocks)
        check_document(document, self.types, diagnostics)
        check_entries(document, self.types, diagnostics.add)

    def graph(
        self,
        variant: str | None,
        overrides: Overrides,
        diagnostics: Diagnostics | None = None,
    ) -> Graph | None:
        """The graph of a variant, of the document's own vars for None.

        None where mistakes, which go to the diagnostics, leave no graph.
        """
        diagnostics = diagnostics if diagnostics is not None else self.diagnostics
        self._check_variant(variant)
        self.usage.start()
        document, record = self.document, self.usage.values_read
        variables = Variables(document, variant, overrides.variables, diagnostics, record)
        inputs = input_blobs(document, variables, overrides.inputs, diagnostics)
        if diagnostics.has_errors and (not inputs or len(variables.values) < len(document.vars)):
            return None
        context = Context(document, self.types, diagnostics, self.usage, variables.values)
        return _elaborate(context, variant, inputs, overrides)

    def check_usage(self, done: Sequence[str | None]) -> None:
        """Report what no variant reads; `done` are the variants elaborated already.

        The others are elaborated only where something is unread in those.
        """
        if self.diagnostics.has_errors:
            return
        for variant in (None, *self.document.variants):
            if not self.usage.unread():
                break
            if variant not in done:
                self.graph(variant, Overrides(), Diagnostics())
        for given in self.usage.unread():
            entry = given.entry
            span = entry.fields["name"].span if "name" in entry.fields else entry.span
            self.diagnostics.error(
                "unused-layer",
                f"nothing reads what `{given.path}` gives, and it is no output",
                span,
                path=given.path,
                help="read it, list it in `outputs`, or keep it with `allow: [unused-layer]`",
            )

    def check_unused(self) -> None:
        """Warn of blocks, args and vars that no variant elaborated so far has read."""
        if not self.diagnostics.has_errors:
            lint_unused(self.document, self.usage, self.diagnostics)

    def _check_variant(self, variant: str | None) -> None:
        if variant is not None and variant not in self.document.variants:
            names = self.document.variants
            help = did_you_mean(variant, names)
            if help is None and names:
                help = f"its variants are {', '.join(f'`{name}`' for name in names)}"
            message = f"{self.document.source_text.name} has no variant `{variant}`"
            diagnostics = Diagnostics()
            diagnostics.error("unknown-variant", message, help=help)
            raise SpecError(diagnostics.sorted())


def _elaborate(
    context: Context, variant: str | None, inputs: dict[str, Blob], overrides: Overrides
) -> Graph | None:
    document = context.document
    blobs = tuple(inputs.values())
    first = blobs[0].shape
    context.batch = first[0] if len(first) else 1
    later = (each.fields["name"].compiled for each in document.layers if "name" in each.fields)
    frame = Frame(
        Tree("", "", inputs=blobs),
        Binding(blobs) if len(blobs) == 1 else None,
        {name: Binding((blob,)) for name, blob in inputs.items()},
        blobs[:1],
        later=frozenset(name for name in later if isinstance(name, str)),
    )
    scope = Scope(frame, context.variables, owner="var", allow=document.allow)
    try:
        run(context, document.layers, scope)
        results = scope_outputs(context, scope, document.outputs, None)
        results = _chosen_outputs(context, scope, overrides.outputs) or results
    except PlacedError as error:
        context.report(error, scope)
        return None
    except TooLarge:
        return None
    if context.diagnostics.has_errors:
        return None
    frame.tree.outputs = results
    graph = Graph(
        variant or document.name,
        document.name,
        blobs,
        results,
        tuple(context.nodes),
        frame.tree.freeze(),
        _losses(context),
        document.doc,
        document.source,
        document.source_text.name,
        _digest(document),
        dict(context.variables),
    )
    lint_graph(graph, context)
    lint_shares(context)
    return graph


def _chosen_outputs(
    context: Context, scope: Scope, names: Sequence[str]
) -> tuple[Blob, ...]:
    """The blobs that the user asks for instead of the network's own outputs."""
    found: list[Blob] = []
    for name in names:
        try:
            found += scope.resolve(name)
        except ExpressionError as error:
            message = f"no output `{name}`: {error.message}"
            context.diagnostics.error("unknown-name", message, help=error.help)
    return tuple(found)


def _losses(context: Context) -> dict[str, float]:
    """The results of loss layers with their weights."""
    losses = {}
    for node in context.nodes:
        weight = getattr(node.layer, "loss_weight", None)
        if weight is not None:
            losses[node.tops[0].name] = float(weight)
    return losses


def _digest(document: Document) -> str:
    """SHA-256 over all texts that the document was read from."""
    digest = sha256()
    for text in document.files:
        digest.update(text.text.encode())
    return digest.hexdigest()
