"""Specs that several tests of the PyTorch back end compile."""

ALEXNET = """
netspec: 1
name: AlexNet
doc: The network that won ILSVRC 2012.
source: Krizhevsky et al. 2012
inputs: {data: [N, 3, 227, 227]}
layers:
  - {name: conv1, type: Convolution, num_output: 96, kernel_size: 11, stride: 4,
     weight_filler: {type: gaussian, std: 0.01}}
  - {name: relu1, type: ReLU}
  - {name: norm1, type: LRN, alpha: 0.0001, k: 2}
  - {name: pool1, type: Pooling, kernel_size: 3, stride: 2}
  - {name: conv2, type: Convolution, num_output: 256, kernel_size: 5, pad: 2, group: 2,
     weight_filler: {type: gaussian, std: 0.01}, bias_filler: {type: constant, value: 1}}
  - {name: relu2, type: ReLU}
  - {name: norm2, type: LRN, alpha: 0.0001, k: 2}
  - {name: pool2, type: Pooling, kernel_size: 3, stride: 2}
  - {name: conv3, type: Convolution, num_output: 384, kernel_size: 3, pad: 1,
     weight_filler: {type: gaussian, std: 0.01}}
  - {name: relu3, type: ReLU}
  - {name: conv4, type: Convolution, num_output: 384, kernel_size: 3, pad: 1, group: 2,
     weight_filler: {type: gaussian, std: 0.01}, bias_filler: {type: constant, value: 1}}
  - {name: relu4, type: ReLU}
  - {name: conv5, type: Convolution, num_output: 256, kernel_size: 3, pad: 1, group: 2,
     weight_filler: {type: gaussian, std: 0.01}, bias_filler: {type: constant, value: 1}}
  - {name: relu5, type: ReLU}
  - {name: pool5, type: Pooling, kernel_size: 3, stride: 2}
  - {name: fc6, type: InnerProduct, num_output: 4096,
     weight_filler: {type: gaussian, std: 0.005}, bias_filler: {type: constant, value: 1}}
  - {name: relu6, type: ReLU}
  - {name: drop6, type: Dropout}
  - {name: fc7, type: InnerProduct, num_output: 4096,
     weight_filler: {type: gaussian, std: 0.005}, bias_filler: {type: constant, value: 1}}
  - {name: relu7, type: ReLU}
  - {name: drop7, type: Dropout}
  - {name: fc8, type: InnerProduct, num_output: 1000, weight_filler: {type: gaussian, std: 0.01}}
  - {name: prob, type: Softmax}
"""

RESIDUAL = """
netspec: 1
name: SmallResNet
doc: A residual network for small images.
source: He et al. 2015
inputs: {data: [N, 3, 16, 16]}
blocks:
  projection:
    args: {channels: required, stride: 1}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: 1, stride: $stride,
         bias_term: false}
      - {type: BatchNorm}
  basic:
    args: {planes: required, stride: 1}
    layers:
      - {name: conv1, type: Convolution, num_output: $planes, kernel_size: 3, pad: 1,
         stride: $stride, bias_term: false}
      - {name: bn1, type: BatchNorm}
      - {name: relu1, type: ReLU}
      - {name: conv2, type: Convolution, num_output: $planes, kernel_size: 3, pad: 1,
         bias_term: false}
      - {name: bn2, type: BatchNorm}
      - {name: downsample, type: projection, bottom: input, channels: $planes, stride: $stride,
         when: $(stride != 1 or input.channels != planes)}
      - {name: sum, type: Eltwise, bottom: [bn2, downsample]}
      - {name: relu2, type: ReLU}
layers:
  - {name: conv1, type: Convolution, num_output: 4, kernel_size: 3, pad: 1, bias_term: false}
  - {name: bn1, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: layer1, type: basic, repeat: 3, planes: 4}
  - {name: layer2, type: basic, repeat: 4, planes: 8, first: {stride: 2}}
  - {name: avgpool, type: Pooling, pool: AVE, global_pooling: true}
  - {type: Flatten}
  - {name: fc, type: InnerProduct, num_output: 10}
"""

