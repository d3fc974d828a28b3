"""The blobs of a Caffe network's layers as the parameters of what they were imported to."""

from netspec.importers.caffe.weights.matching import Matched as Matched
from netspec.importers.caffe.weights.matching import matched as matched
from netspec.importers.caffe.weights.origins import Origin as Origin
from netspec.importers.caffe.weights.origins import Origins as Origins
from netspec.importers.caffe.weights.origins import origins_of as origins_of
