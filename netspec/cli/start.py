"""What `netspec` alone says: the first steps."""

from netspec._version import __version__

START = f"""\
netspec {__version__}: a network written once, as a YAML spec, becomes PyTorch and ONNX

  netspec list                          the stock networks
  netspec summary resnet50              what one costs, layer by layer
  netspec init lenet -o mine.yaml       a copy of one, to change
  netspec check mine.yaml               what is wrong with it, and where
  netspec compile mine.yaml -o mine.py  its PyTorch source; -o mine.onnx for ONNX

`netspec --help` lists the commands, `netspec COMMAND --help` shows one with examples.
`netspec doctor` says what is installed here.
"""
