"""From graph to graph: what is done to a network before it is written."""
