"""The form of a document: its keys, their types, and what YAML does to expressions."""

import pytest

from netspec.api import loads
from netspec.diagnostics import SpecError
from tests.checking import HEAD, IMAGE, check, good


def test_the_smallest_mistakes() -> None:
    check("«[1, 2]", ("wrong-type", "a spec is a mapping that begins with `netspec: 1`"))
    check("«hello", ("wrong-type", "a spec is a mapping"))
    rest = "\nname: Net\ninputs: {x: [N, 3]}\nlayers: [{type: ReLU}]\n"
    for value in ("true", "1.0", "'1'"):
        check(f"netspec: «{value}{rest}", ("bad-value", f"`netspec` should be 1, not {value}"))
    check("netspec: «2\n", ("version", "version 2 of the language; netspec reads 1"))
    check("netspec: «'1'\nname: a\ninputs: {x: [N]}\nlayers: [{type: ReLU}]\n", ("bad-value",))


def test_other_formats_call_the_type_otherwise() -> None:
    head = "netspec: 1\nname: Net\ninputs: {x: [N, 3]}\n"
    for name in ("op", "kind", "class_name"):
        check(
            f"{head}layers: [{{«{name}: ReLU}}]",
            ("missing-field", "an entry needs `type`", "netspec calls it `type`"),
        )


def test_what_a_spec_needs() -> None:
    check(
        "«netspec: 1\n",
        ("missing-field", "`name`, `inputs` and `layers` are missing"),
    )


def test_a_misspelt_key_is_read_on_as_what_was_meant() -> None:
    check(
        HEAD
        + """input: {data: [N, 3, 8, 8]}
block:
  b: {arg: {n: 4}, layers: [{type: Convolution, num_output: $n, kernel_size: «1.5}]}
layers: [{type: b}]
sources: x
colour: red
""".replace("input:", "«input:")
        .replace("block:", "«block:")
        .replace("arg:", "«arg:")
        .replace("sources:", "«sources:")
        .replace("colour:", "«colour:"),
        ("unknown-field", "`input`", "did you mean `inputs`?"),
        ("unknown-field", "`block`", "did you mean `blocks`?"),
        ("unknown-field", "`arg`", "did you mean `args`?"),
        (
            "wrong-type",
            "`kernel_size` should be an integer or a list of them, not 1.5",
        ),
        ("unknown-field", "`sources`", "did you mean `source`?"),
        ("unknown-field", "`colour`"),
    )


def test_nulls_are_errors() -> None:
    check(
        HEAD
        + """inputs: {data: [N, 3, 8, 8]}
doc: «
vars: {a: «}
variants: {v: «}
blocks: {b: «, c: {args: {x: «}, layers: [{type: ReLU, when: $(x > 0)}]}}
layers:
  - {name: «~, type: Convolution, num_output: $a, kernel_size: 1, bottom: «null}
  - «
  - {type: c}
""".replace(": «\n", ": «~\n")
        .replace(": «}", ": «~}")
        .replace(": «,", ": «~,")
        .replace("  - «\n", "  - «~\n"),
        ("wrong-type", "`doc` has no value"),
        ("wrong-type", "`a` has no value"),
        ("wrong-type", "`v` has no value", "`{}` has no fields"),
        ("wrong-type", "`b` has no value"),
        ("wrong-type", "`x` has no value"),
        ("wrong-type", "`name` has no value"),
        ("wrong-type", "`bottom` has no value"),
        ("wrong-type", "this has no value"),
    )


def test_entries() -> None:
    check(
        IMAGE
        + """layers:
  - «ReLU
  - {name: «a}
  - {«typ: ReLU}
  - {type: ReLU, «layers: [{type: ReLU}]}
  - {name: «[a], type: ReLU, top: «5, phase: «TRIAN, index: «$i, repeat: 2}
  - {layers: «{}}
  - {reuse: a, «scope: false}
""",
        ("wrong-type", "an item of `layers` should be a mapping, not 'ReLU'", "`{type: ReLU}`"),
        ("missing-field", "an entry needs `type`, `layers` or `reuse`"),
        ("missing-field", "an entry needs `type`, `layers` or `reuse`", "did you mean `type`?"),
        ("field-conflict", "one of `type`, `layers` and `reuse`, not `type` and `layers`"),
        ("wrong-type", "`name` should be text or an integer, not a list"),
        ("wrong-type", "`top` should be text or a list, not 5"),
        ("bad-value", "`phase` should be 'TRAIN' or 'TEST', not 'TRIAN'"),
        ("bad-value", "`index` can't be an expression"),
        ("wrong-type", "`layers` should be a list, not a mapping"),
        ("unknown-field", "`scope`"),
    )


def test_groups_and_blocks_without_layers() -> None:
    check(
        IMAGE + "blocks: {«b: {layers: []}}\nlayers: [{layers: «[]}, {type: b}]\n",
        ("bad-value", "block `b` has no layers"),
        ("bad-value", "`layers` lists no layer"),
    )
    check(IMAGE + "layers: «[]\n", ("bad-value", "`layers` lists no layer"))


