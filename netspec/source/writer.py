"""Plain values to YAML text that `read` reads as the same values, with each thing in few lines."""

from typing import Any

import yaml
from yaml.emitter import ScalarAnalysis

from netspec.source.scalars import resolve


class Flow(dict[str, Any]):
    """A mapping that stands on one line."""


class _Numbers(str):
    """A list of numbers, written: PyYAML takes tens of microseconds for each."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, but that values told twice are written twice, not as aliases."""

    def analyze_scalar(self, scalar: str) -> ScalarAnalysis:
        if isinstance(scalar, _Numbers):
            return ScalarAnalysis(scalar, False, False, True, True, False, False, False)
        return super().analyze_scalar(scalar)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """In ASCII alone: these quotes are for text that holds what doesn't show as it is."""
        self.allow_unicode = False
        super().write_double_quoted(text, split)
        self.allow_unicode = True


def _represent_flow(dumper: yaml.SafeDumper, data: Flow) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    text = _numbers(dumper, items) if items else None
    if text is None:
        return dumper.represent_list(items)
    return yaml.ScalarNode("tag:yaml.org,2002:str", _Numbers(text))


def _numbers(dumper: yaml.SafeDumper, value: Any) -> str | None:
    """The text of a number or of lists of such; None of anything else."""
    if type(value) is int:
        return str(value)
    if type(value) is float:
        text: str = dumper.represent_float(value).value
        return text
    if not isinstance(value, list):
        return None
    texts = []
    for each in value:
        text_of_each = _numbers(dumper, each)
        if text_of_each is None:
            return None
        texts.append(text_of_each)
    return f"[{', '.join(texts)}]"


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Text without quotes where it's text in YAML 1.1 and 1.2 alike, with escapes where it holds
    breaks of lines: readers take those of other systems for their own.
    """
    style = None if _is_plain(text) else "'" if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    """Whether the reader, which knows YAML 1.2 alone, takes it for text."""
    try:
        return isinstance(resolve(text), str) and text.isprintable()
    except OverflowError:
        return False


_Dumper.add_representer(Flow, _represent_flow)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(str, _represent_text)


def write(document: dict[str, Any]) -> str:
    """The text of a document, its keys in their order; ends with a newline."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)
