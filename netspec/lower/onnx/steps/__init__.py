"""Steps that the lowerings of several layers take."""
