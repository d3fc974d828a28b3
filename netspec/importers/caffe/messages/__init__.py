"""What Caffe's messages are: their fields, types and defaults, and what forks add to them."""

from netspec.importers.caffe.messages.table import EnumType as EnumType
from netspec.importers.caffe.messages.table import FieldType as FieldType
from netspec.importers.caffe.messages.table import MessageType as MessageType
from netspec.importers.caffe.messages.table import Scalar as Scalar
from netspec.importers.caffe.messages.table import enum_type as enum_type
from netspec.importers.caffe.messages.table import message_type as message_type
