"""The module in memory, made by running the very source."""
