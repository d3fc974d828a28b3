"""What other frameworks have and no layer here is: the rewrite that does it, or why there is none.

Names that a layer here answers to are its `synonyms`. Every rewrite is tried in a test.
"""

_INPUT = (
    "the network's inputs stand in `inputs:` with their shapes, "
    "`inputs: {data: [N, 3, 224, 224]}`; leave the layer out"
)
_DATA = (
    "netspec reads no data; what the layer gives are inputs: "
    "`inputs: {data: [N, 3, 224, 224], label: {shape: [N], dtype: int64, phase: TRAIN}}`"
)
_PREPARED = "data is prepared before it is the network's input; leave the layer out"
_OWN = "netspec has no such layer; a package of your own can add it (docs/custom_layers.md)"
_BOXES = (
    "`DetectionOutput` and `Proposal` choose boxes, other choices are made outside of the network: "
    "let it give what this layer reads (`outputs:`)"
)
_MEASURED = "it is measured outside of the network: let it give what this layer reads (`outputs:`)"
_LOSS = (
    "netspec has no such loss; let the network give what it reads (`outputs:`) and compute it there"
)
_TRANSFORMER = (
    "it is a block of your own: `LayerNorm` and `InnerProduct` with `axis: -1`, "
    "`MultiHeadAttention`, `Eltwise`"
)
_PRODUCT = (
    "netspec multiplies two blobs as matrices, `MatMul`, around which `Permute` and `Reshape` move "
    "axes; a product with learned weights is `InnerProduct`"
)
_ORDER = (
    "a list of layers is in order as it stands; one with a name of its own is a group: "
    "`{name: features, layers: [...]}`"
)
_BLOCK = "a layer type of your own is a block: `blocks: {unit: {layers: [...]}}`, then `type: unit`"
_DEPTHWISE = (
    "it is `Convolution` with a group for each channel: "
    "`num_output: $(previous.channels), group: $(previous.channels)`"
)
_COMPARE = (
    "netspec has no comparisons of blobs but `Threshold`, which gives 1 where an element exceeds "
    "`threshold`, else 0"
)
_SIZES = "an expression asks for sizes: `$(x.height)`, `$(x.shape[1])`"
_FLOATS = "netspec describes networks of real numbers; the ONNX file that it writes is quantized"
_MARGIN = "`Pad` fills margins with one value, its `value`; netspec has no reflected or copied ones"
_LEFT_OUT = "leave it out: it changes nothing, and what would read it can read what it reads"
_CHANNELS = "`Dropout` zeroes single elements, `DropPath` whole samples; none drops whole channels"
_STATIC = "a layer is there or not by `when:`, and stands in a row by `repeat:`"

