"""The activation Snake as a layer of netspec."""
