"""What Snake becomes in PyTorch: a module of its own, written into the emitted file."""

from netspec.graph import Node
from netspec.graph.fillers import ONES
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered
from snake_layer.layer import Snake

MODULE = '''
class Snake(nn.Module):
    """x + sin²(alpha·x) / alpha, with an alpha for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(channels))

    def reset_parameters(self) -> None:
        nn.init.ones_(self.alpha)

    def forward(self, x: Tensor) -> Tensor:
        alpha = self.alpha.view(-1, *[1] * (x.dim() - 2))
        return x + (alpha * x).sin().square() / alpha
'''


def snake(layer: Snake, node: Node) -> Lowered:
    channels = Literal(layer.channels([node.bottoms[0].type]), "channels")
    return Lowered(call("Snake", channels), filled={"alpha": ONES}, helper="Snake", text=MODULE)
