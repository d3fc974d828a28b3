"""From a document to the graph of one of its variants."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from netspec.diagnostics import Diagnostics, Severity, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.arrange import arrange
from netspec.elaborate.budget import MAX_VARIANTS, Budget, TooLarge
from netspec.elaborate.checks import check_document
from netspec.elaborate.context import Context
from netspec.elaborate.copies import can_copy
from netspec.elaborate.dead import dead_in_places, warn_of_dead
from netspec.elaborate.entries import run
from netspec.elaborate.fields import KnownTypes, check_entries
from netspec.elaborate.inputs import input_blobs
from netspec.elaborate.lint import lint_graph, lint_shares, lint_unused
from netspec.elaborate.originals import alike, layers
from netspec.elaborate.provenance import note_inputs, note_outputs
from netspec.elaborate.quiet import is_quiet
from netspec.elaborate.requirements import require_of_spec, require_of_vars
from netspec.elaborate.results import result_names, results_of
from netspec.elaborate.scope import Binding, Frame, Scope
from netspec.elaborate.tree import Tree
from netspec.elaborate.usage import Usage
from netspec.elaborate.variables import Variables
from netspec.graph import Blob, Graph
from netspec.graph.part import part_for_results
from netspec.graph.written import Formulas
from netspec.language.document import Document, static_names
from netspec.language.formulas import formulas, places
from netspec.language.keys import ABOUT_KEYS
from netspec.language.values import PlacedError, unplaced
from netspec.layers import CATALOGUE
from netspec.printable import printable

_UNREAD = "read it, list it in `outputs`, or keep it with `allow: [unused-layer]`"
_UNREAD_INSTANCE = (
    "read it (for each instance to read the one before, `bottom` belongs under `first`), list it "
    "in `outputs`, or keep it with `allow: [unused-layer]`"
)


@dataclass(frozen=True)
class Overrides:
    """What the user asks for beside the text: vars, input shapes, other outputs."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    outputs: Sequence[str] = ()

    def __str__(self) -> str:
        """As a user would say it: `num_classes=10, data=1x3x320x320, output pool5`."""
        given = [f"{name}={each!r}" for name, each in sorted(self.variables.items())]
        shapes = {name: "x".join(map(str, each)) for name, each in self.inputs.items()}
        given += [f"{name}={each}" for name, each in sorted(shapes.items())]
        given += [f"output {name}" for name in self.outputs]
        return ", ".join(given)


class Program:
    """A document that has been checked for form, ready to be elaborated in any variant."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.usage = Usage()
        self.budget = Budget()
        self.places = places(document)
        self.copying = can_copy(document)
        self.types = KnownTypes(CATALOGUE, document.blocks, document.vars.keys(), document.complete)
        check_document(document, self.types, diagnostics)
        check_entries(document, self.types, diagnostics.add)
        self._of_form = diagnostics.sorted()

    @property
    def is_mistaken(self) -> bool:
        """Whether the document's form has a mistake, so that it gives no graph at all."""
        return any(each.severity is Severity.ERROR for each in self._of_form)

    def anew(self) -> "Program":
        """The same document with nothing of it elaborated: another budget, nothing read yet, no
        mistakes but those of its form. What its types have worked out is known to both.
        """
        other = copy(self)
        other.diagnostics = Diagnostics()
        other.diagnostics.extend(self._of_form)
        other.usage, other.budget = Usage(), Budget()
        return other

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
        self._check_budget()
        self.usage.start()
        self.types.forget()
        try:
            graph = self._graph(variant, overrides, diagnostics)
        except TooLarge:
            self.usage.certain = False
            return None
        if graph is None:
            _say_something(self.document, diagnostics)
            return None
        return part_for_results(graph) if overrides.outputs else graph

    def _graph(
        self, variant: str | None, overrides: Overrides, diagnostics: Diagnostics
    ) -> Graph | None:
        document, usage = self.document, self.usage
        variables = Variables(
            document, variant, overrides.variables, diagnostics, usage.values_read, self.budget
        )
        try:
            require_of_vars(document, variables)
        except PlacedError as error:
            _report(error, variant, diagnostics)
            usage.certain = False
            return None
        inputs = input_blobs(document, variables, overrides.inputs, diagnostics, self.types)
        if not inputs or not document.layers:
            usage.certain = False
            return None
        context = Context(
            document=document,
            types=self.types,
            diagnostics=diagnostics,
            usage=usage,
            budget=self.budget,
            variables=variables.values,
            places=self.places,
            variant=variant,
            copying=self.copying and not self.diagnostics.has_errors,
        )
        return _elaborate(context, inputs, overrides, variables.formulas)

    def check_usage(self, done: Sequence[str | None]) -> None:
        """Report what no variant reads; `done` are the variants elaborated already.

        The others are elaborated only where something is unread in those.
        """
        for variant in (None, *self.document.variants):
            if not self.usage.certain or not self.usage.unread():
                break
            if variant not in done:
                self.graph(variant, Overrides(), Diagnostics())
        if not self.usage.certain:
            return
        unread = self.usage.unread()
        places = {given.entry.span for given in unread}
        dead = {place: node for place, node in self.usage.dead.items() if place not in places}
        warn_of_dead(dead, self.diagnostics)
        for given in unread:
            entry = given.entry
            span = entry.fields["name"].span if "name" in entry.fields else entry.span
            self.diagnostics.error(
                "unused-layer",
                f"nothing reads what `{given.path}` gives, and it is no output",
                span,
                path=given.path,
                help=_UNREAD_INSTANCE if entry.repeat and "bottom" in entry.fields else _UNREAD,
                notes=tuple(use.note for use in given.chain),
            )

    def check_unused(self, expected: frozenset[str]) -> None:
        """Warn of blocks, args and vars that no variant elaborated so far has read.

        `expected` are the names of vars that what the document expects reads.
        """
        if not self.diagnostics.has_errors:
            lint_unused(self.document, self.usage, self.diagnostics, expected)

    def _check_budget(self) -> None:
        """Begin a variant, unless those before have taken all that a document may cost."""
        if not self.budget.start():
            name = self.document.source_text.name
            diagnostics = Diagnostics()
            diagnostics.error(
                "too-large",
                f"the variants of {name} have more than {MAX_VARIANTS:,} layers together",
                help=f"take them one at a time: `{name}:{next(iter(self.document.variants))}`",
            )
            raise SpecError(diagnostics.sorted())

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


