"""Several processes: the group a run belongs to. PyTorch's own engine; nothing is added but names.

One process is a group of one, so that the loop never asks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import nn

T = TypeVar("T")
STORE_VARIABLE = "MMEDU_STORE"  # the file through which the processes of one machine meet


@dataclass(frozen=True)
class Group:
    """The processes of a run; this is number ``rank`` of ``world``."""

    rank: int = 0
    world: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process writes and prints."""
        return self.rank == 0

    def share(self, value: T) -> T:
        """Give everybody the leader's value."""
        if self.world == 1:
            return value
        box: list[Any] = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]  # type: ignore[no-any-return]

    def collect(self, value: T) -> list[T]:
        """Give everybody the values of all, in the order of ranks."""
        if self.world == 1:
            return [value]
        box: list[Any] = [None] * self.world
        dist.all_gather_object(box, value)
        return box

    def align(self, model: nn.Module) -> None:
        """Give everybody the leader's buffers: running statistics differ between processes until then."""
        if self.world > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, src=0)

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Let gradients be averaged over the group."""
        if self.world == 1:
            return model
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(model, device_ids=[device] if device.type == "cuda" else None)


ALONE = Group()


def is_launched() -> bool:
    """Whether this process was started by torch's launcher as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


@contextmanager
def joined(device_type: str) -> Iterator[Group]:
    """Join the group that the environment describes, and leave it afterwards; alone where it describes none."""
    if not is_launched():
        yield ALONE
        return
    group = Group(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))
    if device_type == "cuda":  # collectives of the backend use the current device
        torch.cuda.set_device(group.local_rank)
    backend = "nccl" if device_type == "cuda" else "gloo"
    store_path = os.environ.get(STORE_VARIABLE)
    store = (
        torch._C._distributed_c10d.FileStore(store_path, group.world) if store_path else None
    )  # no port is opened to meet
    # Its functions take the group that exists when they are imported as their default, and keep it: imported later,
    # by torch itself, they would keep the group's threads alive until the interpreter ends, which may then abort.
    from torch.distributed.nn import functional  # noqa: F401

    dist.init_process_group(backend, rank=group.rank, world_size=group.world, store=store)
    try:
        yield group
    finally:
        dist.destroy_process_group()
