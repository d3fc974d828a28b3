"""Where a network takes data from, and what is done to them on the way.

`table` says how to read it.
"""

FIELDS = {
    "TransformationParameter": """
        1 scale float = 1
        2 mirror bool = false
        3 crop_size uint32 = 0
        4 mean_file string
        5 mean_value float*
        6 force_color bool = false
        7 force_gray bool = false
    """,
    "DataParameter": """
        1 source string
        2 scale float = 1
        3 mean_file string
        4 batch_size uint32
        5 crop_size uint32 = 0
        6 mirror bool = false
        7 rand_skip uint32 = 0
        8 backend DB = LEVELDB
        9 force_encoded_color bool = false
        10 prefetch uint32 = 4
    """,
    "DummyDataParameter": """
        1 data_filler FillerParameter*
        2 num uint32*
        3 channels uint32*
        4 height uint32*
        5 width uint32*
        6 shape BlobShape*
    """,
    "HDF5DataParameter": """
        1 source string
        2 batch_size uint32
        3 shuffle bool = false
    """,
    "HDF5OutputParameter": """
        1 file_name string
    """,
    "ImageDataParameter": """
        1 source string
        2 scale float = 1
        3 mean_file string
        4 batch_size uint32 = 1
        5 crop_size uint32 = 0
        6 mirror bool = false
        7 rand_skip uint32 = 0
        8 shuffle bool = false
        9 new_height uint32 = 0
        10 new_width uint32 = 0
        11 is_color bool = true
        12 root_folder string =
    """,
    "InputParameter": """
        1 shape BlobShape*
    """,
    "MemoryDataParameter": """
        1 batch_size uint32
        2 channels uint32
        3 height uint32
        4 width uint32
    """,
    "WindowDataParameter": """
        1 source string
        2 scale float = 1
        3 mean_file string
        4 batch_size uint32
        5 crop_size uint32 = 0
        6 mirror bool = false
        7 fg_threshold float = 0.5
        8 bg_threshold float = 0.5
        9 fg_fraction float = 0.25
        10 context_pad uint32 = 0
        11 crop_mode string = warp
        12 cache_images bool = false
        13 root_folder string =
    """,
}
