"""Boxes by number, for texts that name them: what a network calls them is anybody's."""

from netspec.view.scene import Box, Frame, boxes


def numbered(frame: Frame) -> dict[Box, int]:
    """The boxes of a frame and of those within it, from 0 on."""
    return {box: number for number, box in enumerate(boxes(frame))}
