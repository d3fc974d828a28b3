"""What blocks compute and decide, in the cases that have once gone wrong."""

import inspect

import pytest

import netspec
from netspec.lower.torch import to_source, to_torch
from tests.lower.torch.checks import checked_source
from tests.random.test_translated import check, check_values

CONV = "type: Convolution, kernel_size: 1"


def spec(vars: str, layers: str, blocks: str = "") -> str:
    blocks = f"blocks:\n{blocks}\n" if blocks else ""
    return (
        "netspec: 1\nname: Net\nallow: [unused-layer, unused-block, unused-arg, unused-var]\n"
        f"inputs: {{data: [N, 4, 4, 4]}}\nvars: {vars}\n{blocks}layers:\n{layers}\n"
    )


def checked(text: str) -> set[str]:
    """The parameters of the constructor, which does what the spec says for all of their values."""
    graph = netspec.loads(text)
    checked_source(graph)
    check(graph)
    check_values(graph, text)
    return set(inspect.signature(type(to_torch(graph, init=False))).parameters)


def test_the_default_of_an_arg_reads_what_stands_above_it() -> None:
    """There `v` is the var, whatever the arg of that name is."""
    block = f"""
  unit:
    args: {{k: $(v + 1), v: "$(input.channels + v)"}}
    layers:
      - {{name: a, {CONV}, num_output: $(v + k)}}
"""
    layers = "  - {name: a, type: unit}\n  - {name: b, type: unit, v: 3}\n  - {type: unit, k: $w}"
    assert checked(spec("{v: 2, w: 3}", layers, block)) == {"v", "w"}


def test_a_condition_that_does_not_tell_who_has_a_step() -> None:
    """How many there are hangs on the count of the repeat."""
    block = f"""
  unit:
    args: {{n: 2}}
    layers:
      - {{name: a, {CONV}, num_output: 4}}
      - {{name: s, type: Sigmoid, repeat: $n, when: $(i > 0)}}
      - {{name: sum, type: Eltwise, bottom: [s, input]}}
"""
    layers = "\n".join(f"  - {{type: unit, n: {n}}}" for n in (2, 3, 4))
    checked(spec("{v: 2}", layers, block))


def test_a_member_that_is_one_of_two_tells_nothing() -> None:
    block = f"""
  unit:
    args: {{c: 2}}
    layers:
      - {{name: e, type: BatchNorm, when: $(c > 4)}}
      - {{name: e, {CONV}, num_output: 4, when: $(not c > 4)}}
      - {{type: Sigmoid, when: $(c > 4)}}
      - {{name: last, {CONV}, num_output: $c}}
"""
    layers = "\n".join(f"  - {{type: unit, c: {c}}}" for c in (6, 3, 4))
    checked(spec("{v: 2}", layers, block))


def test_a_block_in_which_nothing_stands_decides_too() -> None:
    block = f"""
  unit:
    layers:
      - {{name: a, {CONV}, num_output: $w, when: $(input.channels != 3)}}
"""
    layers = "  - {type: unit}\n  - {type: unit}"
    assert checked(spec("{w: 3}", layers, block)) == set()


@pytest.mark.parametrize(
    "layers",
    [
        # Elements that the class above calls one by one.
        f"  - {{name: r, {CONV}, num_output: 4, repeat: $v, bottom: data}}\n"
        "  - {name: s, type: Eltwise, bottom: r.*}",
        # The sum behind the loop counts the turns.
        "  - {name: r, type: grow, repeat: $v}",
        # Turns within turns.
        "  - {scope: false, repeat: 2, layers: "
        f'[{{{CONV}, num_output: 4, index: j, repeat: "$(min(v, 3))"}}]}}',
        # Some turns are left out.
        f"  - {{name: r, {CONV}, num_output: $(w + i), repeat: $v, when: $(i != 1)}}",
        f"  - {{name: r, {CONV}, num_output: 4, repeat: $v, when: $(i < 7)}}",
    ],
)
def test_a_count_stays_open_only_where_the_code_follows_it(layers: str) -> None:
    """A layer that reads the count by itself makes it a parameter, if it's open."""
    block = f"""
  grow:
    layers:
      - {{name: a, {CONV}, num_output: 3}}
      - {{name: cat, type: Concat, bottom: [a, input]}}
"""
    last = f"\n  - {{name: last, {CONV}, num_output: $v}}"
    assert "v" not in checked(spec("{v: 5, w: 2}", layers + last, block))


