"""Texts of Caffe's messages, drawn from the table: in every form that the text format allows, and
with mistakes.
"""

import string

from hypothesis import strategies as st

from netspec.importers.caffe.messages import FieldType, message_type
from netspec.importers.caffe.messages.table import enum_type, is_enum, is_message

_ODD = r"""
0 1 -1 3000000000 -0 017 08 0x1F 0X1f 0b1 1_0 +5 1.0 .5 5. 1e3 1e-3 1E400 -inf inf nan Infinity NaN
-nan inff 1f 1.5F 0.1ff 00.5 - -- 1x . 99999999999999999999 t f true false True False TRUE T Test
TEST TRAIN MAX x 'x' "x" 'x'"y" '\n\x4\101\q\\' '\377' '\303'"\251" 'é' ' {} <> [1,2] []
['a'"b",'c'] [{}] [{},<>] [1,] @ [[
"""
ODD = _ODD.split()
"""Values of all kinds, and what is none."""

SPACES = st.sampled_from([" ", "", "\n", "\t", " # x\n", "  ", "\r\n", "\n#'\n", "\x0b", "\xa0"])


@st.composite
def texts(draw: st.DrawFn, name: str = "NetParameter", depth: int = 0) -> str:
    """A text of a message's fields, most of them right."""
    fields = list(message_type(name).fields.values())
    most = 4 if depth < 3 else 1
    once = draw(st.integers(0, 20)) > 0 or None
    chosen = draw(st.lists(st.sampled_from(fields), max_size=most, unique_by=once and _name))
    parts = [draw(_field(each, depth)) for each in chosen]
    return "".join(parts)


def _name(field: FieldType) -> str:
    return field.name


@st.composite
def _field(draw: st.DrawFn, field: FieldType, depth: int) -> str:
    gap, separator = draw(SPACES), draw(st.sampled_from([" ", "\n", ",", ";", " ,", "; "]))
    name = (
        field.name if draw(st.integers(0, 60)) else draw(st.sampled_from(["nothing", "12", "[a]"]))
    )
    if draw(st.integers(0, 30)) == 0:
        return (
            f"{name}{draw(st.sampled_from([':', '']))}{gap}{draw(st.sampled_from(ODD))}{separator}"
        )
    many = field.repeated and draw(st.booleans())
    values = [draw(_value(field, depth)) for _ in range(draw(st.integers(0, 3)) if many else 1)]
    value = f"[{','.join(values)}]" if many else values[0]
    colon = ":" if not is_message(field.type) or draw(st.booleans()) else ""
    return f"{name}{draw(SPACES)}{colon}{gap}{value}{draw(SPACES)}{separator}"


@st.composite
def _value(draw: st.DrawFn, field: FieldType, depth: int) -> str:
    if is_message(field.type):
        opening, closing = draw(st.sampled_from([("{", "}"), ("<", ">")]))
        return f"{opening}{draw(SPACES)}{draw(texts(field.type, depth + 1))}{draw(SPACES)}{closing}"
    if is_enum(field.type):
        own = [word for word, number in enum_type(field.type).words.items() if number is not None]
        words = st.sampled_from(own or list(enum_type(field.type).words))
        return draw(words | st.integers(0, 4).map(str)) if own else draw(words)
    match field.type:
        case "bool":
            return draw(st.sampled_from(["true", "false", "t", "f", "True", "False", "0", "1"]))
        case "string":
            literals = st.text(string.ascii_letters + "é#{ /", max_size=6).map(repr)
            return draw(SPACES).join(draw(st.lists(literals, min_size=1, max_size=3)))
        case "float" | "double":
            plain = st.floats(width=32).map(repr) | st.integers(-9, 9).map(str)
            return draw(plain | st.sampled_from(["1f", ".5", "1e3F", "-inf"]))
        case _:
            return draw(st.integers(0, 2**31 - 1).map(str) | st.integers(0, 4095).map(hex))
