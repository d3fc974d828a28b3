"""A plain value as YAML on one line, for help that shows what to write."""

import json
import re
from typing import Any

from netspec.source.scalars import resolve

_PLAIN = re.compile(r"[\w./$](?:[\w./$+-]|\$\([\w .+*-]*\))*\Z")


def as_flow(value: Any) -> str:
    """The value in flow style.

    >>> as_flow({"kernel_size": [3, 5], "bias_term": False, "engine": "no", "num_output": "$n"})
    '{kernel_size: [3, 5], bias_term: false, engine: no, num_output: $n}'
    >>> as_flow(["true", "a: b", 1e-05, None])
    '["true", "a: b", 1e-05, null]'
    """
    match value:
        case dict():
            pairs = [f"{as_flow(key)}: {as_flow(each)}" for key, each in value.items()]
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(as_flow, value))}]"
        case str() if _PLAIN.match(value) and resolve(value) == value:
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
