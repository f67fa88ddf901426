"""``pth_info``: what a checkpoint says of itself (查看权重文件信息)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from BaseDT.arguments import documented
from BaseDT.terminal import write_line
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu.weights.source import Source

_FIRST = ("tool", "backbone", "device")
_INSIDE = ("run", "settings", "dataset")  # what resume needs; of no use to a reader
_LONGEST = 300
"""Characters of a value of another project's description; configurations are longer."""


def read_meta(checkpoint: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint's description, tool, backbone and device first.

    A file of another project, which mostly says little of itself, is told by its weights.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It holds no weights, is not whole, or wants to run code (-202).
    """
    require_train()
    from MMEdu.weights import source

    found = source.read(checkpoint)
    meta = found.meta if found.kind == "mmedu" else _told(found)
    return {name: meta[name] for name in (*_FIRST, *(n for n in meta if n not in _FIRST + _INSIDE)) if name in meta}


def _told(found: Source) -> dict[str, Any]:
    """Describe a file of another project as ours are described, as far as its weights tell."""
    from MMEdu.weights.translate import likely

    said = {name: value for name, value in found.meta.items() if _short(value)}
    match = likely(found)
    told: dict[str, Any] = {}
    if match is not None:
        table = match.table
        told = {"tool": f"{table.family} ({table.source_name})", "backbone": table.backbone, "task": table.task}
        told |= {"num_classes": match.num_classes, "fits": f"{match.share:.0%}"}
    if found.classes is not None:
        told["CLASSES"] = list(found.classes)
    # What the original wrote as tool and backbone is its own name for them.
    return {**said, **told, "weights": len(found.state)}


def _short(value: object) -> bool:
    """Whether a value can be shown: plain, and no whole configuration."""
    try:
        return len(json.dumps(value)) <= _LONGEST
    except (TypeError, ValueError):
        return False


@documented
def pth_info(checkpoint: str | os.PathLike[str]) -> None:
    """Print what a checkpoint says of itself: tool, backbone, device, classes, ... (打印权重文件的信息).

    Args:
        checkpoint: The path of a ``.pth`` or ``.safetensors`` file, ours or another project's.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It holds no weights, is not whole, or wants to run code (-202).
    """
    for name, value in read_meta(checkpoint).items():
        write_line(f"{name}: {value}")
