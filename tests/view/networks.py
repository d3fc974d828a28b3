"""Small networks that are drawn."""

from tests.checking import HEAD, IMAGE

RESIDUAL = """\
netspec: 1
name: Residual
inputs: {data: [N, 16, 32, 32]}
blocks:
  basic:
    args: {channels: required, stride: 1}
    layers:
      - {name: conv1, type: Convolution, num_output: $channels, kernel_size: 3, pad: 1,
         stride: $stride, bias_term: false}
      - {name: bn1, type: BatchNorm}
      - {name: relu1, type: ReLU}
      - {name: conv2, type: Convolution, num_output: $channels, kernel_size: 3, pad: 1,
         bias_term: false}
      - {name: bn2, type: BatchNorm}
      - {name: shortcut, type: Convolution, bottom: input, num_output: $channels, kernel_size: 1,
         stride: $stride, when: $(stride != 1 or input.channels != channels)}
      - {name: sum, type: Eltwise, bottom: [bn2, shortcut]}
      - {name: relu2, type: ReLU}
layers:
  - {name: layer1, type: basic, repeat: 2, channels: 16}
  - {name: layer2, type: basic, repeat: 4, channels: 32, first: {stride: 2}}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 10}
"""

BRANCHES = (
    IMAGE
    + """\
blocks:
  fire:
    layers:
      - {name: squeeze, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: left, type: Convolution, bottom: squeeze, num_output: 8, kernel_size: 1}
      - {name: right, type: Convolution, bottom: squeeze, num_output: 8, kernel_size: 3, pad: 1}
      - {name: concat, type: Concat, bottom: [left, right]}
layers:
  - {name: fire, type: fire}
"""
)

PHASES = (
    HEAD
    + """\
inputs:
  data: [N, 8]
  label: {shape: [N], dtype: int64, phase: TRAIN}
layers:
  - {name: fc, type: InnerProduct, num_output: 4}
  - name: head
    phase: TRAIN
    layers:
      - {name: wide, type: InnerProduct, num_output: 9}
      - {name: narrow, type: InnerProduct, num_output: 4}
  - {name: loss, type: SoftmaxWithLoss, bottom: [head, label], phase: TRAIN}
outputs: [fc]
"""
)

TWO_ENDS = (
    IMAGE
    + """\
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: one, type: ReLU, bottom: conv}
  - {name: other, type: Pooling, bottom: conv, pool: MAX, kernel_size: 2}
outputs: [one, other]
"""
)

NETWORKS = {
    "residual": RESIDUAL,
    "branches": BRANCHES,
    "phases": PHASES,
    "two_ends": TWO_ENDS,
}