@pytest.mark.parametrize(
    "turn",
    [
        # It gives other channels than it reads: as many as a var says, an arg, or a number.
        f"{CONV}, num_output: $w",
        f"{CONV}, num_output: $(2 * w + 1)",
        f"{CONV}, num_output: $k",
        f"{CONV}, num_output: $(i + 7)",
        "type: InnerProduct, num_output: 5",
        f"layers: [{{{CONV}, num_output: 4}}, {{{CONV}, num_output: 5}}]",
        f"layers: [{{index: j, {CONV}, num_output: 5, repeat: $v}}]",
        # It gives what it reads, but each turn reads the block's own input.
        f"name: a, {CONV}, num_output: $(input.channels), bottom: input",
        f"layers: [{{type: Sigmoid}}, {{{CONV}, num_output: $(input.channels), bottom: input}}]",
        "type: same, bottom: input",
    ],
)
def test_an_only_turn_does_not_show_what_more_would_be(turn: str) -> None:
    """Its count stays what it is; with two turns seen, the code is right whether or not it does."""
    block = f"""
  same:
    layers:
      - {{{CONV}, num_output: $(input.channels)}}
  unit:
    args: {{k: required}}
    layers:
      - {{{turn}, repeat: $v}}
"""
    layers = "  - {type: unit, k: $w}"
    assert "v" not in checked(spec("{v: 1, w: 3}", layers, block))
    checked(spec("{v: 2, w: 3}", layers, block))


def test_an_only_turn_sets_the_size_that_it_hands_on() -> None:
    """It has the class of several turns, which is right for each count that an instance has."""
    block = f"""
  unit:
    args: {{k: 3}}
    layers:
      - {{{CONV}, num_output: 5, repeat: $k}}
"""
    text = spec("{v: 1}", "  - {type: unit, k: 1}\n  - {type: unit}", block)
    checked(text)
    source = to_source(netspec.loads(text))
    assert source.count("class Unit") == 1
    assert "            width = 5\n" in source


def test_two_turns_show_what_more_are() -> None:
    block = f"""
  unit:
    layers:
      - {{{CONV}, num_output: $w, repeat: $v}}
"""
    assert checked(spec("{v: 2, w: 3}", "  - {type: unit}", block)) == {"v", "w"}


def test_a_repeat_under_a_condition() -> None:
    block = f"""
  unit:
    args: {{c: 3}}
    layers:
      - {{name: a, {CONV}, num_output: $c}}
      - {{scope: false, when: $(input.channels != c), layers: [{{name: b, {CONV}, num_output:
         "$(c + i)", repeat: $c}}]}}
"""
    checked(spec("{v: 3, w: 6}", "  - {type: unit, c: $v}\n  - {type: unit, c: $w}", block))


def test_the_elements_of_a_loop_keep_their_conditions() -> None:
    layers = f"""
  - {{name: s, repeat: 5, layers: [{{{CONV}, num_output: "$(w + i)"}},
     {{type: ReLU, when: $(i < 4)}}]}}
"""
    source = to_source(netspec.loads(spec("{w: 3}", layers)))
    assert "if i < 4:" in source
    assert checked(spec("{w: 3}", layers)) == {"w"}


def test_a_size_that_a_loop_sets_has_its_own_value() -> None:
    """What each turn hands on is none of the names of the loop."""
    block = f"""
  inner:
    args: {{c: 2}}
    layers:
      - {{name: a, {CONV}, num_output: $c}}
      - {{name: last, {CONV}, num_output: "$(sum(t))"}}
  outer:
    layers:
      - {{name: a.$i, type: inner, c: $(2 * previous.channels), repeat: 3}}
"""
    layers = "  - {type: outer}\n  - {type: inner}\n  - {type: outer}"
    checked(spec("{t: [1, 2, 3], v: 2}", layers, block))


