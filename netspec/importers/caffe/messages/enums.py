"""The words of enums, numbered from 0 on unless one has its number; `table` says how to read it."""

WORDS = {
    "Phase": "TRAIN TEST",
    "VarianceNorm": "FAN_IN FAN_OUT AVERAGE",
    "DimCheckMode": "STRICT PERMISSIVE",
    "NormalizationMode": "FULL VALID BATCH_SIZE NONE +PRE_FIXED",
    "Engine": "DEFAULT CAFFE CUDNN +MKL2017 +MKLDNN",
    "DB": "LEVELDB LMDB",
    "EltwiseOp": "PROD SUM MAX +STOCHASTIC_SUM",
    "Norm": "L1=1 L2",
    "NormRegion": "ACROSS_CHANNELS WITHIN_CHANNEL",
    "PoolMethod": "MAX AVE STOCHASTIC",
    "RoundMode": "CEIL FLOOR",
    "ReductionOp": "SUM=1 ASUM SUMSQ MEAN +TOPK",
    # solvers
    "SnapshotFormat": "HDF5 BINARYPROTO",
    "SolverMode": "CPU GPU",
    "SolverType": "SGD NESTEROV ADAGRAD RMSPROP ADADELTA ADAM +SAG",
    # V1
    "LayerType": """
        NONE ACCURACY BNLL CONCAT CONVOLUTION DATA DROPOUT EUCLIDEAN_LOSS FLATTEN HDF5_DATA
        HDF5_OUTPUT IM2COL IMAGE_DATA INFOGAIN_LOSS INNER_PRODUCT LRN MULTINOMIAL_LOGISTIC_LOSS
        POOLING RELU SIGMOID SOFTMAX SOFTMAX_LOSS SPLIT TANH WINDOW_DATA ELTWISE POWER
        SIGMOID_CROSS_ENTROPY_LOSS HINGE_LOSS MEMORY_DATA ARGMAX THRESHOLD DUMMY_DATA SLICE MVN
        ABSVAL SILENCE CONTRASTIVE_LOSS EXP DECONVOLUTION
        +RELU6 +CROP +ELTWISE_PRODUCT +CONVOLUTION3D +DECONVOLUTION3D +POOLING3D +VOLUME_DATA
        +VIDEO_DATA +VIDEO_SEGMENTATION_DATA +VIDEO_WITH_VOXEL_TRUTH_DATA +VOXEL_SOFTMAX
        +VOXEL_SOFTMAX_LOSS +VOXEL_CUSTOM_LOSS +DOWN_SAMPLING
    """,
    # forks
    "AccuracyMetric": "+PixelAccuracy +ClassAccuracy +PixelIOU",
    "AnnotationType": "+BBOX +BBOXandSeg +LANE",
    "BNMode": "+LEARN +INFERENCE",
    "CodeType": "+CORNER +CENTER_SIZE +CORNER_SIZE",
    "ConfLossType": "+SOFTMAX +LOGISTIC",
    "CoverageType": "+RECTANGULAR",
    "CuDNNConvolutionAlgorithmSeeker": "+GET +FINDEX",
    "DataType": "+DOUBLE +FLOAT +FLOAT16 +INT +UINT +BOOL",
    "DownSamplingType": "+NONE +VOTE +AVERAGE",
    "EmitType": "+CENTER +MIN_OVERLAP",
    "FusionType": "+NONE_FUSION +SUM_FUSION",
    "GridboxType": "+GRIDBOX_MAX +GRIDBOX_MIN",
    "InterpolationAlgo": "+INTER_NEAREST +INTER_LINEAR +INTER_CUBIC +INTER_AREA",
    "Interp_mode": "+LINEAR +AREA +NEAREST +CUBIC +LANCZOS4",
    "IOU_LOSS": "+IOU +GIOU +MSE +DIOU +CIOU",
    "LabelType": "+IMAGE +PIXEL +NONE",
    "LocLossType": "+L2 +SMOOTH_L1",
    "MarginType": "+SINGLE +DOUBLE +TRIPLE +QUADRUPLE",
    "MatchType": "+BIPARTITE +PER_PREDICTION",
    "MiningType": "+NONE +MAX_NEGATIVE +HARD_EXAMPLE",
    "Modality": "+RGB +FLOW",
    "Packing": "+NCHW +NHWC",
    "Pad_mode": "+CONSTANT +MIRRORED +REPEAT_NEAREST",
    "Precision": "+DYNAMIC_FIXED_POINT",
    "Resize_mode": "+WARP +FIT_SMALL_SIZE +FIT_LARGE_SIZE_AND_PAD",
    "Rounding": "+NEAREST",
    "ScoreType": "+OBJ +PROB +MULTIPLY",
    "TFPaddingMethod": "+SAME +VALID",
    "VideoType": "+WEBCAM +VIDEO",
}
