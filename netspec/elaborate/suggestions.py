"""Help for a field or a value that a layer doesn't have."""

from collections.abc import Mapping

from netspec.diagnostics.suggest import nearest
from netspec.language.keys import ENTRY_KEYS
from netspec.language.validate import Answer, Suggest
from netspec.language.values import Field
from netspec.layers import Layer, foreign_fields
from netspec.listed import listed

LayerType = type[Layer]


def suggest(
    layer: LayerType, fields: Mapping[str, Field], catalogue: Mapping[str, LayerType]
) -> Suggest:
    """Who answers for a layer whose entry gives `fields`."""
    given = _Adviser(layer, fields, catalogue)
    return Suggest(given.name, given.value)


class _Adviser:
    def __init__(
        self, layer: LayerType, fields: Mapping[str, Field], catalogue: Mapping[str, LayerType]
    ) -> None:
        self.layer = layer
        self.fields = fields
        self.catalogue = catalogue

    def value(self, name: str, value: object) -> str | None:
        others = {key: each.compiled for key, each in self.fields.items()}
        return self.layer.advise(name, value, others)

    def name(self, name: str) -> Answer:
        """What a foreign or misspelt field is called here, or what it becomes."""
        own = self.layer.field_synonyms.get(name)
        means = (own,) if own is not None else ()
        if name in self.layer.field_notes:
            return Answer(self.layer.field_notes[name], means)
        value = self.fields[name].node.plain()
        if own is not None:
            detail = self.value(own, value)
            return Answer(f"netspec calls it `{own}`" + (f"; {detail}" if detail else ""), means)
        help = foreign_fields.help_for(name, value, self.catalogue)
        if help is not None:
            return Answer(help, foreign_fields.moved(name, value))
        return self._near(name)

    def _near(self, name: str) -> Answer:
        near = nearest(name, [*self.layer.model_fields, *ENTRY_KEYS])
        if near is not None:
            return Answer(f"did you mean `{near}`?", (near,))
        owners = [each for each in self.catalogue.values() if name in each.model_fields]
        owners.sort(key=lambda each: len(each.model_fields))  # whose only one it is, comes first
        names = [f"`{each.__name__}`" for each in owners[:3]]
        return Answer(f"it is a field of {listed(names)}" if names else None)
