"""Graph to a prototxt of Caffe's (BVLC), for what that can express."""

from netspec.lower.prototxt.document import to_prototxt as to_prototxt
