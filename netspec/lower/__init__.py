"""From the graph to what each target is made of: a folder a target."""
