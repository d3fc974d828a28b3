"""Python code as data: how it is laid out, named and filled in."""
