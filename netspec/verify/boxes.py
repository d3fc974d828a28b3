"""Whether what layers read as boxes is some, where the network itself computes it.

Inputs are chosen so that boxes among them are; what a network makes of them may be anything. Of an
item that isn't in the batch every target makes what it likes.
"""

from collections.abc import Mapping

from torch import Tensor

from netspec.graph import Graph
from netspec.lower.running import Refused


class NoBoxes(Refused):
    """Nothing can be told of a network that is run on such numbers."""


def require_boxes(view: Graph, found: Mapping[str, Tensor]) -> None:
    """NoBoxes where a layer reads some that aren't finite, or of an item that the batch lacks;
    `found` are the blobs that were made.
    """
    for node in view:
        for number in node.layer.regions:
            images, boxes = node.bottoms[0], node.bottoms[number]
            if images.name in found and boxes.name in found:
                values, batch = found[boxes.name], found[images.name].shape[0]
                items = values.reshape(-1, 5)[:, 0].trunc()
                if not (values.isfinite().all() and ((items >= 0) & (items < batch)).all()):
                    raise NoBoxes(
                        f"`{node.path}` reads `{boxes.name}` as boxes, but what the network makes "
                        "there of the numbers it's run on are none within the batch"
                    )
