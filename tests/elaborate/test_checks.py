"""What can be said of a document as a whole."""

from tests.checking import IMAGE, check, good


def test_names_of_blocks_and_args() -> None:
    check(
        IMAGE
        + """blocks:
  «Convolution: {layers: [{type: ReLU}]}
  «1x1: {layers: [{type: ReLU}]}
  «class: {layers: [{type: ReLU}]}
  b: {args: {«bottom: 1, «a.b: 1, «input: 1, «min: 1}, layers: [{type: ReLU}]}
  c: {inputs: [x, «x, «a, «forward], args: {a: 1}, layers: [{type: ReLU}]}
vars: {«and: 1}
layers: [{type: ReLU}]
""",
        ("name-conflict", "`Convolution` is a built-in layer type"),
        ("bad-name", "a block's name is an identifier"),
        ("bad-name", "`class` is a keyword of Python"),
        ("name-conflict", "`bottom` is a key of every entry"),
        ("bad-name", "an arg's name is an identifier"),
        ("bad-name", "`input` has a meaning of its own"),
        ("bad-name", "`min` has a meaning of its own"),
        ("duplicate-name", "`x` is the name of another arg or input"),
        ("duplicate-name", "`a` is the name of another arg or input"),
        ("bad-name", "`forward` is an attribute of every PyTorch module"),
        ("bad-name", "`and` has a meaning of its own"),
    )


def test_blocks_that_contain_themselves() -> None:
    check(
        IMAGE
        + """blocks:
  a: {layers: [{type: b}]}
  b: {layers: [{layers: [{type: ReLU}, {type: «a, repeat: 2}]}]}
  c: {layers: [{type: «c}]}
layers: [{type: ReLU}]
""",
        ("block-cycle", "block `a` contains itself: a → b → a", "`when` that becomes false"),
        ("block-cycle", "block `c` contains itself: c → c"),
    )


def test_a_block_that_may_contain_itself() -> None:
    net = good(
        IMAGE
        + """blocks:
  tree:
    args: {depth: required}
    layers:
      - {name: l, type: tree, depth: $(depth - 1), when: $(depth > 0)}
      - {name: r, type: tree, depth: $(depth - 1), when: $(depth > 0), bottom: input}
      - {name: sum, type: Eltwise, bottom: [l, r], when: $(depth > 0)}
      - {name: leaf, type: ReLU, when: $(depth == 0)}
layers: [{name: t, type: tree, depth: 3}]
"""
    )
    assert len(net) == 8 + 7


def test_a_block_without_end() -> None:
    check(
        IMAGE
        + """blocks:
  b: {args: {n: 0}, layers: [{type: «b, n: $(n + 1), when: $(n >= 0)}]}
layers: [{type: b}]
""",
        ("too-deep", "nested more than 64 levels deep", "`when` that becomes false"),
    )
