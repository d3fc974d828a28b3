"""Earlier forms of networks in today's.

The expected texts are what Caffe's own tools (`upgrade_net_proto_text`) write for such networks.
"""

import pytest

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.importers.caffe.check import check
from netspec.importers.caffe.messages import enum_type
from netspec.importers.caffe.reading import read_network
from netspec.importers.caffe.records import Plain
from netspec.importers.caffe.text import Message, parse
from netspec.importers.caffe.upgrade import upgrade


def upgraded(text: str) -> Message:
    diagnostics = Diagnostics()
    tree = parse(SourceText("x", text), diagnostics)
    read_network(tree, diagnostics)  # which finds what is wrong with it
    return upgrade(tree, Diagnostics())


def plain(net: Message) -> Plain:
    diagnostics = Diagnostics()
    found = check(net, "NetParameter", diagnostics).plain()
    diagnostics.raise_errors()
    return found


def same(old: str, today: str) -> None:
    assert plain(upgraded(old)) == plain(parse(SourceText("y", today), Diagnostics()))


def test_todays_form_stays() -> None:
    text = """
        name: 'net' input: 'x' input_dim: [1, 3, 8, 8]
        layer { name: 'a' type: 'ReLU' bottom: 'x' top: 'x' param { lr_mult: 0 } }
    """
    same(text, text)


def test_v1() -> None:
    same(
        """
        name: 'net' input: 'x' input_dim: [1, 3, 8, 8]
        layers {
          bottom: 'x' top: 'c' name: 'c' type: CONVOLUTION blobs_lr: 1 blobs_lr: 2
          weight_decay: 1 weight_decay: 0 param: 'w' blob_share_mode: PERMISSIVE
          convolution_param { num_output: 8 kernel_size: 3 weight_filler { type: 'xavier' } }
          include { phase: TRAIN }
        }
        layers {
          name: 'fc' type: 14 bottom: 'c' top: 'fc' weight_decay: .5 loss_weight: 1
          inner_product_param { num_output: 2 }
        }
        """,
        """
        name: 'net' input: 'x' input_dim: [1, 3, 8, 8]
        layer {
          name: 'c' type: 'Convolution' bottom: 'x' top: 'c'
          param { name: 'w' share_mode: PERMISSIVE lr_mult: 1 decay_mult: 1 }
          param { lr_mult: 2 decay_mult: 0 }
          convolution_param { num_output: 8 kernel_size: 3 weight_filler { type: 'xavier' } }
          include { phase: TRAIN }
        }
        layer {
          name: 'fc' type: 'InnerProduct' bottom: 'c' top: 'fc' param { decay_mult: .5 }
          loss_weight: 1 inner_product_param { num_output: 2 }
        }
        """,
    )


def test_v1s_types_are_words_of_their_own() -> None:
    named = {"TANH": "TanH", "LRN": "LRN", "SOFTMAX_LOSS": "SoftmaxWithLoss", "IM2COL": "Im2col"}
    named |= {"HDF5_DATA": "HDF5Data", "ABSVAL": "AbsVal", "CONVOLUTION3D": "CONVOLUTION3D"}
    for word, name in named.items():
        same(f"layers {{ type: {word} }}", f"layer {{ type: '{name}' }}")
    for word, number in enum_type("LayerType").words.items():
        found = plain(upgraded(f"layers {{ type: {word} }}"))
        assert number is None or plain(upgraded(f"layers {{ type: {number} }}")) == found


def test_v1_had_what_is_done_to_data_with_their_source() -> None:
    same(
        """
        layers {
          type: DATA data_param { source: 's' batch_size: 8 scale: .5 crop_size: 7 mirror: true }
          transform_param { crop_size: 9 mean_value: 1 }
        }
        layers { type: IMAGE_DATA image_data_param { mean_file: 'm' new_height: 3 } }
        layers { type: WINDOW_DATA window_data_param { batch_size: 3 } }
        """,
        """
        layer {
          type: 'Data' data_param { source: 's' batch_size: 8 }
          transform_param { mean_value: 1 scale: .5 crop_size: 7 mirror: true }
        }
        layer {
          type: 'ImageData' image_data_param { new_height: 3 } transform_param { mean_file: 'm' }
        }
        layer { type: 'WindowData' window_data_param { batch_size: 3 } }
        """,
    )


