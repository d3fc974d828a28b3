"""A table of learned vectors."""

from netspec.graph import Node
from netspec.layers.embed import Embed
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers

BIASED = "BiasedEmbedding"


@lowers(Embed)
def embed(layer: Embed, node: Node) -> Lowered:
    helper = BIASED if layer.bias_term else ""
    module = call(
        helper or "nn.Embedding",
        Literal(layer.input_dim, "num_embeddings"),
        Literal(layer.num_output, "embedding_dim"),
    )
    return Lowered(module, helper=helper, biasless=not layer.bias_term)
