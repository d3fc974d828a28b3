"""A module spread over processes by FSDP2, made without memory: `python -m tests.lower.sharded`.

The arguments are the number of processes and a file by which they meet.
"""

import sys
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.multiprocessing.spawn import spawn

import netspec
from tests.lower.torch.checks import spoil, tensors
from tests.lower.torch.specs import EVERY_WEIGHT


def check(rank: int, count: int, file: str) -> None:
    """One process: all is filled, and as it is where there is but one; a training step runs."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=count)
    mesh = init_device_mesh("cpu", (count,))
    graph = netspec.loads(EVERY_WEIGHT)
    network: Any = type(graph.to_torch())
    with torch.device("meta"):
        model = network()
    for part in [*model.blocks, model.dense]:
        fully_shard(part, mesh=mesh)
    fully_shard(model, mesh=mesh)
    model.to_empty(device="cpu")
    spoil(model)
    fresh = network()
    for each in (fresh, model):
        torch.manual_seed(0)
        each.init_weights()
    drawn = {p.name for p in graph.parameters if p.filler.type not in ("constant", "bilinear")}
    for name, expected in tensors(fresh).items():
        found = tensors(model)[name]
        whole = found.full_tensor() if isinstance(found, DTensor) else found
        if name in drawn and count > 1:
            assert whole.isfinite().all(), name
            assert whole.std() < 4 * expected.std(), name
        else:
            assert torch.equal(whole, expected), name
    model(torch.randn(2, *graph.inputs[0].shape[1:])).sum().backward()
    assert model.twin_b.weight is model.twin_a.weight
    assert model.twin_a.weight.grad is not None
    dist.destroy_process_group()


if __name__ == "__main__":
    processes = int(sys.argv[1])
    spawn(check, (processes, sys.argv[2]), nprocs=processes)
