"""protobuf's own classes for Caffe's messages, as the table describes them."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from netspec.importers.caffe.messages.descriptor import PACKAGE, file_description


def message_class(name: str, only: Mapping[str, tuple[str, ...]] | None = None) -> Any:
    """The class for a message: what `file_description` describes, in a pool of its own."""
    pool = DescriptorPool()
    pool.Add(file_description(only))
    return GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