def test_a_numbered_container_that_is_made_step_by_step() -> None:
    block = f"""
  unit:
    args: {{c: 3}}
    layers:
      - {{when: $(c > 2), layers: [{{{CONV}, num_output: $c}}, {{type: ReLU, when: $(c > 3)}}]}}
      - {{name: s, type: Concat, bottom: [input, previous], when: $(c > 2)}}
      - {{name: last, {CONV}, num_output: $c}}
"""
    layers = "\n".join(f"  - {{type: unit, c: {c}}}" for c in (4, 3, 5))
    checked(spec("{v: 2}", layers, block))


def test_a_table_hides_nothing() -> None:
    """`T` is a class, `F` a module of PyTorch's."""
    block = f"""
  t:
    args: {{a: 1}}
    layers:
      - {{name: x, {CONV}, num_output: "$(t[a])"}}
      - {{name: y, {CONV}, num_output: "$(f[a])"}}
      - {{type: ReLU, negative_slope: 0.5, when: "$(t[0] + f[0] > 2)"}}
"""
    layers = '  - {type: t, a: 1}\n  - {type: t, a: 2}\n  - {type: t, a: "$(t[0])"}'
    assert checked(spec("{t: [1, 2, 3], f: [2, 3, 4]}", layers, block)) == set()


def test_an_arg_that_is_called_like_a_module() -> None:
    block = f"""
  unit:
    args: {{math: 3}}
    layers:
      - {{name: a, {CONV}, num_output: "$(ceil(math / 2))"}}
"""
    layers = "  - {type: unit, math: $v}\n  - {type: unit, math: $w}"
    assert checked(spec("{v: 3, w: 2}", layers, block)) == {"v", "w"}


def test_several_reuses_of_a_block() -> None:
    """Each use of what is reused knows what becomes of its layers."""
    layers = """
  - {name: u0, type: first, k: 0}
  - {name: r1, reuse: u0, bottom: data}
  - {name: r2, reuse: u0, bottom: data}
"""
    blocks = """
  first:
    args: {k: 1}
    layers:
      - {type: Sigmoid, bottom: input}
      - {type: ReLU}
"""
    head = "netspec: 1\nname: Net\nallow: [unused-layer]\ninputs: {data: [N, 4, 4, 4]}\n"
    checked_source(netspec.loads(f"{head}blocks:{blocks}layers:{layers}"))


def test_a_factor_that_an_arg_gives_is_the_arg() -> None:
    """Not its `abs`, though a sum is written with the signs of its factors apart."""
    block = f"""
  unit:
    args: {{scale: required}}
    layers:
      - {{name: a, {CONV}, num_output: 4}}
      - {{name: sum, type: Eltwise, bottom: [a, input], coeff: [$scale, -0.5]}}
      - {{name: shifted, type: Power, shift: $scale}}
"""
    layers = "  - {name: a, type: unit, scale: 0.2}\n  - {name: b, type: unit, scale: 0.3}"
    source = checked_source(netspec.loads(spec("{}", layers, block)))
    assert "return (self.scale * out - 0.5 * x) + self.scale\n" in source
    assert "abs(" not in source


def test_a_loop_of_names_beside_a_layer_with_a_name() -> None:
    """A name with `-` is no attribute's: the class is a chain, whose layers have names."""
    block = """
  first:
    args: {k: 1}
    layers:
      - {name: a, type: ReLU}
      - {name: "l$(k - i)", type: ReLU, repeat: 2}
      - {name: "m$(k - i)", type: ReLU, repeat: 3}
"""
    layers = "  - {type: first, k: 0}\n  - {type: first, k: 0}"
    source = checked_source(netspec.loads(spec("{}", layers, block)))
    assert (
        """
        self.a = nn.ReLU()
        for i in range(2):
            self.add_module(f"l{k - i}", nn.ReLU())
        for i_2 in range(3):
            self.add_module(f"m{k - i_2}", nn.ReLU())
"""
        in source
    )