_ANSWERS: tuple[tuple[str, str], ...] = (
    ("Input InputLayer Placeholder", _INPUT),
    (
        "Data ImageData HDF5Data MemoryData DummyData WindowData AnnotatedData VideoData "
        "DenseImageData ImageSegData ImageLabelmapData OPData CPMData LaneData MultiLabelData "
        "VideoWithVoxelTruthData VideoSegmentationData ImageDecoder DataLayer",
        _DATA,
    ),
    ("HDF5Output", "netspec writes no data; what the network gives is listed in `outputs:`"),
    (
        "Normalization Discretization Hashing StringLookup IntegerLookup TextVectorization "
        "CategoryEncoding HashedCrossing FeatureSpace MelSpectrogram STFTSpectrogram StringConcat "
        "StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer "
        "AutoContrast AugMix CutMix MixUp RandAugment Equalization Solarization RandomBrightness "
        "RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
        "RandomElasticTransform "
        "RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert "
        "RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness "
        "RandomShear RandomTranslation RandomZoom MaxNumBoundingBoxes Pipeline",
        _PREPARED,
    ),
    (
        "Silence",
        "leave it out: an input may go unread, and `allow: [unused-layer]` keeps a layer whose "
        "result nothing reads",
    ),
    (
        "Split",
        "several layers may read one blob, so leave out Caffe's `Split` and name the blob in each "
        "`bottom`; PyTorch's and ONNX's is `Slice`",
    ),
    ("Filter BatchReindex", "netspec doesn't choose samples of a batch"),
    (
        "AnchorGenerator",
        "`PriorBox` gives the boxes of a map; `Proposal` makes its own anchors",
    ),
    (
        "ProposalTarget AnchorTarget YoloDetectionOutput Yolov3DetectionOutput BoxAnnotatorOHEM",
        _BOXES,
    ),
    (
        "DetectionEvaluate EvalDetection SegAccuracy SegmentationEvaluate TopKAccuracy",
        _MEASURED,
    ),
    ("PSROIAlign", _OWN + "; `PSROIPooling` averages whole elements"),
    (
        "RegionLoss Yolov3 YoloSeg YoloLoss InfogainLoss CenterLoss SmoothL1LossOHEM "
        "SoftmaxWithLossOHEM VoxelSoftmaxLoss FocalLoss BCELoss KLDivLoss L1Loss "
        "CTCLoss PoissonNLLLoss GaussianNLLLoss CosineEmbeddingLoss HingeEmbeddingLoss "
        "MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss "
        "SoftMarginLoss TripletMarginWithDistanceLoss LinearCrossEntropyLoss "
        "AdaptiveLogSoftmaxWithLoss MeanAbsoluteError KLDivergence CosineSimilarityLoss LogCosh "
        "Poisson CTC Dice Tversky Circle BinaryFocalCrossentropy CategoricalFocalCrossentropy "
        "CategoricalHinge MeanAbsolutePercentageError MeanSquaredLogarithmicError",
        _LOSS,
    ),
    (
        "NLLLoss NLLLoss2d NegativeLogLikelihoodLoss MultinomialLogisticLoss",
        "`SoftmaxWithLoss` takes softmax, logarithm and loss together: let it read the scores "
        "themselves",
    ),
    (
        "Python PythonLayer Lambda",
        "a spec runs no code; a package of your own can add a layer (docs/custom_layers.md)",
    ),
    (
        "DepthwiseConvolution ConvolutionDepthwise DepthwiseConv DepthwiseConv1D DepthwiseConv2d "
        "ConvDepthwise",
        _DEPTHWISE,
    ),
    (
        "SeparableConv1D SeparableConv2D SeparableConvolution SeparableConvolution2D",
        "it is two layers: `Convolution` with `num_output: $(previous.channels), "
        "group: $(previous.channels)`, and `Convolution` with `kernel_size: 1`",
    ),
    ("NoOp Container DataParallel Checkpoint StopGradient", _LEFT_OUT),
    ("Average", "it is `Eltwise` with a share for each: `coeff: [0.5, 0.5]` of two"),
    (
        "Mean",
        "of several blobs it is `Eltwise` with a share for each, `coeff: [0.5, 0.5]`; over axes "
        "it is `Reduction` with `operation: MEAN`",
    ),
    ("Axpy", "it is `Scale` with `bottom: [x, a]` (and `axis: 0`), then `Eltwise` adds y"),
    ("FrozenBatchNorm2d", "it is `BatchNorm` with `use_global_stats: true`"),
    ("Neg Negative", "it is `Power` with `scale: -1`"),
    ("Reciprocal", "it is `Power` with `power: -1`"),
    ("Sqrt", "it is `Power` with `power: 0.5`"),
    ("Rsqrt", "it is `Power` with `power: -0.5`"),
    ("Square", "it is `Power` with `power: 2`"),
    ("Rescaling", "it is `Power` with `scale` and `shift` (Keras' `offset`)"),
    ("LogSigmoid", "it is `Power` with `scale: -1`, `Softplus`, and `Power` with `scale: -1`"),
    ("Softmin", "it is `Power` with `scale: -1`, then `Softmax`"),
    (
        "Softsign",
        "divide by 1 + |x|: `AbsVal`, `Power` with `shift: 1`, and `Eltwise` with `operation: DIV` "
        "of x and that",
    ),
    ("Tanhshrink", "it is `TanH`, then `Eltwise` with `bottom: [x, tanh], operation: SUB`"),
    (
        "GLU",
        "it is `Slice` in two halves, `Sigmoid` of the second, and `Eltwise` with "
        "`operation: PROD`",
    ),
    (
        "SwiGLU",
        "it is `Slice` in two halves, `Swish` of one, and `Eltwise` with `operation: PROD`",
    ),
    ("QuickGELU", "it is `Swish` with `beta: 1.702`"),
    ("CELU", "with `alpha: 1` it is `ELU`; netspec has it with no other"),
    (
        "CausalConv1d",
        "it is `Pad` with `axis: 2` and `before`, dilation · (kernel_size − 1), then `Convolution`",
    ),
    (
        "Dropout1d Dropout2d Dropout3d SpatialDropout1D SpatialDropout2D SpatialDropout3D",
        _CHANNELS,
    ),
    (
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d",
        _MARGIN,
    ),
    (
        "Reorg",
        "Darknet's Reorg moves elements in an order of its own; `SpaceToDepth` is what its paper "
        "describes",
    ),
    (
        "DepthToSpace",
        "with `mode: CRD` it is `PixelShuffle`; with DCR, the default, `Reshape` with "
        "`shape: [0, r, r, C, H, W]`, `Permute` with `order: [0, 3, 4, 1, 5, 2]`, `Reshape` with "
        "`shape: [0, C, H*r, W*r]`, the sizes as numbers",
    ),
    (
        "RepeatVector",
        "it is `Reshape` with `shape: [0, 1, -1]`, then `Tile` with `axis: 1` and `tiles`",
    ),
    (
        "Cropping1D Cropping2D Cropping3D CenterCrop CenterCropPad",
        "`Slice` cuts at positions along an `axis`; `Crop` cuts to the size of a second bottom, "
        "from an `offset` or with `center: true`",
    ),
    (
        "Einsum Bilinear",
        _PRODUCT,
    ),
    (
        "EinsumDense",
        "over the last axis it is `InnerProduct` with `axis: -1`; netspec has no other",
    ),
    ("Sequential ModuleList ModuleDict", _ORDER),
    (
        "Module Model Functional Layer Block Bottleneck BasicBlock ResidualBlock InvertedResidual "
        "SqueezeExcitation FeaturePyramidNetwork Conv2dNormActivation ConvBNReLU",
        _BLOCK,
    ),
    (
        "ParameterList ParameterDict UninitializedParameter UninitializedBuffer",
        "a learned tensor is a `Parameter`, each by itself",
    ),
    (
        "Recurrent RNNBase LSTMUnit",
        "it is a part of the recurrent layers, `LSTM`, `GRU` and `RNN`",
    ),
    (
        "LSTMCell GRUCell RNNCell RNNCellBase SimpleRNNCell",
        "a step is `LSTM`, `GRU` or `RNN` on a sequence of one (`Reshape` with "
        "`shape: [0, 1, -1]`), with its states as bottoms and tops",
    ),
    ("StackedRNNCells", "`LSTM`, `GRU` and `RNN` have `num_layers`"),
    ("Bidirectional", "`LSTM`, `GRU` and `RNN` have `bidirectional: true`"),
    (
        "TimeDistributed",
        "leave it out: `InnerProduct` with `axis: -1`, activations and Dropout go over every step",
    ),
    (
        "EmbeddingBag",
        "it is `Embed` with `bias_term: false`, then `Permute` with `order: [0, 2, 1]` and "
        "`Reduction` with `operation: MEAN, axis: 2`",
    ),
    (
        "AdditiveAttention LinearAttention FlexAttention",
        _OWN + "; `Attention` has scaled dot products and their softmax",
    ),
    (
        "Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer "
        "TransformerDecoderLayer",
        _TRANSFORMER,
    ),
    ("If Loop Scan While SequenceMap Optional OptionalGetElement OptionalHasElement", _STATIC),
    ("Shape Size", _SIZES),
    (
        "Equal Greater GreaterOrEqual Less LessOrEqual Where And Or Not Xor IsInf IsNaN "
        "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BitShift",
        _COMPARE,
    ),
    ("Sign", "netspec has none but `Threshold`, which gives 1 or 0"),
    (
        "Cast CastLike BitCast QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv "
        "QLinearMatMul MatMulInteger ConvInteger Quantize Dequantize QuantStub DeQuantStub",
        _FLOATS,
    ),
    (
        "ReduceMax ReduceMin ReduceProd amax amin Prod",
        "over height and width `Pooling` with `global_pooling: true` has the greatest; `Reduction` "
        "sums and averages only",
    ),
    ("ArgMin", "it is `Power` with `scale: -1`, then `ArgMax`"),
    ("ReduceL2", "it is `Reduction` with `operation: SUMSQ`, then `Power` with `power: 0.5`"),
    ("ReduceLogSum", "it is `Reduction`, then `Log`"),
    ("ReduceLogSumExp LogSumExp", "it is `Exp`, `Reduction`, then `Log`"),
    (
        "PairwiseDistance CosineSimilarity",
        "netspec has the distances that `EuclideanLoss` and `ContrastiveLoss` take, no others; "
        "`Normalize` and `Eltwise` with `operation: PROD` come near",
    ),
    (
        "Activation",
        "an activation is a layer of its own, such as `type: ReLU`",
    ),
    ("ActivityRegularization", "a penalty is the training's affair; leave the layer out"),
    ("Masking", "netspec masks nothing; leave the layer out"),
    ("UpsamplingBicubic2d", "`Upsample` has the modes NEAREST and BILINEAR"),
    (
        "Im2col Col2Im Unfold Fold LocallyConnected1D "
        "SpectralNorm SpectralNormalization WeightNorm Hardshrink "
        "Softshrink RReLU ThresholdedRelu "
        "Hardmax Shrink AlphaDropout FeatureAlphaDropout SeLuDropout "
        "GaussianDropout GaussianNoise FractionalMaxPool3d "
        "MarginInnerProduct AssistedExcitation "
        "Implicit ImplicitA ImplicitM Acos Acosh Asin Asinh Atan Atanh Cos Cosh Sin Sinh Tan Erf "
        "Ceil Floor Round Mod CumSum CumProd Det DFT STFT BlackmanWindow HammingWindow "
        "HannWindow MelWeightMatrix Trilu EyeLike OneHot NonZero Range Unique Compress Bernoulli "
        "Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike "
        "GatherElements GatherND Scatter ScatterElements ScatterND TensorScatter DeformConv "
        "DeformableConvolution DeformConv2d DropBlock PixelNorm GridSample AffineGrid "
        "SpatialTransformer ConcatFromSequence "
        "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength "
        "SplitToSequence Correlation FlowWarp Maxout JaxLayer FlaxLayer "
        "ConvLSTM1D ConvLSTM2D ConvLSTM3D LRCN CausalConvWithState ReverseSequence "
        "TorchModuleWrapper TFSMLayer CropAndResize Wrapper LinearCrossEntropyOptions",
        _OWN,
    ),
)

ANSWERS: dict[str, str] = {name: answer for names, answer in _ANSWERS for name in names.split()}
"""The answer to each name."""