V0 = """
    layers {
      layer {
        name: 'd' type: 'data' source: 's' meanfile: 'm' batchsize: 8 cropsize: 7 mirror: true
        scale: .5 rand_skip: 2
      }
      top: 'd' top: 'l'
    }
    layers {
      layer {
        name: 'i' type: 'images' source: 't' batchsize: 4 shuffle_images: true new_height: 5
        new_width: 6
      }
      top: 'i'
    }
    layers {
      layer {
        name: 'w' type: 'window_data' source: 't' det_fg_threshold: .1 det_bg_threshold: .2
        det_fg_fraction: .3 det_context_pad: 4 det_crop_mode: 'square'
      }
      top: 'w'
    }
    layers { layer { name: 'p' type: 'padding' pad: 2 } bottom: 'd' top: 'p' }
    layers {
      layer {
        name: 'c' type: 'conv' num_output: 8 kernelsize: 3 stride: 2 group: 2 biasterm: false
        weight_filler { type: 'xavier' } bias_filler { value: 1 } blobs_lr: [1, 2]
        weight_decay: [1, 0]
      }
      bottom: 'p' top: 'c'
    }
    layers { layer { name: 'q' type: 'padding' pad: 1 } bottom: 'c' top: 'q' }
    layers { layer { name: 'm' type: 'pool' pool: AVE kernelsize: 3 } bottom: 'q' top: 'm' }
    layers {
      layer { name: 'n' type: 'lrn' local_size: 3 alpha: .1 beta: .2 k: 2 } bottom: 'm' top: 'n'
    }
    layers { layer { name: 'k' type: 'concat' concat_dim: 2 } bottom: ['n', 'm'] top: 'k' }
    layers { layer { name: 'o' type: 'dropout' dropout_ratio: .4 } bottom: 'k' top: 'k' }
    layers { layer { name: 'f' type: 'innerproduct' num_output: 2 } bottom: 'k' top: 'f' }
    layers { layer { name: 'x' type: 'infogain_loss' source: 'h' } bottom: ['f', 'l'] }
    layers { layer { name: 'h' type: 'hdf5_output' hdf5_output_param { file_name: 'z' } } }
"""
AS_TODAY = """
    layer {
      name: 'd' type: 'Data' top: 'd' top: 'l' data_param { source: 's' batch_size: 8 rand_skip: 2 }
      transform_param { mean_file: 'm' crop_size: 7 mirror: true scale: .5 }
    }
    layer {
      name: 'i' type: 'ImageData' top: 'i'
      image_data_param { source: 't' batch_size: 4 shuffle: true new_height: 5 new_width: 6 }
    }
    layer {
      name: 'w' type: 'WindowData' top: 'w'
      window_data_param {
        source: 't' fg_threshold: .1 bg_threshold: .2 fg_fraction: .3 context_pad: 4
        crop_mode: 'square'
      }
    }
    layer {
      name: 'c' type: 'Convolution' bottom: 'd' top: 'c'
      param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
      convolution_param {
        num_output: 8 kernel_size: 3 stride: 2 group: 2 bias_term: false pad: 2
        weight_filler { type: 'xavier' } bias_filler { value: 1 }
      }
    }
    layer {
      name: 'm' type: 'Pooling' bottom: 'c' top: 'm'
      pooling_param { pool: AVE kernel_size: 3 pad: 1 }
    }
    layer {
      name: 'n' type: 'LRN' bottom: 'm' top: 'n'
      lrn_param { local_size: 3 alpha: .1 beta: .2 k: 2 }
    }
    layer { name: 'k' type: 'Concat' bottom: ['n', 'm'] top: 'k' concat_param { concat_dim: 2 } }
    layer { name: 'o' type: 'Dropout' bottom: 'k' top: 'k' dropout_param { dropout_ratio: .4 } }
    layer {
      name: 'f' type: 'InnerProduct' bottom: 'k' top: 'f' inner_product_param { num_output: 2 }
    }
    layer {
      name: 'x' type: 'InfogainLoss' bottom: ['f', 'l'] infogain_loss_param { source: 'h' }
    }
    layer { name: 'h' type: 'HDF5Output' hdf5_output_param { file_name: 'z' } }
"""


def test_v0() -> None:
    same(V0, AS_TODAY)


def test_batch_norms_three_params_are_of_the_past() -> None:
    three = "param { lr_mult: 0 } param { lr_mult: 0 } param { lr_mult: 0 }"
    same(f"layer {{ type: 'BatchNorm' {three} }}", "layer { type: 'BatchNorm' }")
    same(f"layer {{ type: 'Scale' {three} }}", f"layer {{ type: 'Scale' {three} }}")
    two = "layer { type: 'BatchNorm' param {} param {} }"
    same(two, two)


def test_what_is_made_stands_where_it_comes_from() -> None:
    (layer,) = upgraded("layers {\n  type: RELU\n  blobs_lr: 1\n}").fields
    assert isinstance(layer.value, Message)
    kind, param = layer.value.fields
    assert [str(kind.place.span), str(kind.value.place.span)] == ["x:2:3", "x:2:9"]
    assert [str(param.place.span), str(param.value.place.span)] == ["x:3:3", "x:3:13"]


def mistake(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        upgraded(text)
    (found,) = caught.value.diagnostics
    return f"{found.span}: {found.code}: {found.message}" + (
        f" ({found.help})" if found.help else ""
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "layer {}\nlayers {}",
            "x:2:1: field-conflict: a network has `layer` or, in an older form, `layers`, not both "
            "(the first `layer` is in line 1)",
        ),
        (
            "layers {}\nlayer {}",
            "x:2:1: field-conflict: a network has `layer` or, in an older form, `layers`, not both "
            "(the first `layers` is in line 1)",
        ),
        (
            "layers { layer { type: 'dropuot' } }",
            "x:1:24: unknown-type: no type of layer was called `dropuot` in this form "
            "(did you mean `dropout`?)",
        ),
        (
            "layers { layer { type: 'relu' num_output: 2 } }",
            "x:1:31: unknown-field: a layer of type `relu` has no `num_output`",
        ),
        (
            "layers { layer { type: 'relu' } }\nlayers { type: RELU }",
            "x:2:1: missing-field: this layer has no `layer` within, as others in this file do",
        ),
        (
            "layers { layer { type: 'padding' pad: 1 } bottom: 'x' top: 'y' }\n"
            "layers { layer { type: 'relu' } bottom: 'y' }",
            "x:2:41: bad-value: a layer of type `relu` can't pad as `y` asks it to",
        ),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    assert mistake(text) == message