@pytest.mark.parametrize(
    "entry",
    [
        "{type: Convolution, num_output: «$(min(8, 4)), kernel_size: 1}",
        "{type: Convolution, num_output: «$(max(1, min(8, 4), 2)), kernel_size: 1}",
        "{type: Convolution, num_output: 4, kernel_size: [«$(min(1, 2)), 1]}",
        "{type: Convolution, num_output: 4, kernel_size: 1, weight_filler: {std: «$(min(1, 2))}}",
        "{type: Convolution, kernel_size: 1, num_output: $(a«[0])}",
        "{type: Convolution, kernel_size: 1, num_output: «$(max(3, 4)), when: $(3 > 1)}",
    ],
)
def test_an_expression_that_flow_style_cuts(entry: str) -> None:
    check(
        IMAGE + f"layers:\n  - {entry}\n  - {{type: ReLU}}\n",
        ("unquoted-expression", "", 'quote the expression: "$(…)"'),
    )


def test_flow_style_cuts_vars_args_and_variants_too() -> None:
    check(
        IMAGE
        + """vars: {a: «$(min(8, 4))}
blocks: {b: {args: {n: «$(max(1, 2)), m: 3}, layers: [{type: ReLU, when: $(n > m)}]}}
layers: [{type: b, when: $(a > 1)}]
""",
        ("unquoted-expression",),
        ("unquoted-expression",),
    )


@pytest.mark.parametrize(
    ("value", "message", "help"),
    [
        ("«$a.b", "`$a` ends before `.`", "write `$(a.b)`"),
        ("«$a[0]", "`$a` ends before `[`", "write `$(a[0])`"),
        ("$(a «& b)", "`&` has no meaning in an expression", ""),
        ("$(a +«)", "expected a value, but found the end", ""),
        ("$(«eval(a))", "there is no function `eval`", "the functions are min, max"),
        ("«$", "`$` must be followed by a name or `(`", "`$$` is a dollar"),
    ],
)
def test_expressions_that_cannot_be_read(value: str, message: str, help: str) -> None:
    check(
        IMAGE + f"layers:\n  - type: Convolution\n    num_output: {value}\n    kernel_size: 1\n",
        ("expression-syntax", message, help),
    )


def test_doc_source_and_name_are_never_expanded() -> None:
    net = good(
        "netspec: 1\nname: Net\ndoc: costs $5\nsource: a $paper\ninputs: {x: [N, 3]}\n"
        "layers: [{type: ReLU, doc: $(x}]\n"
    )
    assert (net.doc, net.source, net.nodes[0].doc) == ("costs $5", "a $paper", "$(x")


def test_keys_that_are_merged_in_from_elsewhere() -> None:
    """What a merge brings in is no place for an entry's mistakes."""
    check(
        IMAGE
        + """layers:
  - {name: a, <<: &c {type: Convolution, num_output: 3, kernel_size: 1}}
  - {name: b, <<: *c}
  - {name: c, <<: *c}
  - {name: «d, <<: *c, bottom: data}
  - {name: e, <<: *c, bottom: c}
""",
        ("unused-layer", "nothing reads what `d` gives"),
    )


def test_one_entry_standing_twice_by_an_alias_is_two_entries() -> None:
    net = good(IMAGE + "layers: [&r {type: ReLU}, *r, *r]\n")
    assert len(net) == 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (IMAGE + "layers: «$([1, 2])\n", "layers"),
        (HEAD + "inputs: «$(['N', 3])\nlayers: [{type: ReLU}]\n", "inputs"),
        (IMAGE + "vars: «$x\nlayers: [{type: ReLU}]\n", "vars"),
        (IMAGE + "variants: «$x\nlayers: [{type: ReLU}]\n", "variants"),
        (IMAGE + "blocks: «$x\nlayers: [{type: ReLU}]\n", "blocks"),
        (IMAGE + "layers: [{type: ReLU}, {name: g, layers: «$x}]\n", "layers"),
        (IMAGE + "layers: [{type: ReLU, repeat: 2, first: «$x}]\n", "first"),
        (IMAGE + "blocks: {b: {layers: «$x}}\nlayers: [{type: b}]\n", "layers"),
        (
            IMAGE + "blocks: {b: {args: «$x, layers: [{type: ReLU}]}}\nlayers: [{type: b}]\n",
            "args",
        ),
        (
            IMAGE + "blocks: {b: {inputs: «$x, layers: [{type: ReLU}]}}\nlayers: [{type: b}]\n",
            "inputs",
        ),
    ],
)
def test_an_expression_where_a_structure_belongs(text: str, name: str) -> None:
    """What `check` says is what every other command says."""
    check(text, ("bad-value", f"`{name}` can't be an expression"))
    with pytest.raises(SpecError) as caught:
        loads(text.replace("«", ""))
    assert [each.message for each in caught.value.diagnostics] == [
        f"`{name}` can't be an expression"
    ]


def test_what_may_be_an_expression() -> None:
    good(
        HEAD
        + """inputs: {data: $shape}
vars: {shape: [N, 3, 8, 8], both: [a, b]}
layers:
  - {name: a, type: ReLU}
  - {name: b, type: ReLU}
  - {name: sum, type: Eltwise, bottom: $both}
outputs: "$(['a', 'sum'])"
"""
    )
