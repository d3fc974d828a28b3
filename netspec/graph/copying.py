"""A scope at another place: its layers, blobs and parameters under other names, on other inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from netspec.graph.nodes import Blob, Node, Parameter
from netspec.graph.tree import Scope
from netspec.graph.written import Written


class Copying:
    """Gives what stands in the scope `old`, which reads `inputs`, the names that it has at `new`.

    There it reads `others`, of the same types, one for each.
    """

    def __init__(self, old: str, new: str, inputs: Sequence[Blob], others: Sequence[Blob]) -> None:
        self._start = len(old)
        self._new = new
        self._blobs = {mine.name: other for mine, other in zip(inputs, others, strict=True)}

    def name(self, name: str) -> str:
        """The name, there, of something that stands in the scope."""
        return self._new + name[self._start :]

    def blob(self, blob: Blob) -> Blob:
        """What stands there for a blob that the scope reads or makes."""
        there = self._blobs.get(blob.name)
        if there is None:
            name = self._new + blob.name[self._start :]
            there = self._blobs[blob.name] = Blob(name, blob.type, blob.phase)
        return there

    def blobs(self, blobs: Sequence[Blob]) -> tuple[Blob, ...]:
        known = self._blobs
        return tuple([known.get(each.name) or self.blob(each) for each in blobs])

    def node(self, node: Node) -> Node:
        """A layer of the scope, which has its own parameters."""
        written = node.written
        if written is not None and (written.controls or written.asked):
            written = self._written(written)
        path = self.name(node.path)
        return Node(
            path,
            node.layer,
            self.blobs(node.bottoms),
            self.blobs(node.tops),
            tuple([self._parameter(each) for each in node.parameters]),
            node.phase,
            path if node.module == node.path else self.name(node.module),
            node.batch,
            node.origin,
            node.doc,
            node.allow,
            written,
        )

    def scope(self, scope: Scope, nodes: Mapping[str, Node]) -> Scope:
        """The scope, or one within it; `nodes` are its layers there, by their paths here."""
        written = scope.written and self._written(scope.written)
        return self.used(scope, nodes, written, scope.output_names)

    def used(
        self,
        scope: Scope,
        nodes: Mapping[str, Node],
        written: Written | None,
        output_names: tuple[str, ...],
    ) -> Scope:
        """The scope where it is said, in these words, that it gives what has these names."""
        members = [
            nodes[each.path] if isinstance(each, Node) else self.scope(each, nodes)
            for each in scope.members
        ]
        absent = [
            self.scope(each, nodes) if isinstance(each, Scope) else self._written(each)
            for each in scope.absent
        ]
        return Scope(
            self.name(scope.path),
            tuple(members),
            self.blobs(scope.inputs),
            self.blobs(scope.outputs),
            scope.block,
            scope.args,
            scope.repeat,
            scope.phase,
            self.name(scope.module),
            scope.doc,
            written,
            scope.defaults,
            scope.input_names,
            output_names,
            tuple(absent),
            scope.state_order,
        )

    def _parameter(self, parameter: Parameter) -> Parameter:
        name = self._new + parameter.name[self._start :]
        return Parameter(
            name,
            parameter.shape,
            parameter.filler,
            name,
            parameter.buffer,
            parameter.lr_mult,
            parameter.decay_mult,
            parameter.dtype,
            parameter.values,
        )

    def _written(self, written: Written) -> Written:
        """What an entry says, with the names that the blobs have there."""
        if not written.asked and not any(each.asked for each in written.controls):
            return written
        controls = [replace(each, asked=self._asked(each.asked)) for each in written.controls]
        return replace(written, controls=tuple(controls), asked=self._asked(written.asked))

    def _asked(self, asked: Mapping[str, str]) -> dict[str, str]:
        return {path: self.name_of_blob(name) for path, name in asked.items()}

    def name_of_blob(self, name: str) -> str:
        """The name, there, of a blob that the scope reads or makes."""
        there = self._blobs.get(name)
        return self.name(name) if there is None else there.name
