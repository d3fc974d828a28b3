"""Blocks with their args open: which term gives each number of their code."""
