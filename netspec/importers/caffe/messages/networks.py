"""Networks, what they have of layers, and stored values.

`table` says how to read it.
"""

FIELDS = {
    "NetParameter": """
        1 name string
        2 layers V1LayerParameter*
        3 input string*
        4 input_dim int32*
        5 force_backward bool = false
        6 state NetState
        7 debug_info bool = false
        8 input_shape BlobShape*
        100 layer LayerParameter*
    """,
    "NetState": """
        1 phase Phase = TEST
        2 level int32 = 0
        3 stage string*
    """,
    "NetStateRule": """
        1 phase Phase
        2 min_level int32
        3 max_level int32
        4 stage string*
        5 not_stage string*
    """,
    "LayerParameter": """
        1 name string
        2 type string
        3 bottom string*
        4 top string*
        5 loss_weight float*
        6 param ParamSpec*
        7 blobs BlobProto*
        8 include NetStateRule*
        9 exclude NetStateRule*
        10 phase Phase
        11 propagate_down bool*
        100 transform_param TransformationParameter
        101 loss_param LossParameter
        102 accuracy_param AccuracyParameter
        103 argmax_param ArgMaxParameter
        104 concat_param ConcatParameter
        105 contrastive_loss_param ContrastiveLossParameter
        106 convolution_param ConvolutionParameter
        107 data_param DataParameter
        108 dropout_param DropoutParameter
        109 dummy_data_param DummyDataParameter
        110 eltwise_param EltwiseParameter
        111 exp_param ExpParameter
        112 hdf5_data_param HDF5DataParameter
        113 hdf5_output_param HDF5OutputParameter
        114 hinge_loss_param HingeLossParameter
        115 image_data_param ImageDataParameter
        116 infogain_loss_param InfogainLossParameter
        117 inner_product_param InnerProductParameter
        118 lrn_param LRNParameter
        119 memory_data_param MemoryDataParameter
        120 mvn_param MVNParameter
        121 pooling_param PoolingParameter
        122 power_param PowerParameter
        123 relu_param ReLUParameter
        124 sigmoid_param SigmoidParameter
        125 softmax_param SoftmaxParameter
        126 slice_param SliceParameter
        127 tanh_param TanHParameter
        128 threshold_param ThresholdParameter
        129 window_data_param WindowDataParameter
        130 python_param PythonParameter
        131 prelu_param PReLUParameter
        132 spp_param SPPParameter
        133 reshape_param ReshapeParameter
        134 log_param LogParameter
        135 flatten_param FlattenParameter
        136 reduction_param ReductionParameter
        137 embed_param EmbedParameter
        138 tile_param TileParameter
        139 batch_norm_param BatchNormParameter
        140 elu_param ELUParameter
        141 bias_param BiasParameter
        142 scale_param ScaleParameter
        143 input_param InputParameter
        144 crop_param CropParameter
        145 parameter_param ParameterParameter
        146 recurrent_param RecurrentParameter
        147 swish_param SwishParameter
        148 clip_param ClipParameter
    """,
    "ParamSpec": """
        1 name string
        2 share_mode DimCheckMode
        3 lr_mult float = 1
        4 decay_mult float = 1
    """,
    "FillerParameter": """
        1 type string = constant
        2 value float = 0
        3 min float = 0
        4 max float = 1
        5 mean float = 0
        6 std float = 1
        7 sparse int32 = -1
        8 variance_norm VarianceNorm = FAN_IN
    """,
    "BlobShape": """
        1 dim int64*
    """,
    "BlobProto": """
        1 num int32 = 0
        2 channels int32 = 0
        3 height int32 = 0
        4 width int32 = 0
        5 data float*
        6 diff float*
        7 shape BlobShape
        8 double_data double*
        9 double_diff double*
    """,
    "BlobProtoVector": """
        1 blobs BlobProto*
    """,
}
