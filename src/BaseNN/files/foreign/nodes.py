"""Stand-ins for the classes that a file of the original names: they hold what the file says, and can do nothing.

torch's own reader builds only what it is told to; here it is told to put these in place of the classes of torch, of
the original and of torchvision's transforms. No class of a file is imported, none of its functions is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from MMEdu.engine.checkpoint import SafeGlobal

_HOMES = (
    *("BaseNN", "BaseNN.BaseNN", "BaseNN.blocks", "BaseNN.blocks.mobilenetv2", "BaseNN.blocks.diffusion_unet"),
    *("MMBase", "MMBase.MMBase", "MMEdu.MMBase", "MMEdu.MMBase.MMBase"),
)
"""Modules in which the versions of the original had their classes."""
_CLASSES = (
    *("Reshape", "Part0", "Unsqueeze", "Squeeze", "dim2", "lstm", "ResNet", "BasicBlock", "Bottleneck"),
    *("MobileNetV2", "MobileNetV2_backbone", "ConvBNReLU", "InvertedResidual"),
    *("GaussianDiffusion", "Unet", "Residual", "RMSNorm", "PreNorm", "Block", "ResnetBlock", "LinearAttention"),
    *("Attention", "SinusoidalPosEmb", "RandomOrLearnedSinusoidalPosEmb", "Upsample", "Downsample"),
)
_TRANSFORMS = (
    *("Compose", "Resize", "CenterCrop", "Grayscale", "ToTensor", "ToPILImage", "Normalize"),
    *("RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "ColorJitter", "RandomCrop"),
    *("RandomResizedCrop", "Pad", "Lambda", "RandomAffine", "RandomGrayscale"),
)
_INTEGERS = {f"{kind}{size}": f"<{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)}
_NUMBERS = {**_INTEGERS, "f2": "<f2", "f4": "<f4", "f8": "<f8", "b1": "<b1"}
_MOST_NUMBERS = 4096
"""Of an array in the description: it is a size."""


class Node:
    """An object of a class that is not here: what the file says of it, as attributes.

    Attributes:
        origin: Dotted name of the class.
    """

    origin: ClassVar[str] = ""

    def __new__(cls, *_: object) -> Node:
        """Make one, whatever the file would make it of."""
        return super().__new__(cls)

    def __init__(self, *_: object) -> None:
        """Keep nothing of the arguments."""

    def __setstate__(self, state: object) -> None:
        """Keep the attributes, under their names."""
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                vars(self).update({name: value for name, value in part.items() if isinstance(name, str)})

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute that the file gave."""
        return vars(self).get(name, default)

    @property
    def kind(self) -> str:
        """Name of the class, without its module."""
        return self.origin.rpartition(".")[2]

    def children(self) -> dict[str, Node]:
        """Return the modules within, in their order."""
        found = self.get("_modules")
        return {n: c for n, c in found.items() if isinstance(c, Node)} if isinstance(found, dict) else {}

    def tensors(self, depth: int = 0) -> Iterator[tuple[str, Tensor]]:
        """Give the weights and statistics, in torch's own order, by name; counts of batches are left out.

        Raises:
            ValueError: The modules are nested deeper than any network, or within themselves.
        """
        if depth > 20:
            raise ValueError(self.origin)
        for table in ("_parameters", "_buffers"):
            values = self.get(table)
            for name, value in values.items() if isinstance(values, dict) else ():
                if isinstance(value, Tensor) and name != "num_batches_tracked":
                    yield str(name), value.detach()
        for name, child in self.children().items():
            for inner, value in child.tensors(depth + 1):
                yield f"{name}.{inner}", value


class Numbers:
    """A small array of numpy, as its numbers; ``values`` is empty where it is anything else."""

    def __new__(cls, *_: object) -> Numbers:
        """Make one, whatever the file would make it of."""
        return super().__new__(cls)

    def __init__(self, *_: object) -> None:
        self.values: list[Any] = []

    def __setstate__(self, state: object) -> None:
        """Read (version, shape, type, order, bytes) as numpy writes it."""
        if not isinstance(state, tuple) or len(state) != 5:
            return
        _, shape, kind, _, data = state
        plain = isinstance(kind, NumberType) and bool(kind.code) and isinstance(data, bytes)
        if plain and isinstance(shape, tuple) and len(shape) == 1 and len(data) <= 8 * _MOST_NUMBERS:
            try:
                self.values = np.frombuffer(data, _NUMBERS[kind.code]).tolist()
            except ValueError:
                self.values = []


class NumberType:
    """The type of numpy's numbers, by its code; empty where these are none, or not in the order of bytes here."""

    def __init__(self, code: object = "", *_: object) -> None:
        self.code = code if isinstance(code, str) and code in _NUMBERS else ""

    def __setstate__(self, state: object) -> None:
        if isinstance(state, tuple) and ">" in state:
            self.code = ""


def _array(*_: object) -> Numbers:
    return Numbers()


def _number(kind: object = None, data: object = b"", *_: object) -> Any:
    """Return one number of numpy as Python's own; None where it is none."""
    if not isinstance(kind, NumberType) or not kind.code or not isinstance(data, bytes):
        return None
    values = np.frombuffer(data, _NUMBERS[kind.code]) if len(data) <= 8 else np.empty(0)
    return values[0].item() if len(values) == 1 else None


@lru_cache(maxsize=256)
def _stand_in(origin: str) -> type[Node]:
    return type(origin.rpartition(".")[2], (Node,), {"origin": origin})


def _of_torch() -> Iterator[str]:
    """Give the classes of torch's modules by the names that files give them."""
    for value in vars(nn.modules).values():
        if isinstance(value, type) and issubclass(value, nn.Module):
            yield f"{value.__module__}.{value.__name__}"


def safe_globals(own: Iterable[nn.Module] = ()) -> list[SafeGlobal]:
    """Return what stands in for each name that a file may hold.

    Args:
        own: Modules of the user's own that a network holds: their classes may be named, too.
    """
    names = [
        *_of_torch(),
        *(f"{home}.{name}" for home in _HOMES for name in _CLASSES),
        *(f"torchvision.transforms.transforms.{name}" for name in _TRANSFORMS),
        "torchvision.transforms.functional.InterpolationMode",
        *(f"{type(module).__module__}.{type(module).__qualname__}" for module in own),
    ]
    numpy = [f"numpy.{home}.multiarray" for home in ("core", "_core")]
    return [
        *((_stand_in(name), name) for name in dict.fromkeys(names)),
        (Numbers, "numpy.ndarray"),
        (NumberType, "numpy.dtype"),
        *((_array, f"{home}._reconstruct") for home in numpy),
        *((_number, f"{home}.scalar") for home in numpy),
    ]


def is_larger_than_its_data(value: Tensor) -> bool:
    """Whether a few bytes claim to be many numbers (a stride of 0)."""
    strided = value.layout == torch.strided and value.device.type == "cpu"
    return not strided or value.numel() * value.element_size() > value.untyped_storage().nbytes()
