"""Small networks of the kinds that people write, whose whole source is read by eye."""

LSTM = """
netspec: 1
name: TwoSteps
doc: Two steps of an LSTM, and what it then says.
source: Hochreiter and Schmidhuber 1997
inputs: {x0: [N, 6], x1: [N, 6], h: [N, 8], c: [N, 8]}
blocks:
  lstm_cell:
    inputs: [x, h, c]
    args: {hidden: required}
    outputs: [h_new, c_new]
    layers:
      - {name: input_gates, type: InnerProduct, num_output: $(4 * hidden), bottom: x}
      - {name: hidden_gates, type: InnerProduct, num_output: $(4 * hidden), bottom: h,
         bias_term: false}
      - {name: gates, type: Eltwise, bottom: [input_gates, hidden_gates]}
      - {name: split, type: Slice, top: [i, f, g, o]}
      - {name: input_gate, type: Sigmoid, bottom: i}
      - {name: forget_gate, type: Sigmoid, bottom: f}
      - {name: candidate, type: TanH, bottom: g}
      - {name: output_gate, type: Sigmoid, bottom: o}
      - {name: kept, type: Eltwise, operation: PROD, bottom: [forget_gate, c]}
      - {name: added, type: Eltwise, operation: PROD, bottom: [input_gate, candidate]}
      - {name: c_new, type: Eltwise, bottom: [kept, added]}
      - {name: squashed, type: TanH, bottom: c_new}
      - {name: h_new, type: Eltwise, operation: PROD, bottom: [output_gate, squashed]}
layers:
  - {name: cell0, type: lstm_cell, hidden: 8, bottom: [x0, h, c], top: [h0, c0]}
  - {name: cell1, reuse: cell0, bottom: [x1, h0, c0], top: [h1, c1]}
  - {name: fc, type: InnerProduct, num_output: 3, bottom: [h1]}
outputs: [fc, c1]
"""

SIAMESE = """
netspec: 1
name: Siamese
doc: Two images go through the same tower, and what it makes of them is compared.
source: Chopra et al. 2005
inputs: {left: [N, 1, 28, 28], right: [N, 1, 28, 28]}
blocks:
  tower:
    layers:
      - {name: conv1, type: Convolution, num_output: 20, kernel_size: 5}
      - {name: pool1, type: Pooling, kernel_size: 2, stride: 2}
      - {name: conv2, type: Convolution, num_output: 50, kernel_size: 5}
      - {name: pool2, type: Pooling, kernel_size: 2, stride: 2}
      - {name: fc1, type: InnerProduct, num_output: 500}
      - {name: relu1, type: ReLU}
      - {name: feat, type: InnerProduct, num_output: 2}
layers:
  - {name: tower, type: tower, bottom: left}
  - {name: tower_p, reuse: tower, bottom: right}
  - {name: difference, type: Eltwise, coeff: [1, -1], bottom: [tower, tower_p]}
  - {name: distance, type: Reduction, operation: SUMSQ, axis: 1}
outputs: [distance]
"""

TWO_INPUTS = """
netspec: 1
name: TwoInputs
doc: An image and the numbers that go with it.
inputs: {image: [N, 3, 32, 32], facts: [N, 10]}
layers:
  - {name: conv1, type: Convolution, num_output: 16, kernel_size: 3, pad: 1, bottom: image}
  - {name: relu1, type: ReLU}
  - {name: conv2, type: Convolution, num_output: 32, kernel_size: 3, pad: 1}
  - {name: relu2, type: ReLU}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: flat, type: Flatten}
  - {name: fc1, type: InnerProduct, num_output: 32, bottom: facts}
  - {name: relu3, type: ReLU}
  - {name: fc2, type: InnerProduct, num_output: 32}
  - {name: relu4, type: ReLU}
  - {name: both, type: Concat, bottom: [flat, relu4]}
  - {name: fc, type: InnerProduct, num_output: 5}
"""

