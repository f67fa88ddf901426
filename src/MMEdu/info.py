"""``pth_info``: what a checkpoint says of itself (查看权重文件信息)."""

from __future__ import annotations

import os
from typing import Any

from BaseDT.arguments import documented
from BaseDT.terminal import write_line
from MMEdu.requirements import require_train

_FIRST = ("tool", "backbone", "device")
_INSIDE = ("run", "settings", "dataset")  # what resume needs; of no use to a reader


def read_meta(checkpoint: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint's description, tool, backbone and device first.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no checkpoint of ours (-202).
    """
    require_train()
    from MMEdu.engine.checkpoint import read

    meta = read(checkpoint)["meta"]
    return {name: meta[name] for name in (*_FIRST, *(n for n in meta if n not in _FIRST + _INSIDE)) if name in meta}


@documented
def pth_info(checkpoint: str | os.PathLike[str]) -> None:
    """Print what a checkpoint says of itself: tool, backbone, device, classes, ... (打印权重文件的信息).

    Args:
        checkpoint: The path of a ``.pth`` file.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no checkpoint of ours (-202).
    """
    for name, value in read_meta(checkpoint).items():
        write_line(f"{name}: {value}")
