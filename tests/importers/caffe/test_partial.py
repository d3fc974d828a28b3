"""`--partial`: what is understood, and what isn't marked."""

from tests.importers.caffe.networks import DATA, complaint, one, spec, warnings

TEXT = (
    DATA
    + """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "lifted" type: "Lifting" bottom: "conv" top: "lifted" }
layer { name: "relu" type: "ReLU" bottom: "lifted" top: "lifted" }
layer { name: "fc" type: "InnerProduct" bottom: "lifted" top: "fc"
  inner_product_param { num_output: 2 } }
"""
)


def test_what_reads_what_nobody_knows_is_left_out_too() -> None:
    made = spec(TEXT, partial=True).text
    assert (
        "# Left out: `lifted` (Lifting, line 5): netspec has no layer `Lifting`.\n"
        "# Left out with it, as they read that: `relu` and `fc`. Given the shape of what it gives "
        "(`--input\n# NAME=SHAPE`), that is an input, and they stay.\n"
    ) in made
    assert made.endswith(
        "inputs:\n"
        "  data: [N, 3, 8, 8]\n"
        "layers:\n"
        "  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}\n"
    )


def test_given_its_shape_what_it_gives_is_an_input() -> None:
    made = spec(TEXT, partial=True, shapes={"lifted": ["N", 16]}).text
    assert "# What it gives, `lifted`, is an input here.\n" in made
    assert made.endswith(
        "inputs:\n"
        "  data: [N, 3, 8, 8]\n"
        "  lifted: [N, 16]\n"
        "layers:\n"
        "  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}\n"
        "  - {name: relu, type: ReLU, bottom: lifted}\n"
        "  - {name: fc, type: InnerProduct, num_output: 2}\n"
        "outputs: [conv, fc]\n"
    )


def test_it_is_warned_of() -> None:
    assert warnings(TEXT, partial=True).startswith(
        "warning[left-out]: netspec has no layer `Lifting`\n --> net.prototxt:5:30\n"
    )
    assert complaint(TEXT).startswith("error[unknown-type]: netspec has no layer `Lifting`\n")


def test_a_field_that_nobody_knows_is_passed_over() -> None:
    text = DATA + 'layer { name: "x" type: "ReLU" bottom: "data" top: "x" relu_param { leak: 1 } }'
    assert spec(text, partial=True).text.endswith("  - {name: x, type: ReLU}\n")
    assert warnings(text, partial=True).startswith(
        "warning[left-out]: no field of ReLUParameter is called `leak`\n"
    )


def test_what_its_bottoms_rule_out_is_left_out() -> None:
    """A layer whose fields are fine, and whose shapes aren't."""
    text = (
        'input: "data" input_shape { dim: 1 dim: 3 dim: 5 dim: 5 }\n'
        + one("Reorg", "reorg_param { stride: 2 }")
        + 'layer { name: "y" type: "AbsVal" bottom: "data" top: "y" }'
        + 'layer { name: "z" type: "ReLU" bottom: "x" top: "z" }'
    )
    said = "a Reorg of 2 needs channels that 4 divides, and a height and width that 2 does"
    assert complaint(text).startswith(f"error[not-importable]: {said}")
    made = spec(text, partial=True).text
    assert said in " ".join(made.replace("#", "").split())
    assert made.endswith("  - {name: y, type: AbsVal}\n")
    made = spec(text, partial=True, shapes={"x": ["N", 12, 2, 2]}).text
    assert made.endswith("  - {name: z, type: ReLU, bottom: x}\noutputs: [y, z]\n")
    assert warnings(text, partial=True).count("warning[left-out]") == 1
