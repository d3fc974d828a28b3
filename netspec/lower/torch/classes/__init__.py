"""The classes of a module: one for each block, and the network's."""
