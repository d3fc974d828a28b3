"""Caffe's binary files: a network's weights (`.caffemodel`) and an image's mean (`.binaryproto`).

Both are protocol buffers. `records` finds where in a file the messages lie, without reading the
numbers, which are nearly all of it; the protobuf library reads what the messages say.
"""

from netspec.importers.caffe.model.blobs import Blob as Blob
from netspec.importers.caffe.model.file import Model as Model
from netspec.importers.caffe.model.file import read_mean as read_mean
from netspec.importers.caffe.model.file import read_model as read_model
