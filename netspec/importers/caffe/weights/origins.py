"""Which layers of a Caffe network a layer of the spec was made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netspec.importers.caffe.network import CaffeNetwork
from netspec.source.values import Place


@dataclass(frozen=True, slots=True)
class Origin:
    """A layer of a Caffe network, by the name under which its weights are kept.

    `blobs` says which parameter each of its blobs is, by the last part of the name: nothing for one
    that isn't kept. `place` is where the network's text names the layer.
    """

    layer: str
    blobs: tuple[str, ...]
    place: Place | None = None


Origins: TypeAlias = Mapping[str, tuple[Origin, ...]]
"""For the path of each layer that has parameters what it was made of: one layer, or BatchNorm and
the Scale behind it.
"""


def origins_of(network: CaffeNetwork, paths: Mapping[str, str]) -> Origins:
    """What the layers of an imported network were made of; `paths` says where its spec has those
    of the flat one.
    """
    return {
        paths[entry.name]: tuple(
            Origin(layer, blobs, entry.layer.name.place) for layer, blobs in entry.source
        )
        for entry in network.entries
        if entry.source and entry.reuse is None
    }
