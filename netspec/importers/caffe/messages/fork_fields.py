"""What forks add to Caffe's own messages.

`table` says how to read it.
"""

FIELDS = {
    "NetParameter": """
        compile_net_state CompileNetState
        engine string =
        bn_stats_batch_size uint32 = 0
        default_forward_type DataType = FLOAT
        default_backward_type DataType = FLOAT
        default_forward_math DataType = FLOAT
        default_backward_math DataType = FLOAT
        global_grad_scale float = 1
        global_grad_scale_adaptive bool = false
        default_conv_algos_override string = -1,-1,-1
        reduce_buckets int32 = 6
        default_cudnn_math_override int32 = -1
        eltwise_mem_sharing bool = true
    """,
    "SolverParameter": """
        eval_type string = classification
        ap_version string = Integral
        show_per_class_result bool = false
        plateau_winsize int32*
        stepearly int32 = 0
        stagelr float*
        stageiter int32*
        disabled_update bool = false
        engine string =
        warmup_iter int32 = 0
        warmup_start_lr float = 0
        local_lr_auto bool = false
        local_gw_ratio float = 0.001
        test_offset int32 = 0
        rampup_interval int32 = 0
        rampup_lr float = 0
        min_lr float = 0
        momentum_policy string = fixed
        max_momentum float = 0.99
        momentum_power float = 1
        larc bool = false
        larc_policy string = scale
        larc_eta float = 0.001
        larc_turbo bool = false
        weight_decay_policy string = fixed
        weight_decay_power float = 1
        max_weight_decay float = 0
        solver_data_type DataType = FLOAT
        store_blobs_in_old_format bool = false
        test_and_snapshot_last_epochs int32 = 0
        group_id int32*
        richness int32 = 300
    """,
    "LayerParameter": """
        annotated_data_param AnnotatedDataParameter
        box_annotator_ohem_param BoxAnnotatorOHEMParameter
        detection_evaluate_param DetectionEvaluateParameter
        detection_output_param DetectionOutputParameter
        multibox_loss_param MultiBoxLossParameter
        norm_param NormalizeParameter
        permute_param PermuteParameter
        psroi_pooling_param PSROIPoolingParameter
        prior_box_param PriorBoxParameter
        roi_pooling_param ROIPoolingParameter
        smooth_l1_loss_param SmoothL1LossParameter
        split_param SplitParameter
        video_data_param VideoDataParameter
        spatial_dropout_param SpatialDropoutParameter
        engine string =
        quantization_param QuantizationParameter
        reorg_param ReorgParameter
        region_loss_param RegionLossParameter
        eval_detection_param EvalDetectionParameter
        relu6_param ReLU6Parameter
        yolov3_param Yolov3Parameter
        yolo_seg_param YoloSegParameter
        segmentation_evaluate_param SegmentationEvaluateParameter
        yolo_detection_output_param YoloDetectionOutputParameter
        yolov3_detection_output_param Yolov3DetectionOutputParameter
        upsample_param UpsampleParameter
        mask_param TransformationParameter
        mask_resize_param MaskResizeParameter
        forward_type DataType = FLOAT
        backward_type DataType = FLOAT
        forward_math DataType = FLOAT
        backward_math DataType = FLOAT
        debug bool = false
        cudnn_math_override int32 = -1
        detectnet_groundtruth_param DetectNetGroundTruthParameter
        detectnet_augmentation_param DetectNetAugmentationParameter
        bn_param BNParameter
        dense_image_data_param DenseImageDataParameter
        adaptive_bias_channel_param AdaptiveBiasChannelParameter
        bias_channel_param BiasChannelParameter
        dense_crf_param DenseCRFParameter
        domain_transform_param DomainTransformParameter
        interp_param InterpParameter
        mat_read_param MatReadParameter
        mat_write_param MatWriteParameter
        seg_accuracy_param SegAccuracyParameter
        unique_label_param UniqueLabelParameter
        seg_data_param SegDataParameter
        batch_reduction_param BatchReductionParameter
        margin_inner_product_param MarginInnerProductParameter
        center_loss_param CenterLossParameter
        down_sampling_param DownSamplingParameter
        convolution3d_param Convolution3DParameter
        pooling3d_param Pooling3DParameter
        proposal_param ProposalParameter
        shuffle_channel_param ShuffleChannelParameter
    """,
    "CompileNetState": """
        is_init bool = true
        bn_scale_remove bool = false
        bn_scale_merge bool = false
        kept_bn_layers string*
        negative_conv_names string*
        negative_conv_indexes uint32*
    """,
    "LossParameter": """
        pre_fixed_normalizer float = 1
        label_smoothing float = 0
        weight_by_label_freqs bool = false
        class_weighting float*
    """,
    "BatchNormParameter": """
        engine Engine = DEFAULT
        use_weight_bias bool = true
        bias_term bool = true
        filler FillerParameter
        bias_filler FillerParameter
        stats_batch_size uint32 = 0
        relu bool = false
        scale_filler FillerParameter
        scale_bias bool = false
        update_global_stats bool = false
    """,
    "ConcatParameter": """
        per_fla_fuse bool = false
        engine Engine = DEFAULT
    """,
    "ConvolutionParameter": """
        relu bool = false
        negative_slope float = 0
        conv_algorithm string = direct
        coeff float*
        fusion_type FusionType = NONE_FUSION
        tf_pad TFPaddingMethod = SAME
        cudnn_convolution_algo_seeker CuDNNConvolutionAlgorithmSeeker = FINDEX
        conv_algos_override string = -1,-1,-1
        dilation_h uint32
        dilation_w uint32
        binary int32 = 0
        kernel_depth uint32
        temporal_stride uint32 = 1
        filter_group uint32 = 1
        temporal_pad uint32 = 0
        hole uint32
        hole_h uint32
        hole_w uint32
    """,
    "DropoutParameter": """
        engine Engine = DEFAULT
        random_seed int64 = -1
        scale_train bool = true
        sample_weights_test bool = false
    """,
    "EltwiseParameter": """
        engine Engine = DEFAULT
    """,
    "ELUParameter": """
        lambda float = 1
    """,
    "InnerProductParameter": """
        engine Engine = DEFAULT
        relu bool = false
        negative_slope float = 0
    """,
    "PoolingParameter": """
        pad_3d uint32*
        kernel_size_3d uint32*
        stride_3d uint32*
        avg_include_pad bool = true
        axis int32 = 1
        torch_pooling bool = false
        kernel_depth uint32
        temporal_stride uint32 = 1
        ceil_mode bool
    """,
    "ReductionParameter": """
        k int32 = 1
    """,
    "ReLUParameter": """
        fuse bool = false
    """,
    "ReshapeParameter": """
        pixelshuffler int32 = 1
    """,
    "FillerParameter": """
        scale float = 1
    """,
}
