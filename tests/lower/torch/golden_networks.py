"""Networks that people know: each block is a class, tables and repeats are loops."""

EFFICIENTNET = """
netspec: 1
name: EfficientNet
source: Tan and Le 2019, EfficientNet; Tan and Le 2021, EfficientNetV2
inputs: {data: [N, 3, $size, $size]}
vars:
  num_classes: 1000
  size: 224
  eps: 1e-5
  fraction: 0.9
  stem: 32
  dropout: 0.2
  survival: 0.2 # of the last block
  settings: # fused, expansion, kernel, stride, channels, blocks
    - [false, 1, 3, 1, 16, 1]
    - [false, 6, 3, 2, 24, 2]
    - [false, 6, 5, 2, 40, 2]
    - [false, 6, 3, 2, 80, 3]
    - [false, 6, 5, 1, 112, 3]
    - [false, 6, 5, 2, 192, 4]
    - [false, 6, 3, 1, 320, 1]
  head: 1280
variants:
  b0: {}
  v2_s:
    eps: 1e-3
    stem: 24
    size: 384
    settings:
      - [true, 1, 3, 1, 24, 2]
      - [true, 4, 3, 2, 48, 4]
      - [true, 4, 3, 2, 64, 4]
      - [false, 4, 3, 2, 128, 6]
      - [false, 6, 3, 1, 160, 9]
      - [false, 6, 3, 2, 256, 15]

blocks:
  conv_bn:
    args: {channels: required, kernel_size: 3, stride: 1, group: 1, act: true}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: $kernel_size, stride: $stride,
         pad: $(kernel_size // 2), group: $group, bias_term: false}
      - {type: BatchNorm, eps: $eps, moving_average_fraction: $fraction}
      - {type: Swish, when: $act}

  squeeze:
    args: {channels: required}
    layers:
      - {name: avgpool, type: Pooling, pool: AVE, output_size: 1}
      - {name: fc1, type: Convolution, num_output: $channels, kernel_size: 1}
      - {name: activation, type: Swish}
      - {name: fc2, type: Convolution, num_output: $(input.channels), kernel_size: 1}
      - {name: scale_activation, type: Sigmoid}
      - {name: scale, type: Scale, bottom: [input, scale_activation]}

  mbconv:
    args: {expansion: required, kernel_size: required, channels: required, stride: 1,
       drop: required,
           fused: false, hidden: $(expansion * input.channels)}
    layers:
      - name: block
        when: $(not fused)
        layers:
          - {type: conv_bn, channels: $hidden, kernel_size: 1, when: $(expansion != 1)}
          - {type: conv_bn, channels: $hidden, kernel_size: $kernel_size, stride: $stride,
             group: $hidden}
          - {type: squeeze, channels: "$(max(1, input.channels // 4))"}
          - {type: conv_bn, channels: $channels, kernel_size: 1, act: false}
      - name: block
        when: $fused
        layers:
          - {type: conv_bn, channels: $hidden, kernel_size: $kernel_size, stride: $stride,
             when: $(expansion != 1)}
          - {type: conv_bn, channels: $channels, kernel_size: 1, act: false,
             when: $(expansion != 1)}
          - {type: conv_bn, channels: $channels, kernel_size: $kernel_size, stride: $stride,
             when: $(expansion == 1)}
      - scope: false
        when: $(stride == 1 and input.channels == channels)
        layers:
          - {name: stochastic_depth, type: DropPath, drop_ratio: $drop}
          - {name: sum, type: Eltwise, bottom: [stochastic_depth, input]}

layers:
  - name: features
    layers:
      - {type: conv_bn, channels: $stem, stride: 2}
      - scope: false
        repeat: $(len(settings))
        index: s
        layers:
          - layers:
              - scope: false
                repeat: $(settings[s][5])
                layers:
                  - type: mbconv
                    fused: $(settings[s][0])
                    expansion: $(settings[s][1])
                    kernel_size: $(settings[s][2])
                    stride: $(settings[s][3] if i == 0 else 1)
                    channels: $(settings[s][4])
                    drop: $(survival * s / 7)
      - {type: conv_bn, channels: $head, kernel_size: 1}
  - {name: avgpool, type: Pooling, pool: AVE, output_size: 1}
  - {name: flatten, type: Flatten}
  - name: classifier
    layers:
      - {type: Dropout, dropout_ratio: $dropout}
      - {type: InnerProduct, num_output: $num_classes}
"""

