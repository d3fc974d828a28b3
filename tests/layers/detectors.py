"""Small detectors: in one look, as SSD, and in two, as Faster R-CNN."""

SSD = """
inputs: {data: [N, 3, 96, 96]}
vars: {num_classes: 5}
blocks:
  head:
    args: {min_size: required, max_size: required, boxes: 4}
    inputs: [map, image]
    outputs: [loc, conf, priors]
    layers:
      - {name: loc_conv, type: Convolution, num_output: $(4 * boxes), kernel_size: 3, pad: 1}
      - {name: loc_last, type: Permute, order: [0, 2, 3, 1]}
      - {name: loc, type: Flatten}
      - {name: conf_conv, type: Convolution, bottom: map, num_output: $(num_classes * boxes),
         kernel_size: 3, pad: 1}
      - {name: conf_last, type: Permute, order: [0, 2, 3, 1]}
      - {name: conf, type: Flatten}
      - {name: priors, type: PriorBox, bottom: [map, image], min_size: $min_size,
         max_size: $max_size, aspect_ratio: 2}
layers:
  - {name: conv1, type: Convolution, num_output: 16, kernel_size: 3, stride: 8, pad: 1}
  - {name: relu1, type: ReLU}
  - {name: conv2, type: Convolution, num_output: 16, kernel_size: 3, stride: 2, pad: 1}
  - {name: relu2, type: ReLU}
  - {name: head1, type: head, bottom: [relu1, data], min_size: 20, max_size: 40,
     top: [loc1, conf1, priors1]}
  - {name: head2, type: head, bottom: [relu2, data], min_size: 40, max_size: 80,
     top: [loc2, conf2, priors2]}
  - {name: locs, type: Concat, bottom: [loc1, loc2]}
  - {name: confs, type: Concat, bottom: [conf1, conf2]}
  - {name: priors, type: Concat, axis: 2, bottom: [priors1, priors2]}
  - {name: scores, type: Reshape, bottom: confs, shape: [0, -1, $num_classes]}
  - {name: softmax, type: Softmax, axis: 2}
  - {name: found, type: DetectionOutput, bottom: [locs, softmax, priors], num_classes: $num_classes,
     code_type: CENTER_SIZE, nms_threshold: 0.45, top_k: 400, keep_top_k: 200,
     confidence_threshold: 0.01}
"""

FASTER_RCNN = """
inputs: {data: [1, 3, 96, 128], im_info: [1, 3]}
layers:
  - {name: conv, type: Convolution, bottom: data, num_output: 16, kernel_size: 3, stride: 16,
     pad: 1}
  - {name: relu, type: ReLU}
  - {name: rpn, type: Convolution, num_output: 16, kernel_size: 3, pad: 1}
  - {name: rpn_relu, type: ReLU}
  - {name: score, type: Convolution, num_output: 6, kernel_size: 1}
  - {name: pairs, type: Reshape, shape: [0, 2, 18, 8]}
  - {name: softmax, type: Softmax}
  - {name: cls_prob, type: Reshape, shape: [0, 6, 6, 8]}
  - {name: bbox_pred, type: Convolution, bottom: rpn_relu, num_output: 12, kernel_size: 1}
  - {name: rois, type: Proposal, bottom: [cls_prob, bbox_pred, im_info], scales: 2, min_size: 4,
     post_nms_topn: 8}
  - {name: pool, type: ROIPooling, bottom: [relu, rois], pooled_h: 3, pooled_w: 3,
     spatial_scale: 0.0625}
  - {name: cls_score, type: InnerProduct, num_output: 5}
  - {name: bbox, type: InnerProduct, bottom: pool, num_output: 20}
outputs: [cls_score, bbox, rois]
"""
