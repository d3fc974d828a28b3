"""Small networks to verify."""

import netspec


def loads(layers: str, inputs: str = "{data: [N, 3, 16, 16]}", more: str = "") -> netspec.Graph:
    """A network of these layers, which stand below each other as a spec has them."""
    return netspec.loads(f"netspec: 1\nname: Net\ninputs: {inputs}\nlayers:\n{layers}\n{more}")


SMALL = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: 5}
"""
DEAD = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: lost, type: Convolution, num_output: 4, kernel_size: 3,
     bias_filler: {type: constant, value: -1000}}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: 5}
"""
"""A rectifier that lets nothing through."""


def chaos(depth: int) -> netspec.Graph:
    """A network that makes of rounding what it likes."""
    return loads(
        f"""
  - name: block
    repeat: {depth}
    layers:
      - name: fc
        type: InnerProduct
        num_output: 64
        weight_filler: {{type: gaussian, std: 0.5}}
      - {{name: tanh, type: TanH}}
  - {{name: out, type: InnerProduct, num_output: 5}}
""",
        "{data: [N, 16]}",
    )
