"""The settings of forks' layers for detection: SSD, Faster R-CNN and R-FCN, YOLO.

`table` says how to read it.
"""

FIELDS = {
    "BoxAnnotatorOHEMParameter": """
        roi_per_img uint32
        ignore_label int32 = -1
    """,
    "DetectionEvaluateParameter": """
        num_classes uint32
        background_label_id uint32 = 0
        overlap_threshold float = 0.5
        evaluate_difficult_gt bool = true
        name_size_file string
        resize_param ResizeParameter
    """,
    "DetectionOutputParameter": """
        num_classes uint32
        share_location bool = true
        background_label_id int32 = 0
        nms_param NonMaximumSuppressionParameter
        save_output_param SaveOutputParameter
        code_type CodeType = CORNER
        variance_encoded_in_target bool = false
        keep_top_k int32 = -1
        confidence_threshold float
        visualize bool = false
        visualize_threshold float
        save_file string
    """,
    "EvalDetectionParameter": """
        side uint32 = 7
        num_class uint32 = 20
        num_object uint32 = 2
        threshold float = 0.5
        sqrt bool = true
        constriant bool = true
        score_type ScoreType = MULTIPLY
        nms float = -1
        biases float*
    """,
    "MultiBoxLossParameter": """
        loc_loss_type LocLossType = SMOOTH_L1
        conf_loss_type ConfLossType = SOFTMAX
        loc_weight float = 1
        num_classes uint32
        share_location bool = true
        match_type MatchType = PER_PREDICTION
        overlap_threshold float = 0.5
        use_prior_for_matching bool = true
        background_label_id uint32 = 0
        use_difficult_gt bool = true
        do_neg_mining bool
        neg_pos_ratio float = 3
        neg_overlap float = 0.5
        code_type CodeType = CORNER
        encode_variance_in_target bool = false
        map_object_to_agnostic bool = false
        ignore_cross_boundary_bbox bool = false
        bp_inside bool = false
        mining_type MiningType = MAX_NEGATIVE
        nms_param NonMaximumSuppressionParameter
        sample_size int32 = 64
        use_prior_for_nms bool = false
        oriented_weight float = 1
        ignore_difficult_gt bool = false
    """,
    "NonMaximumSuppressionParameter": """
        nms_threshold float = 0.3
        top_k int32
        eta float = 1
    """,
    "PriorBoxParameter": """
        min_size float*
        max_size float*
        aspect_ratio float*
        flip bool = true
        clip bool = false
        variance float*
        img_size uint32
        img_h uint32
        img_w uint32
        step float
        step_h float
        step_w float
        offset float = 0.5
        reduce_boxes bool = false
    """,
    "ProposalParameter": """
        feat_stride uint32 = 16
        base_size uint32 = 16
        min_size uint32 = 16
        ratio float*
        scale float*
        pre_nms_topn uint32 = 6000
        post_nms_topn uint32 = 300
        nms_thresh float = 0.7
    """,
    "PSROIPoolingParameter": """
        spatial_scale float
        output_dim int32
        group_size int32
    """,
    "RegionLossParameter": """
        side uint32 = 13
        num_class uint32 = 20
        bias_match uint32 = 1
        coords uint32 = 4
        num uint32 = 5
        softmax uint32 = 1
        jitter float = 0.2
        rescore uint32 = 1
        object_scale float = 1
        class_scale float = 1
        noobject_scale float = 0.5
        coord_scale float = 5
        absolute uint32 = 1
        thresh float = 0.2
        random uint32 = 1
        biases float*
        softmax_tree string
        class_map string
    """,
    "ReorgParameter": """
        stride uint32
        reverse bool = false
    """,
    "ROIPoolingParameter": """
        pooled_h uint32 = 0
        pooled_w uint32 = 0
        spatial_scale float = 1
        pooled_size uint32*
    """,
    "SaveOutputParameter": """
        output_directory string
        output_name_prefix string
        output_format string
        label_map_file string
        name_size_file string
        num_test_image uint32
        resize_param ResizeParameter
    """,
    "SegmentationEvaluateParameter": """
        num_classes uint32 = 1
        threshold float = 0.5
    """,
    "SmoothL1LossParameter": """
        sigma float = 1
    """,
    "YoloDetectionOutputParameter": """
        side uint32 = 13
        num_classes uint32 = 20
        num_box uint32 = 5
        coords uint32 = 4
        confidence_threshold float = 0.01
        nms_threshold float = 0.45
        biases float*
        label_map_file string
    """,
    "YoloSegParameter": """
        num_class uint32 = 0
        object_scale float = 5
        class_scale float = 1
        use_logic_gradient bool = false
        use_hardsigmoid bool = false
    """,
    "Yolov3DetectionOutputParameter": """
        num_classes uint32 = 20
        num_box uint32 = 3
        confidence_threshold float = 0.01
        nms_threshold float = 0.45
        biases float*
        anchors_scale uint32*
        mask_group_num uint32 = 2
        mask uint32*
        gaussian_box bool = false
    """,
    "Yolov3Parameter": """
        side uint32 = 13
        num_class uint32 = 20
        num uint32 = 5
        object_scale float = 1
        class_scale float = 1
        noobject_scale float = 0.5
        coord_scale float = 5
        thresh float = 0.2
        anchors_scale uint32 = 32
        biases float*
        mask uint32*
        use_logic_gradient bool = false
        use_focal_loss bool = false
        iou_loss IOU_LOSS = MSE
        iou_normalizer float = 0.25
        iou_thresh float = 0.5
        max_delta float = 10
        accumulate bool = true
        label_smooth_eps float = 0.1
    """,
}
