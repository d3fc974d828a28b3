"""The layers, a module for each family."""
