"""The networks of a family at every combination of some values: a row of figures for each."""
