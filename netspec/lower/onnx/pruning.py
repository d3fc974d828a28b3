"""Leaving out what no result needs: of a bottom a layer may want the size alone, and know it."""

from collections.abc import Collection

from netspec.lower.onnx.emitter import Parts


def prune(parts: Parts, results: Collection[str]) -> set[str]:
    """Take out nodes, values, constants and parameters that no result depends on; gives the names
    that are read.
    """
    read = set(results)
    kept = []
    for node in reversed(parts.nodes):
        if not read.isdisjoint(node.output):
            read.update(node.input)
            kept.append(node)
    parts.nodes = kept[::-1]
    given = {name for node in parts.nodes for name in node.output}
    parts.values = [each for each in parts.values if each.name in given]
    parts.constants = [each for each in parts.constants if each.name in read]
    parts.parameters = {name: each for name, each in parts.parameters.items() if name in read}
    return read
