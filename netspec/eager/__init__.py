"""What PyTorch's eager mode does with memory, without PyTorch: which operation makes new memory,
which gives a view, and what autograd keeps for the pass back.

The operations have PyTorch's names, and do what its CPU kernels do (2.13). A layer's rule is the
code that the layer becomes, with these operations instead of PyTorch's.
"""
