"""The text of a network or a solver to a tree of today's form, in which everything is known."""

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.importers.caffe.check import check
from netspec.importers.caffe.messages import message_type
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import Message, parse
from netspec.importers.caffe.upgrade import upgrade


def read_network(source: SourceText, diagnostics: Diagnostics, *, partial: bool = False) -> Message:
    """The network of a text, all of its layers `layer`; SpecError with all that is wrong with it.

    Fields have names that Caffe or a fork of it knows, values the types of their fields, and of a
    field that isn't repeated there is one. If the network may be had `partial`, unknown fields are
    warnings, and stand in the tree.
    """
    net = parse(source, diagnostics)
    check(net, "NetParameter", diagnostics, partial=partial)
    diagnostics.raise_errors()
    net = upgrade(net, diagnostics)
    diagnostics.raise_errors()
    return net


def read_solver(source: SourceText, diagnostics: Diagnostics) -> Record:
    """The solver of a text; SpecError with all that is wrong with it."""
    solver = check(parse(source, diagnostics), "SolverParameter", diagnostics)
    diagnostics.raise_errors()
    return solver


def is_solver(source: SourceText) -> bool:
    """Whether a text is a solver's: its fields are, as far as they are known, and none is a layer.

    Of one that isn't the text format it is said that it is none.
    """
    try:
        fields = {field.name for field in parse(source, Diagnostics()).fields}
    except SpecError:
        return False
    solver, network = (message_type(f"{name}Parameter").fields for name in ("Solver", "Net"))
    return bool(fields & solver.keys() - network.keys()) and not fields & {"layer", "layers"}