DENSENET = """
netspec: 1
name: DenseNet
doc: Each layer reads all that those before it made.
source: Huang et al. 2017
inputs: {data: [N, 3, 32, 32]}
blocks:
  dense_layer:
    args: {growth: required}
    layers:
      - {name: norm1, type: BatchNorm}
      - {name: relu1, type: ReLU}
      - {name: conv1, type: Convolution, num_output: $(4 * growth), kernel_size: 1,
         bias_term: false}
      - {name: norm2, type: BatchNorm}
      - {name: relu2, type: ReLU}
      - {name: conv2, type: Convolution, num_output: $growth, kernel_size: 3, pad: 1,
         bias_term: false}
      - {name: concat, type: Concat, bottom: [input, conv2]}
  transition:
    args: {channels: required}
    layers:
      - {name: norm, type: BatchNorm}
      - {name: relu, type: ReLU}
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 1, bias_term: false}
      - {name: pool, type: Pooling, pool: AVE, kernel_size: 2, stride: 2}
layers:
  - {name: conv0, type: Convolution, num_output: 16, kernel_size: 3, pad: 1, bias_term: false}
  - name: denseblock1
    layers:
      - {name: denselayer$i, type: dense_layer, growth: 8, repeat: 6}
  - {name: transition1, type: transition, channels: $(previous.channels // 2)}
  - name: denseblock2
    layers:
      - {name: denselayer$i, type: dense_layer, growth: 8, repeat: 6}
  - {name: norm5, type: BatchNorm}
  - {name: relu5, type: ReLU}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {type: Flatten}
  - {name: classifier, type: InnerProduct, num_output: 10}
"""

ENCODER = """
netspec: 1
name: Encoder
doc: Two layers of a transformer's encoder, whose tokens a matrix mixes instead of attention.
source: Dosovitskiy et al. 2021; Tolstikhin et al. 2021
inputs: {tokens: [N, 16, 24]}
blocks:
  mlp:
    args: {hidden: required, width: 24}
    layers:
      - {name: fc1, type: InnerProduct, num_output: $hidden, axis: -1}
      - {name: gelu, type: GELU}
      - {name: fc2, type: InnerProduct, num_output: $width, axis: -1}
  mixing:
    layers:
      - {name: turned, type: Permute, order: [0, 2, 1]}
      - {name: fc, type: InnerProduct, num_output: 16, axis: -1}
      - {name: back, type: Permute, order: [0, 2, 1]}
  layer:
    args: {hidden: required}
    layers:
      - {name: norm1, type: LayerNorm, axis: -1}
      - {name: mixing, type: mixing}
      - {name: sum1, type: Eltwise, bottom: [input, mixing]}
      - {name: norm2, type: LayerNorm, axis: -1}
      - {name: mlp, type: mlp, hidden: $hidden}
      - {name: sum2, type: Eltwise, bottom: [sum1, mlp]}
layers:
  - {name: layers, type: layer, hidden: 96, repeat: 2}
  - {name: norm, type: LayerNorm, axis: -1}
"""

TABLES = """
netspec: 1
name: Tables
inputs: {data: [N, 3, 32, 32]}
vars:
  widths: [16, 24, 24, 32, 32, 48, 48, 64, 64, 64]
  stages: # an arg's table for each
    - [3, [[1, RE], [4, RE], [4, HS]]]
    - [5, [[4, HS], [2, RE], [4, HS]]]
  rows:
    - {kernel_size: 3, pad: 1, num_output: 8}
    - {kernel_size: 5, pad: 2, num_output: 8}
    - {kernel_size: 1, pad: 0, num_output: 16}
    - {kernel_size: 3, pad: 1, num_output: 16}
    - {kernel_size: 5, pad: 2, num_output: 24}
    - {kernel_size: 1, pad: 0, num_output: 24}
    - {kernel_size: 3, pad: 1, num_output: 32}
blocks:
  expand:
    args: {kernel: required, ratio: required, nl: required}
    layers:
      - {type: Convolution, num_output: $(ratio * input.channels), kernel_size: $kernel,
         pad: $(kernel // 2)}
      - {type: ReLU, when: $(nl == "RE")}
      - {type: HardSwish, when: $(nl == "HS")}
      - {type: Convolution, num_output: $(input.channels), kernel_size: 1}
  stage:
    args: {kernel: required, rows: required}
    layers:
      - {type: expand, kernel: $kernel, ratio: $ratio, nl: $nl,
         repeat: {columns: [ratio, nl], rows: $rows}}
layers:
  - {name: stem, type: Convolution, repeat: $rows}
  - {name: body, type: Convolution, num_output: $item, kernel_size: 3, pad: 1, repeat: $widths}
  - {name: neck, type: Convolution, num_output: $item, kernel_size: 1,
     repeat: [48, 40, 36, 32, 28, 24, 20, 16]}
  - {name: stages, type: stage, kernel: $kernel, rows: $blocks,
     repeat: {columns: [kernel, blocks], rows: $stages}}
  - {name: down, type: Convolution, kernel_size: 3, pad: 1, num_output: $c, stride: $s,
     repeat: {columns: [c, s], rows: [
       [32, 1], [48, 2], [48, 1], [64, 1], [64, 2], [96, 1], [96, 1], [128, 1]]}}
"""

