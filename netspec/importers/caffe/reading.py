"""The tree of a network or a solver to a record in today's form, in which everything is known."""

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import nearest
from netspec.importers.caffe.check import check, shortened
from netspec.importers.caffe.messages import message_type
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import Message
from netspec.importers.caffe.upgrade import upgrade


def read_network(net: Message, diagnostics: Diagnostics, *, partial: bool = False) -> Record:
    """The network of a tree, all of its layers `layer`; SpecError with all that is wrong with it.

    Fields have names that Caffe or a fork of it knows, values the types of their fields, and of a
    field that isn't repeated there is one. If the network may be had `partial`, unknown fields are
    warnings.
    """
    _refuse_stranger(net, diagnostics)
    record = check(net, "NetParameter", diagnostics, partial=partial)
    diagnostics.raise_errors()
    today = upgrade(net, diagnostics)
    diagnostics.raise_errors()
    # What was unknown in the older form has been told.
    return record if today is net else check(today, "NetParameter", Diagnostics(), partial=True)


def read_solver(solver: Message, diagnostics: Diagnostics) -> Record:
    """The solver of a tree; SpecError with all that is wrong with it."""
    record = check(solver, "SolverParameter", diagnostics)
    diagnostics.raise_errors()
    return record


def _refuse_stranger(net: Message, diagnostics: Diagnostics) -> None:
    """Say once of a text of something else, a table of labels perhaps, that it is no network."""
    known = message_type("NetParameter").fields
    names = dict.fromkeys(field.name for field in net.fields)
    if names and not any(name in known or nearest(name, known) for name in names):
        first = net.fields[0]
        message = f"this is no network: none has a field `{shortened(first.name)}`"
        help = "a network has `layer { … }`, and a solver `base_lr`, `max_iter` and the like"
        diagnostics.error("unknown-field", message, first.place.span, help=help)
        diagnostics.raise_errors()


def is_solver(tree: Message) -> bool:
    """Whether a tree is a solver's: its fields are, as far as they are known, and none is a
    layer.
    """
    fields = {field.name for field in tree.fields}
    solver, network = (message_type(f"{name}Parameter").fields for name in ("Solver", "Net"))
    return bool(fields & solver.keys() - network.keys()) and not fields & {"layer", "layers"}