def _report(error: PlacedError, variant: str | None, diagnostics: Diagnostics) -> None:
    """Report an error of the document itself in one of its variants."""
    if error.diagnostic is not None:
        notes = error.diagnostic.notes + (() if variant is None else (f"in variant {variant}",))
        diagnostics.add(replace(error.diagnostic, notes=notes))


def _say_something(document: Document, diagnostics: Diagnostics) -> None:
    """See to it that a document which gives no network isn't without a mistake."""
    if not diagnostics.has_errors:
        diagnostics.error("bad-value", f"{document.source_text.name} describes no network")


def _elaborate(
    context: Context,
    inputs: dict[str, Blob],
    overrides: Overrides,
    said: Formulas,
) -> Graph | None:
    """The graph, or None where mistakes leave none; `said` are the expressions of its vars."""
    scope = _outermost(context, inputs)
    context.originals = context.types.originals.setdefault(context.batch, {})
    try:
        require_of_spec(context, scope)
    except PlacedError as error:
        context.usage.certain = False
        context.report(error, scope)
        return None
    try:
        run(context, context.document.layers, scope)
        arrange(context, scope, context.document.state_order)
        results = results_of(context, scope, overrides.outputs)
        own = {n: e.shape for n, e in context.document.inputs.items() if n not in overrides.inputs}
        note_inputs(scope, own.values())
        note_outputs(scope, context.document.outputs)
        if context.diagnostics.has_errors:
            return None
        graph = _finished(context, scope, results, overrides, said)
    except PlacedError as error:
        context.report(error, scope)
        return None
    finally:
        context.finish()
    lint_shares(context)
    if not is_quiet(context, graph.inputs, results):
        context.originals.clear()  # whose layers another network would have to look at again
        lint_graph(graph, context)
        context.usage.note_dead(dead_in_places(graph))
    return graph


def _outermost(context: Context, inputs: dict[str, Blob]) -> Scope:
    document, blobs = context.document, tuple(inputs.values())
    context.batch = blobs[0].shape[0] if blobs[0].shape.rank else 1
    frame = Frame(
        tree=Tree("", "", inputs=blobs),
        input=Binding(blobs),
        names={
            name: Binding((inputs[name],), place=each.key) for name, each in document.inputs.items()
        },
        previous=blobs[:1],
        inputs=tuple(inputs),
        later=static_names(document.layers),
    )
    context.frames.append(frame)
    return Scope(frame, context.variables, owner="var", allow=document.allow)


def _finished(
    context: Context,
    scope: Scope,
    results: tuple[Blob, ...],
    overrides: Overrides,
    said: Formulas,
) -> Graph:
    document, tree, items = context.document, scope.frame.tree, context.items
    about = document.about_of(context.variant)
    tree.outputs = results
    shapes = {n: e.shape for n, e in document.inputs.items() if n not in overrides.inputs}
    return Graph.unmade(
        lambda: (tuple(layers(items)), tree.freeze()),
        alike(items),
        items,
        name=context.variant or document.name,
        class_name=document.name,
        inputs=tree.inputs,
        results=results,
        losses=context.losses,
        result_names=result_names(context, scope, results, overrides.outputs),
        **{name: getattr(about, name) for name in ABOUT_KEYS},
        # Without its folders, which are the machine's.
        spec=printable(PurePath(document.source_text.name).name),
        digest=_digest(document),
        text=document.source_text,
        overrides=str(overrides),
        variables={name: unplaced(value) for name, value in context.variables.items()},
        formulas=said,
        input_formulas=formulas(shapes),
    )


def _digest(document: Document) -> str:
    """SHA-256 over all texts that the document was read from."""
    digest = sha256()
    for text in document.files:
        digest.update(text.text.encode())
    return digest.hexdigest()
