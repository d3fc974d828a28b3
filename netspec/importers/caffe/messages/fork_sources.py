"""Where networks of forks take data from, and how they vary them.

`table` says how to read it.
"""

FIELDS = {
    "TransformationParameter": """
        crop_h uint32 = 0
        crop_w uint32 = 0
        resize_param ResizeParameter*
        noise_param NoiseParameter
        distort_param DistortionParameter
        expand_param ExpansionParameter
        emit_constraint EmitConstraint
        random_resize_param RandomResizeParameter
        random_aspect_ratio_param RandomAspectRatioParameter
        flow bool = false
        bgr2rgb bool = false
        pad uint32 = 0
        enable_classf_aug bool = false
        min_scaling_factor float = 0.75
        max_scaling_factor float = 1.5
        max_rotation_angle uint32 = 0
        contrast_brightness_adjustment bool = false
        smooth_filtering bool = false
        min_contrast float = 0.8
        max_contrast float = 1.2
        max_brightness_shift uint32 = 5
        max_smooth float = 6
        max_color_shift uint32 = 0
        min_side_min uint32 = 0
        min_side_max uint32 = 0
        min_side uint32 = 0
        apply_probability float = 0.5
        debug_params bool = false
        cvt_bgr2rgb bool = false
        img_rand_resize_lower uint32 = 0
        img_rand_resize_upper uint32 = 0
        rand_resize_ratio_lower float = 0
        rand_resize_ratio_upper float = 0
        vertical_stretch_lower float = 1
        vertical_stretch_upper float = 1
        horizontal_stretch_lower float = 1
        horizontal_stretch_upper float = 1
        interpolation_algo_down InterpolationAlgo = INTER_NEAREST
        interpolation_algo_up InterpolationAlgo = INTER_CUBIC
        allow_upscale bool = false
        forward_packing Packing = NCHW
        use_gpu_transform bool = false
        random_seed int64 = -1
        display bool = false
        num_labels int32 = 0
        scale_factors float*
        crop_width uint32 = 0
        crop_height uint32 = 0
        fix_crop bool = false
        more_fix_crop bool = false
        multi_scale bool = false
        scale_ratios float*
        max_distort int32 = 1
        is_flow bool = false
        original_image bool = false
        stride int32 = 1
        upper_size int32
        upper_height int32
        upper_width int32
    """,
    "DataParameter": """
        shuffle bool = false
        side uint32*
        threads uint32 = 0
        parser_threads uint32 = 0
        cache bool = false
        precache bool = false
        show_data int32 = 0
    """,
    "ImageDataParameter": """
        min_height uint32 = 0
        min_width uint32 = 0
        short_side uint32 = 0
        threads uint32 = 4
        cache bool = false
        precache bool = false
        dataset_share_per_node float = 1
        label_divide_factor uint32 = 1
        ignore_label int32 = 255
        label_type LabelType = IMAGE
        new_length uint32 = 0
        show_data int32 = 0
        use_image bool = false
        sampling_rate int32 = 1
        use_label bool = true
        use_temporal_jitter bool = false
        mean_value float = 0
        num_truth_channels uint32 = 1
        use_byte_input bool = false
        is_flow bool = false
        truth_scale float = 1
        clip_min float
        clip_max float
    """,
    "AnnotatedDataParameter": """
        batch_sampler BatchSampler*
        label_map_file string
        anno_type AnnotationType
        yolo_data_type int32 = 0
        yolo_data_jitter float = 0.3
        train_diffcult bool = true
        single_class bool = true
        seg_scales int32 = 8
        seg_resize_width int32 = 0
        seg_resize_height int32 = 0
        difficult_label_warmup bool = false
        oriented bool = false
    """,
    "VideoDataParameter": """
        video_type VideoType = WEBCAM
        device_id int32 = 0
        video_file string
        skip_frames uint32 = 0
        source string
        batch_size uint32
        rand_skip uint32 = 0
        shuffle bool = false
        new_height uint32 = 0
        new_width uint32 = 0
        new_length uint32 = 1
        num_segments uint32 = 1
        scale float = 1
        mean_file string
        crop_size uint32 = 0
        mirror bool = false
        modality Modality = FLOW
        name_pattern string
        encoded bool = false
        grayscale bool = false
        is_color bool = true
        root_folder string =
        show_data bool = false
        use_image bool = false
        use_temporal_jitter bool = false
        sampling_rate uint32 = 1
        max_sampling_rate uint32 = 1
        use_sampling_rate_jitter bool = false
        use_multiple_label bool = false
        num_of_labels uint32 = 1
    """,
    "MaskResizeParameter": """
        output_height uint32 = 0
        output_width uint32 = 0
        factor_height float = 0
        factor_width float = 0
    """,
    "DetectNetGroundTruthParameter": """
        stride uint32 = 4
        scale_cvg float = 0.5
        gridbox_type GridboxType = GRIDBOX_MAX
        max_cvg_len uint32 = 50
        min_cvg_len uint32 = 50
        coverage_type CoverageType = RECTANGULAR
        image_size_x uint32 = 1248
        image_size_y uint32 = 384
        obj_norm bool = false
        crop_bboxes bool = true
        object_class ClassMapping*
    """,
    "DetectNetAugmentationParameter": """
        crop_prob float = 1
        shift_x uint32 = 0
        shift_y uint32 = 0
        scale_prob float = 0.33
        scale_min float = 0.7
        scale_max float = 1
        flip_prob float = 0.33
        rotation_prob float = 0.33
        max_rotate_degree float = 1
        hue_rotation_prob float = 0.33
        hue_rotation float = 15
        desaturation_prob float = 0.33
        desaturation_max float = 0.5
        resize_param ResizeParameter
        noise_param NoiseParameter
        distort_param DistortionParameter
        expand_param ExpansionParameter
        emit_constraint EmitConstraint
    """,
    "DenseImageDataParameter": """
        source string
        batch_size uint32
        rand_skip uint32 = 0
        shuffle bool = false
        new_height uint32 = 0
        new_width uint32 = 0
        is_color bool = true
        mean_file string
        root_folder string =
        mirror bool = false
        crop_width uint32 = 0
        crop_height uint32 = 0
        label_divide_factor uint32 = 1
    """,
    "MatReadParameter": """
        prefix string
        source string =
        strip int32 = 0
        batch_size int32 = 1
    """,
    "MatWriteParameter": """
        prefix string
        source string =
        strip int32 = 0
        period int32 = 1
    """,
    "SegDataParameter": """
        source string
        root_dir string
        shuffle bool = false
        balance bool = false
    """,
    "ResizeParameter": """
        prob float = 1
        resize_mode Resize_mode = WARP
        height uint32 = 0
        width uint32 = 0
        height_scale uint32 = 0
        width_scale uint32 = 0
        pad_mode Pad_mode = CONSTANT
        pad_value float*
        interp_mode Interp_mode*
    """,
    "NoiseParameter": """
        prob float = 0
        hist_eq bool = false
        inverse bool = false
        decolorize bool = false
        gauss_blur bool = false
        jpeg float = -1
        posterize bool = false
        erode bool = false
        saltpepper bool = false
        saltpepper_param SaltPepperParameter
        clahe bool = false
        convert_to_hsv bool = false
        convert_to_lab bool = false
    """,
    "DistortionParameter": """
        brightness_prob float = 0
        brightness_delta float = 0
        contrast_prob float = 0
        contrast_lower float = 0
        contrast_upper float = 0
        hue_prob float = 0
        hue_delta float = 0
        saturation_prob float = 0
        saturation_lower float = 0
        saturation_upper float = 0
        random_order_prob float = 0
    """,
    "ExpansionParameter": """
        prob float = 1
        max_expand_ratio float = 1
    """,
    "EmitConstraint": """
        emit_type EmitType = CENTER
        emit_overlap float
    """,
    "RandomResizeParameter": """
        min_size uint32 = 0
        max_size uint32 = 0
        resize_param ResizeParameter
    """,
    "RandomAspectRatioParameter": """
        min_area_ratio float = 0.5
        max_area_ratio float = 1
        aspect_ratio_change float = 1
        max_attempt uint32 = 10
        resize_param ResizeParameter
    """,
    "BatchSampler": """
        use_original_image bool = true
        sampler Sampler
        sample_constraint SampleConstraint
        max_sample uint32
        max_trials uint32 = 100
    """,
    "ClassMapping": """
        src uint32
        dst uint32
    """,
    "SaltPepperParameter": """
        fraction float = 0
        value float*
    """,
    "Sampler": """
        min_scale float = 1
        max_scale float = 1
        min_aspect_ratio float = 1
        max_aspect_ratio float = 1
    """,
    "SampleConstraint": """
        min_jaccard_overlap float
        max_jaccard_overlap float
        min_sample_coverage float
        max_sample_coverage float
        min_object_coverage float
        max_object_coverage float
    """,
}