INCEPTION = """
netspec: 1
name: TinyInception
doc: Branches that are joined, and a head for training.
inputs: {data: [N, 3, 32, 32]}
blocks:
  conv:
    args: {channels: required, kernel: 1, pad: 0}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: $kernel, pad: $pad}
      - {name: relu, type: ReLU}
  inception:
    args: {a: required, b: required, c: required, d: required}
    layers:
      - {name: branch1, type: conv, channels: $a, bottom: input}
      - {name: reduce, type: conv, channels: $b, bottom: input}
      - {name: branch2, type: conv, channels: $c, kernel: 3, pad: 1}
      - {name: pool, type: Pooling, kernel_size: 3, pad: 1, bottom: input}
      - {name: branch3, type: conv, channels: $d}
      - {name: concat, type: Concat, bottom: [branch1, branch2, branch3]}
layers:
  - {name: stem, type: conv, channels: 8, kernel: 3, pad: 1}
  - {name: inception1, type: inception, a: 4, b: 6, c: 8, d: 4}
  - {name: inception2, type: inception, a: 8, b: 6, c: 8, d: 2}
  - name: aux
    phase: TRAIN
    layers:
      - {name: pool, type: Pooling, pool: AVE, output_size: 2}
      - {name: fc, type: InnerProduct, num_output: 10}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true, bottom: inception2}
  - {name: fc, type: InnerProduct, num_output: 10}
outputs: [fc, aux]
"""

EVERY_WEIGHT = """
netspec: 1
name: Every
doc: Each layer that holds something, and each way to fill it.
inputs: {data: [N, 4, 8, 8]}
blocks:
  block:
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, pad: 1, bias_term: false}
      - {name: bn, type: BatchNorm}
      - {name: gamma, type: Parameter, shape: [4], filler: {type: constant, value: 0.1}}
      - {name: scaled, type: Scale, bottom: [bn, gamma], axis: 1}
layers:
  - {name: twin_a, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w}]}
  - {name: twin_b, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w}]}
  - {name: blocks, type: block, repeat: 2}
  - {name: drawn, type: Parameter, shape: [4], filler: {type: gaussian, std: 0.2}}
  - {name: given, type: Constant, value: [1, 2, 3, 4]}
  - {type: Scale, bottom: [blocks, drawn], axis: 1, bias_term: true}
  - {type: Bias, bottom: [previous, given], axis: 1}
  - {type: BatchNorm, use_global_stats: true}
  - {type: BatchNorm, affine: false}
  - {type: BatchNorm, use_global_stats: true, affine: false}
  - {type: Scale, bias_term: true}
  - {type: Scale, filler: {type: constant, value: 0.5}}
  - {type: Scale, filler: {type: uniform, min: 0.5, max: 2}}
  - {type: Bias}
  - {type: GroupNorm, group: 2}
  - {type: InstanceNorm, affine: true}
  - {type: LayerNorm}
  - {type: LayerNorm, axis: [1, 2, 3]}
  - {type: RMSNorm, axis: 1}
  - {type: Normalize, scale_filler: {type: constant, value: 20}}
  - {type: PReLU}
  - {type: PReLU, filler: {type: uniform, min: 0.1, max: 0.2}}
  - {type: LocallyConnected, num_output: 4, kernel_size: 1}
  - {name: up, type: Deconvolution, num_output: 4, group: 4, kernel_size: 4, stride: 2, pad: 1,
     weight_filler: {type: bilinear}, bias_term: false}
  - {type: Convolution, num_output: 4, kernel_size: 1, weight_filler: {type: positive_unitball}}
  - {type: Convolution, num_output: 4, kernel_size: 1, weight_filler: {type: xavier},
     bias_filler: {type: gaussian}, param: [{lr_mult: 0}, {lr_mult: 0}]}
  - {name: dense, type: InnerProduct, num_output: 6, transpose: true}
  - {type: InnerProduct, num_output: 6, weight_filler: {type: uniform}}
  - {type: Reshape, shape: [0, 3, 2]}
  - {name: tokens, type: RMSNorm}
  - {type: MultiHeadAttention, heads: 2}
  - {type: MultiHeadAttention, heads: 1, causal: true, bias_term: false,
     weight_filler: {type: xavier, variance_norm: AVERAGE}}
  - {type: DropConnect, num_output: 6}
  - {type: DropConnect, num_output: 6, transpose: true}
  - {type: Reshape, shape: [0, 2, 3]}
  - {name: lstm, type: LSTM, num_output: 3, num_layers: 2}
  - {type: GRU, num_output: 3, bidirectional: true, weight_filler: {type: xavier}}
  - {type: RNN, num_output: 3, bias_filler: {type: constant, value: 0}}
  - {type: LSTM, num_output: 3, weight_filler: {type: gaussian}}
  - {name: places, type: ArgMax, axis: 2}
  - {name: places_embed, type: Embed, input_dim: 3, num_output: 2}
  - {type: Embed, input_dim: 3, num_output: 2, bottom: places, bias_term: false}
  - {type: Eltwise, bottom: [places_embed, previous]}
"""
