"""What a checkpoint says of its points: names, skeleton, pairs of left and right, whose they are. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from BaseDT.arguments import is_integer
from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Described:
    """What is known of the points of a model.

    Attributes:
        names: Of the K points.
        skeleton: Pairs of points that bones join, from 0.
        flip_pairs: Pairs of points that change places in a mirrored picture, from 0.
        objects: What has these points: ``("person",)``.
    """

    names: tuple[str, ...]
    skeleton: Pairs = ()
    flip_pairs: Pairs = ()
    objects: tuple[str, ...] = ("person",)

    def meta(self) -> dict[str, Any]:
        """Return it as checkpoints carry it: plain data. The names are what the network's outputs count through."""
        return {
            "CLASSES": list(self.names),
            "skeleton": [list(pair) for pair in self.skeleton],
            "flip_pairs": [list(pair) for pair in self.flip_pairs],
            "objects": list(self.objects),
        }

    @classmethod
    def of(cls, names: Sequence[str], meta: Mapping[str, Any]) -> Described:
        """Read it from a checkpoint.

        Args:
            names: Of the points, as the checkpoint or the user has them.
            meta: What the checkpoint says of itself; a foreign file says nothing.

        Raises:
            CheckpointInvalid: What it says cannot be (-202).
        """
        skeleton, flips = (_pairs(name, meta.get(name, []), len(names)) for name in ("skeleton", "flip_pairs"))
        objects = meta.get("objects", ["person"])
        if not isinstance(objects, list) or not objects or not all(isinstance(name, str) for name in objects):
            raise _useless("objects")
        return cls(tuple(names), skeleton, flips, tuple(objects))


def _pairs(name: str, listed: object, count: int) -> Pairs:
    if isinstance(listed, list) and all(_is_pair(pair, count) for pair in listed):
        return cast(Pairs, tuple((int(first), int(second)) for first, second in listed))
    raise _useless(name)


def _is_pair(pair: object, count: int) -> bool:
    is_two = isinstance(pair, (list, tuple)) and len(pair) == 2
    return is_two and all(is_integer(end) and 0 <= end < count for end in cast("Sequence[Any]", pair))


def _useless(name: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(f"The checkpoint says nothing useful of its {name}.", f"权重文件没有给出可用的 {name}。"),
        hint=say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。"),
    )