MASKED_ENCODER = """
netspec: 1
name: MaskedEncoder
doc: Transformer layers, each of which is told which tokens are there.
source: Devlin et al. 2018
inputs: {tokens: [N, 16, 32], mask: [N, 1, 1, 16]}
vars: {num_layers: 4}
blocks:
  layer:
    inputs: [x, mask]
    args: {heads: required}
    layers:
      - {name: query, type: InnerProduct, num_output: 32, axis: -1, bottom: x}
      - {name: key, type: InnerProduct, num_output: 32, axis: -1, bottom: x}
      - {name: value, type: InnerProduct, num_output: 32, axis: -1, bottom: x}
      - {name: attention, type: Attention, heads: $heads, bottom: [query, key, value, mask]}
      - {name: sum1, type: Eltwise, bottom: [attention, x]}
      - {name: norm1, type: LayerNorm, axis: -1}
      - {name: fc, type: InnerProduct, num_output: 32, axis: -1}
      - {name: gelu, type: GELU}
      - {name: sum2, type: Eltwise, bottom: [gelu, norm1]}
layers:
  - {name: layers, type: layer, heads: 4, repeat: $num_layers, bottom: [previous, mask],
     first: {bottom: [tokens, mask]}}
  - {name: norm, type: LayerNorm, axis: -1}
"""

WAVENET = """
netspec: 1
name: WaveNet
doc: Dilated convolutions of sound, all of which have a say in what comes out.
source: van den Oord et al. 2016, Figure 4
inputs: {sound: [N, 1, 4000]}
blocks:
  gated:
    args: {dilation: required}
    outputs: [residual, skip]
    layers:
      - {name: filter, type: Convolution, num_output: $(input.channels), kernel_size: 3,
         dilation: $dilation, pad: $dilation}
      - {name: tanh, type: TanH}
      - {name: gate, type: Convolution, num_output: $(input.channels), kernel_size: 3,
         dilation: $dilation, pad: $dilation, bottom: input}
      - {name: sigmoid, type: Sigmoid}
      - {name: gated, type: Eltwise, operation: PROD, bottom: [tanh, sigmoid]}
      - {name: dense, type: Convolution, num_output: $(input.channels), kernel_size: 1}
      - {name: residual, type: Eltwise, bottom: [dense, input]}
      - {name: skip, type: Convolution, num_output: 64, kernel_size: 1, bottom: gated}
layers:
  - {name: causal, type: Convolution, num_output: 32, kernel_size: 3, pad: 1}
  - {name: layers, type: gated, dilation: $(2 ** i), repeat: 5, bottom: layers.$(i - 1).residual,
     first: {bottom: causal}}
  - {name: skips, type: Eltwise, bottom: layers.*.skip}
  - {name: relu, type: ReLU}
  - {name: out, type: Convolution, num_output: 256, kernel_size: 1}
"""

PYRAMID = """
netspec: 1
name: Pyramid
doc: What a network sees at four sizes, told from the smallest to the largest.
source: Lin et al. 2017, Figure 3
inputs: {data: [N, 3, 64, 64]}
blocks:
  stage:
    args: {channels: required}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 3, pad: 1, stride: 2}
      - {name: relu, type: ReLU}
  merge:
    inputs: [coarse, fine]
    layers:
      - {name: up, type: Upsample, scale: 2, bottom: coarse}
      - {name: sum, type: Eltwise, bottom: [up, fine]}
      - {name: conv, type: Convolution, num_output: 16, kernel_size: 3, pad: 1}
layers:
  - {name: stages, type: stage, channels: $(16 * 2 ** i), repeat: 4}
  - {name: inner, type: Convolution, num_output: 16, kernel_size: 1, bottom: stages.$i, repeat: 4}
  - {name: top_down, type: merge, bottom: [previous, inner.$(2 - i)], repeat: 3}
  - {name: pools, type: Pooling, pool: AVE, output_size: 4, bottom: top_down.$i, repeat: 3}
  - {name: levels, type: Concat, bottom: pools.*}
"""
