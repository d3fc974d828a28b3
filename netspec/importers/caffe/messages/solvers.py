"""Solvers, and the state that they leave with a snapshot.

`table` says how to read it.
"""

FIELDS = {
    "SolverParameter": """
        1 train_net string
        2 test_net string*
        3 test_iter int32*
        4 test_interval int32 = 0
        5 base_lr float
        6 display int32
        7 max_iter int32
        8 lr_policy string
        9 gamma float
        10 power float
        11 momentum float
        12 weight_decay float
        13 stepsize int32
        14 snapshot int32 = 0
        15 snapshot_prefix string
        16 snapshot_diff bool = false
        17 solver_mode SolverMode = GPU
        18 device_id int32 = 0
        19 test_compute_loss bool = false
        20 random_seed int64 = -1
        21 train_net_param NetParameter
        22 test_net_param NetParameter*
        23 debug_info bool = false
        24 net string
        25 net_param NetParameter
        26 train_state NetState
        27 test_state NetState*
        28 snapshot_after_train bool = true
        29 regularization_type string = L2
        30 solver_type SolverType = SGD
        31 delta float = 1e-08
        32 test_initialization bool = true
        33 average_loss int32 = 1
        34 stepvalue int32*
        35 clip_gradients float = -1
        36 iter_size int32 = 1
        37 snapshot_format SnapshotFormat = BINARYPROTO
        38 rms_decay float = 0.99
        39 momentum2 float = 0.999
        40 type string = SGD
        41 layer_wise_reduce bool = true
        42 weights string*
    """,
    "SolverState": """
        1 iter int32
        2 learned_net string
        3 history BlobProto*
        4 current_step int32 = 0
    """,
}
