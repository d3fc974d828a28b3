"""The settings of layers that compute.

`table` says how to read it.
"""

FIELDS = {
    "AccuracyParameter": """
        1 top_k uint32 = 1
        2 axis int32 = 1
        3 ignore_label int32
    """,
    "ArgMaxParameter": """
        1 out_max_val bool = false
        2 top_k uint32 = 1
        3 axis int32
    """,
    "BatchNormParameter": """
        1 use_global_stats bool
        2 moving_average_fraction float = 0.999
        3 eps float = 1e-05
    """,
    "BiasParameter": """
        1 axis int32 = 1
        2 num_axes int32 = 1
        3 filler FillerParameter
    """,
    "ClipParameter": """
        1 min float
        2 max float
    """,
    "ConcatParameter": """
        1 concat_dim uint32 = 1
        2 axis int32 = 1
    """,
    "ContrastiveLossParameter": """
        1 margin float = 1
        2 legacy_version bool = false
    """,
    "ConvolutionParameter": """
        1 num_output uint32
        2 bias_term bool = true
        3 pad uint32*
        4 kernel_size uint32*
        5 group uint32 = 1
        6 stride uint32*
        7 weight_filler FillerParameter
        8 bias_filler FillerParameter
        9 pad_h uint32 = 0
        10 pad_w uint32 = 0
        11 kernel_h uint32
        12 kernel_w uint32
        13 stride_h uint32
        14 stride_w uint32
        15 engine Engine = DEFAULT
        16 axis int32 = 1
        17 force_nd_im2col bool = false
        18 dilation uint32*
    """,
    "CropParameter": """
        1 axis int32 = 2
        2 offset uint32*
    """,
    "DropoutParameter": """
        1 dropout_ratio float = 0.5
    """,
    "EltwiseParameter": """
        1 operation EltwiseOp = SUM
        2 coeff float*
        3 stable_prod_grad bool = true
    """,
    "ELUParameter": """
        1 alpha float = 1
    """,
    "EmbedParameter": """
        1 num_output uint32
        2 input_dim uint32
        3 bias_term bool = true
        4 weight_filler FillerParameter
        5 bias_filler FillerParameter
    """,
    "ExpParameter": """
        1 base float = -1
        2 scale float = 1
        3 shift float = 0
    """,
    "FlattenParameter": """
        1 axis int32 = 1
        2 end_axis int32 = -1
    """,
    "HingeLossParameter": """
        1 norm Norm = L1
    """,
    "InfogainLossParameter": """
        1 source string
        2 axis int32 = 1
    """,
    "InnerProductParameter": """
        1 num_output uint32
        2 bias_term bool = true
        3 weight_filler FillerParameter
        4 bias_filler FillerParameter
        5 axis int32 = 1
        6 transpose bool = false
    """,
    "LogParameter": """
        1 base float = -1
        2 scale float = 1
        3 shift float = 0
    """,
    "LossParameter": """
        1 ignore_label int32
        2 normalize bool
        3 normalization NormalizationMode = VALID
    """,
    "LRNParameter": """
        1 local_size uint32 = 5
        2 alpha float = 1
        3 beta float = 0.75
        4 norm_region NormRegion = ACROSS_CHANNELS
        5 k float = 1
        6 engine Engine = DEFAULT
    """,
    "MVNParameter": """
        1 normalize_variance bool = true
        2 across_channels bool = false
        3 eps float = 1e-09
    """,
    "ParameterParameter": """
        1 shape BlobShape
    """,
    "PoolingParameter": """
        1 pool PoolMethod = MAX
        2 kernel_size uint32
        3 stride uint32 = 1
        4 pad uint32 = 0
        5 kernel_h uint32
        6 kernel_w uint32
        7 stride_h uint32
        8 stride_w uint32
        9 pad_h uint32 = 0
        10 pad_w uint32 = 0
        11 engine Engine = DEFAULT
        12 global_pooling bool = false
        13 round_mode RoundMode = CEIL
    """,
    "PowerParameter": """
        1 power float = 1
        2 scale float = 1
        3 shift float = 0
    """,
    "PReLUParameter": """
        1 filler FillerParameter
        2 channel_shared bool = false
    """,
    "PythonParameter": """
        1 module string
        2 layer string
        3 param_str string =
        4 share_in_parallel bool = false
    """,
    "RecurrentParameter": """
        1 num_output uint32 = 0
        2 weight_filler FillerParameter
        3 bias_filler FillerParameter
        4 debug_info bool = false
        5 expose_hidden bool = false
    """,
    "ReductionParameter": """
        1 operation ReductionOp = SUM
        2 axis int32 = 0
        3 coeff float = 1
    """,
    "ReLUParameter": """
        1 negative_slope float = 0
        2 engine Engine = DEFAULT
    """,
    "ReshapeParameter": """
        1 shape BlobShape
        2 axis int32 = 0
        3 num_axes int32 = -1
    """,
    "ScaleParameter": """
        1 axis int32 = 1
        2 num_axes int32 = 1
        3 filler FillerParameter
        4 bias_term bool = false
        5 bias_filler FillerParameter
    """,
    "SigmoidParameter": """
        1 engine Engine = DEFAULT
    """,
    "SliceParameter": """
        1 slice_dim uint32 = 1
        2 slice_point uint32*
        3 axis int32 = 1
    """,
    "SoftmaxParameter": """
        1 engine Engine = DEFAULT
        2 axis int32 = 1
    """,
    "SPPParameter": """
        1 pyramid_height uint32
        2 pool PoolMethod = MAX
        6 engine Engine = DEFAULT
    """,
    "SwishParameter": """
        1 beta float = 1
    """,
    "TanHParameter": """
        1 engine Engine = DEFAULT
    """,
    "ThresholdParameter": """
        1 threshold float = 0
    """,
    "TileParameter": """
        1 axis int32 = 1
        2 tiles int32
    """,
}
