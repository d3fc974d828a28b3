"""`require`: the conditions of a spec or a block."""

from dataclasses import replace

from netspec.language.document import Requirement
from netspec.language.models import RequirementModel
from netspec.language.reading.fields import Reader
from netspec.language.validate import nearest_of
from netspec.source import Mapping, Sequence

_SUGGEST = nearest_of(RequirementModel.model_fields)


def read_requirements(reader: Reader, node: Mapping) -> tuple[Requirement, ...]:
    """The conditions that a spec or a block requires; those with a mistake are reported."""
    listed = node.get("require")
    items = listed.items if isinstance(listed, Sequence) else []
    found = (_requirement(reader, item) for item in items if isinstance(item, Mapping))
    return tuple([each for each in found if each is not None])


def _requirement(reader: Reader, node: Mapping) -> Requirement | None:
    before = reader.mistakes
    node = reader.respelled(node, RequirementModel)
    fields = reader.fields(node, frozenset())
    where = next(iter(node.keys.values()), node)
    reader.apply(RequirementModel, fields, where.span, suggest=replace(_SUGGEST, value=_advice))
    if reader.mistakes != before:
        return None
    return Requirement(node, fields["that"], fields["say"])


def _advice(name: str, value: object) -> str | None:
    """Help for a condition that is written without its dollar."""
    if name == "that" and isinstance(value, str):
        return f"an expression stands in `$(…)`: `$({value})`" if len(value) <= 60 else None
    return None
