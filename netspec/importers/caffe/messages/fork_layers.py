"""The settings of forks' other layers: segmentation, video, faces, quantization.

`table` says how to read it.
"""

FIELDS = {
    "AdaptiveBiasChannelParameter": """
        num_iter int32 = 1
        bg_portion float = 0.2
        fg_portion float = 0.2
        suppress_others bool = true
        margin_others float = 1e-05
    """,
    "BatchReductionParameter": """
        level int32*
        reduction_param ReductionParameter
        pos bool = false
    """,
    "BiasChannelParameter": """
        bg_bias float = 1
        fg_bias float = 2
        ignore_label int32*
        label_type LabelType = IMAGE
        background_label int32 = 0
    """,
    "BNParameter": """
        bn_mode BNMode = LEARN
        scale_filler FillerParameter
        shift_filler FillerParameter
        slope_filler FillerParameter
        bias_filler FillerParameter
        momentum float = 0.9
        eps float = 1e-05
        frozen bool = false
        engine Engine = DEFAULT
    """,
    "CenterLossParameter": """
        num_output uint32
        center_filler FillerParameter
        axis int32 = 1
    """,
    "Convolution3DParameter": """
        num_output uint32
        bias_term bool = true
        pad uint32 = 0
        kernel_size uint32
        group uint32 = 1
        kernel_depth uint32
        stride uint32 = 1
        temporal_stride uint32 = 1
        weight_filler FillerParameter
        bias_filler FillerParameter
        filter_group uint32 = 1
        temporal_pad uint32 = 0
    """,
    "DenseCRFParameter": """
        max_iter int32 = 10
        pos_xy_std float*
        pos_w float*
        bi_xy_std float*
        bi_rgb_std float*
        bi_w float*
        output_probability bool = true
    """,
    "DomainTransformParameter": """
        num_iter int32 = 3
        spatial_sigma float = 50
        range_sigma float = 5
        min_weight float = 0
    """,
    "DownSamplingParameter": """
        type DownSamplingType = VOTE
        spatial_factor int32
        temporal_factor int32
    """,
    "InterpParameter": """
        height int32 = 0
        width int32 = 0
        zoom_factor int32 = 1
        shrink_factor int32 = 1
        pad_beg int32 = 0
        pad_end int32 = 0
        use_blob_size bool = false
    """,
    "MarginInnerProductParameter": """
        num_output uint32
        type MarginType = SINGLE
        weight_filler FillerParameter
        axis int32 = 1
        base float = 1
        gamma float = 0
        power float = 1
        iteration int32 = 0
        lambda_min float = 0
    """,
    "NormalizeParameter": """
        across_spatial bool = true
        scale_filler FillerParameter
        channel_shared bool = true
        eps float = 1e-10
    """,
    "PermuteParameter": """
        order uint32*
    """,
    "Pooling3DParameter": """
        pool PoolMethod = MAX
        kernel_size uint32
        stride uint32 = 1
        pad uint32 = 0
        kernel_depth uint32
        temporal_stride uint32 = 1
    """,
    "QuantizationParameter": """
        precision Precision = DYNAMIC_FIXED_POINT
        rounding_scheme Rounding = NEAREST
        bw_layer_in uint32 = 32
        bw_layer_out uint32 = 32
        bw_params uint32 = 32
        fl_layer_in int32*
        fl_layer_out int32*
        fl_params int32*
        scale_in float*
        scale_out float*
        scale_params float*
        is_negative_input bool = false
        force_u8_input bool = false
    """,
    "ReLU6Parameter": """
        engine Engine = DEFAULT
    """,
    "SegAccuracyParameter": """
        metric AccuracyMetric = PixelAccuracy
        ignore_label int32*
        reset bool = true
    """,
    "ShuffleChannelParameter": """
        group uint32
    """,
    "SpatialDropoutParameter": """
        dropout_ratio float = 0.5
    """,
    "SplitParameter": """
        engine Engine = DEFAULT
    """,
    "UniqueLabelParameter": """
        max_labels int32
        ignore_label int32*
        force_label float*
    """,
    "UpsampleParameter": """
        scale uint32
        scale_h uint32
        scale_w uint32
        pad_out_h bool = false
        pad_out_w bool = false
        upsample_h uint32
        upsample_w uint32
    """,
}
