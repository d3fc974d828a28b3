"""Blocks with their args open: which expression of the spec gives each number of their code.

`terms` are expressions over the names of a constructor, `numbers` are numbers that know theirs,
`regions` follow them through the layers of a block.
"""
