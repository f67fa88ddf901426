"""What a training step costs in memory, and how large a batch fits. Nothing here trains."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import psutil
import torch
from torch import Tensor, nn

from MMEdu.engine.memory import MB


def peak_mb(device: torch.device) -> int:
    """Memory in use, in MB: the process's on a CPU, the peak of the allocator on a GPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device) // MB)
    return int(psutil.Process().memory_info().rss // MB)


def saved_bytes(forward: Callable[[], Tensor]) -> int:
    """Count the bytes that a forward pass keeps for its backward pass, each storage once."""
    storages: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor.detach()  # a node that holds its own output would hold itself, and all before it, for ever

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = forward()
        total = sum(storages.values())  # counted while the graph, and with it every storage, is alive
    del loss
    return total


# Measured on a CPU over the zoo, both precisions: beside what is saved for the backward pass a step has its gradients
# in flight and what the allocator holds (half as much again), copies of the weights, and workspaces of a fixed size.
_OVERHEAD = 1.5
_COPIES_OF_WEIGHTS = 4
_WORKSPACE = 400 * MB
_PROBE = 2


def fixed_bytes(model: nn.Module) -> int:
    """Estimate what a training step costs whatever its batch size."""
    return _WORKSPACE + _COPIES_OF_WEIGHTS * sum(p.numel() * p.element_size() for p in model.parameters())


@contextlib.contextmanager
def nothing_is_kept(model: nn.Module) -> Iterator[None]:
    """Leave buffers (running statistics) and random numbers as they were, whatever a trial computes."""
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                buffer.copy_(buffers[name])


def sample_bytes(model: nn.Module, forward: Callable[[int], Tensor], probe: int = _PROBE) -> int:
    """Estimate what one more picture in a batch costs during a training step.

    Args:
        model: In training mode; its buffers (running statistics) are restored afterwards.
        forward: Runs the model on a made-up batch of the given size and returns the loss.
        probe: The smaller of the two batches that are tried.
    """
    with nothing_is_kept(model):
        small, large = (saved_bytes(lambda n=n: forward(n)) for n in (probe, 2 * probe))  # type: ignore[misc]
    return int(max(0, large - small) / probe * _OVERHEAD)


def computes(model: nn.Module, forward: Callable[[int], object], size: int) -> bool:
    """Tell whether a model in training mode takes a batch of this size; its buffers are restored afterwards."""
    try:
        with torch.no_grad(), nothing_is_kept(model):
            forward(size)
    except ValueError:
        return False
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise  # that there is no memory for it says nothing of the network
    return True


_MAPS_AT_A_TIME = 4  # without gradients: what goes in, what comes out, a residual, what a convolution rearranges


def inference_bytes(model: nn.Module, forward: Callable[[], object]) -> int:
    """Estimate what a forward pass without gradients needs at its widest place.

    Args:
        model: Whose outputs are measured, layer by layer.
        forward: Runs it.
    """
    largest = 0

    def look(_: nn.Module, __: object, output: object) -> None:
        nonlocal largest
        if isinstance(output, Tensor):
            largest = max(largest, output.numel() * output.element_size())

    handles = [m.register_forward_hook(look) for m in model.modules() if not any(True for _ in m.children())]
    try:
        forward()
    finally:
        for handle in handles:
            handle.remove()
    return _MAPS_AT_A_TIME * largest


def fitting_batch(batch_size: int, per_sample: int, fixed: int, available: int) -> int:
    """Halve the batch until a step fits into ``available`` bytes; never below 1.

    Args:
        batch_size: What the user or the recipe wants.
        per_sample: Bytes that each picture of the batch costs.
        fixed: Bytes that every step costs (gradients, optimiser state).
        available: Bytes that may be taken.
    """
    while batch_size > 1 and fixed + batch_size * per_sample > available:
        batch_size = (batch_size + 1) // 2
    return batch_size


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that there was no memory, on any device."""
    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    # Linux, Windows and macOS say it each in their own words.
    words = ("can't allocate memory", "not enough memory", "out of memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)
