"""Graph to a flat spec: the same network without blocks, repeats or vars."""

from netspec.lower.flat.document import to_flat as to_flat
