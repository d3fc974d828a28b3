"""A lower bound on a block's layers, so that a tower of blocks is refused before it is built."""

from netspec.elaborate.context import MAX_LAYERS, Context
from netspec.language.document import Block, Entry


def minimum_layers(context: Context, block: Block) -> int:
    """How many layers an instance has at least, whatever its args are."""
    known = context.minimum_layers.get(block.name)
    if known is None:
        # A block that contains itself adds nothing certain.
        context.minimum_layers[block.name] = 0
        known = sum(_entry(context, entry) for entry in block.layers)
        context.minimum_layers[block.name] = known
    return known


def _entry(context: Context, entry: Entry) -> int:
    if "when" in entry.fields:
        return 0
    return _times(entry) * _once(context, entry)


def _times(entry: Entry) -> int:
    if entry.instances is not None:
        overlaid = any({"when", "type"} & fields.keys() for fields in entry.instances)
        return 0 if overlaid else len(entry.instances)
    if entry.repeat is None:
        return 1
    count = entry.repeat.compiled
    if type(count) is not int or {"when", "type"} & entry.first.keys():
        return 0
    return max(0, min(count, MAX_LAYERS + 1))


def _once(context: Context, entry: Entry) -> int:
    if entry.body is not None:
        return sum(_entry(context, each) for each in entry.body)
    kind = entry.fields.get("type")
    if kind is None or not isinstance(kind.compiled, str):
        return 1 if kind is None else 0
    found = context.types.find(kind.compiled)
    return minimum_layers(context, found) if isinstance(found, Block) else 1
