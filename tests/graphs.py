"""Graphs built by hand, without the front end: for tests of what comes after it."""

from collections.abc import Sequence

from netspec.graph import Blob, Graph, Node, Parameter, Phase, Scope, Shape, Size, TensorType
from netspec.graph.sizes import symbol
from netspec.layers import Layer
from netspec.layers.rows import placed_tops

N, H, W = symbol("N"), symbol("H"), symbol("W")


class Builder:
    """Adds layer after layer to a graph; blobs bear the names of the layers that give them."""

    def __init__(self) -> None:
        self.inputs: list[Blob] = []
        self.nodes: list[Node] = []

    def input(self, name: str, *sizes: Size, dtype: str = "float32") -> Blob:
        self.inputs.append(Blob(name, TensorType(Shape(sizes), dtype)))
        return self.inputs[-1]

    def layer(
        self, path: str, layer: Layer, *bottoms: Blob, phase: Phase | None = None, share: str = ""
    ) -> Blob:
        """Add a layer; `share` is the path of another whose parameters' values it uses."""
        (top,) = self.layers([path], path, layer, *bottoms, phase=phase, share=share)
        return top

    def layers(
        self,
        names: Sequence[str],
        path: str,
        layer: Layer,
        *bottoms: Blob,
        phase: Phase | None = None,
        share: str = "",
    ) -> tuple[Blob, ...]:
        """Add a layer whose tops bear these names."""
        assert not list(layer.check())
        types = [bottom.type for bottom in bottoms]
        given = placed_tops(layer, path, layer.outputs_for(types, len(names)))
        tops = tuple(Blob(n, type, phase) for n, type in zip(names, given, strict=True))
        parameters = tuple(
            Parameter(
                name=f"{path}.{weight.suffix}".removesuffix("."),
                shape=weight.shape,
                filler=weight.filler,
                owner=f"{share or path}.{weight.suffix}".removesuffix("."),
                buffer=weight.buffer,
                dtype=weight.dtype,
            )
            for weight in layer.weights(types)
        )
        self.nodes.append(Node(path, layer, bottoms, tops, parameters, phase, module=path, batch=N))
        return tops

    def graph(self, *results: Blob) -> Graph:
        inputs, nodes = tuple(self.inputs), tuple(self.nodes)
        graph = Graph(
            name="net",
            class_name="Net",
            inputs=inputs,
            results=results,
            nodes=nodes,
            root=Scope("", nodes, inputs, results),
            spec="net.yaml",
            digest="0" * 64,
        )
        return graph.with_nodes(nodes)


def chain(shape: Sequence[Size], *layers: Layer) -> Graph:
    """Layers one behind the other, called `l0`, `l1`, …, on an input `data`."""
    builder = Builder()
    blob = builder.input("data", *shape)
    for number, layer in enumerate(layers):
        blob = builder.layer(f"l{number}", layer, blob)
    return builder.graph(blob)