REGNET = """
netspec: 1
name: RegNet
inputs: {data: [N, 3, 224, 224]}
vars:
  depths: [1, 3, 7, 5]
  widths: [32, 64, 160, 384]
  group_width: 16
  se_ratio: 0.25
  num_classes: 1000
blocks:
  conv_norm:
    args: {channels: required, kernel_size: 3, stride: 1, groups: 1}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: $kernel_size, stride: $stride,
         pad: $(kernel_size // 2), group: $groups, bias_term: false}
      - {type: BatchNorm}
  squeeze_excite:
    args: {squeeze: required}
    layers:
      - {name: avgpool, type: Pooling, pool: AVE, output_size: 1}
      - {name: fc1, type: Convolution, num_output: $squeeze, kernel_size: 1}
      - {name: relu, type: ReLU}
      - {name: fc2, type: Convolution, num_output: $(input.channels), kernel_size: 1}
      - {name: sigmoid, type: Sigmoid}
      - {name: scale, type: Scale, bottom: [input, sigmoid]}
  y_block:
    args: {width: required, stride: 1, group_width: required, se_ratio: required}
    layers:
      - {name: proj, type: conv_norm, bottom: input, channels: $width, kernel_size: 1,
         stride: $stride, when: $(stride != 1 or input.channels != width)}
      - {name: a, type: conv_norm, bottom: input, channels: $width, kernel_size: 1}
      - {name: relu_a, type: ReLU}
      - {name: b, type: conv_norm, channels: $width, stride: $stride,
         groups: $(width // group_width)}
      - {name: relu_b, type: ReLU}
      - {name: se, type: squeeze_excite, squeeze: $(round(se_ratio * input.channels))}
      - {name: c, type: conv_norm, channels: $width, kernel_size: 1}
      - {name: sum, type: Eltwise, bottom: [c, proj]}
      - {name: relu, type: ReLU}
layers:
  - name: stem
    layers:
      - {type: conv_norm, channels: 32, stride: 2}
      - {type: ReLU}
  - name: trunk
    layers:
      - scope: false
        repeat: $(len(depths))
        index: s
        layers:
          - {name: block$(s + 1), type: y_block, repeat: "$(depths[s])", width: "$(widths[s])",
             first: {stride: 2}, group_width: $group_width, se_ratio: $se_ratio}
  - {name: avgpool, type: Pooling, pool: AVE, output_size: 1}
  - {type: Flatten}
  - {name: fc, type: InnerProduct, num_output: $num_classes}
"""

RECURSIVE_U_NET = """
netspec: 1
name: UNet
inputs: {data: [N, 3, 64, 64]}
vars: {width: 16, depth: 3}
blocks:
  double:
    args: {channels: required}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: 3, pad: 1}
      - {type: ReLU}
      - {type: Convolution, num_output: $channels, kernel_size: 3, pad: 1}
      - {type: ReLU}
  level:
    args: {channels: required, depth: required}
    layers:
      - {name: encode, type: double, channels: $channels}
      - {name: pool, type: Pooling, kernel_size: 2, stride: 2, when: $(depth > 0)}
      - {name: inner, type: level, channels: $(2 * channels), depth: $(depth - 1),
         when: $(depth > 0)}
      - {name: up, type: Deconvolution, num_output: $channels, kernel_size: 2, stride: 2,
         when: $(depth > 0)}
      - {name: cat, type: Concat, bottom: [encode, up], when: $(depth > 0)}
      - {name: decode, type: double, channels: $channels, when: $(depth > 0)}
layers:
  - {name: net, type: level, channels: $width, depth: $depth}
  - {name: head, type: Convolution, num_output: 2, kernel_size: 1}
"""
