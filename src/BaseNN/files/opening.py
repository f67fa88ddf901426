"""Files of networks, ours and those of the original, are told apart and read; nothing in them is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from BaseDT.arguments import checked_path
from BaseDT.files import what_is_at
from BaseNN.files import ours, trained
from BaseNN.files.foreign import nodes, reading
from BaseNN.files.trained import TrainedNetwork
from MMEdu.engine import checkpoint

SUFFIXES = (".pth", ".pt", ".pkl")


def completed(name: str, path: object) -> Path:
    """Return the path of a file to write that ``read`` takes: another suffix is followed by ``.pth``.

    Raises:
        ParameterInvalid: It is no path (-305).
    """
    file = checked_path(name, path)
    if file.suffix.lower() in SUFFIXES or not file.name or what_is_at(file) == "folder":
        return file
    return file.with_name(f"{file.name}.pth")


def read(path: Path, own: Mapping[int, nn.Module]) -> TrainedNetwork:
    """Read a network of ours, or of the original.

    Args:
        path: ``.pth`` or ``.pkl``.
        own: Modules of the user's own, by number of the layer, for files that name some.

    Raises:
        CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
    """
    file = checkpoint.existing(path, SUFFIXES)
    content = checkpoint.load(file, lambda: nodes.safe_globals(own.values()))
    network = ours.of_content(file, content, own) if ours.is_ours(content) else reading.of_content(file, content, own)
    ours.check_weights(file, network.model)
    return network


def meta_of(path: Path) -> dict[str, Any]:
    """Return what a file says of its network, which can be built.

    Raises:
        CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
    """
    file = checkpoint.existing(path, SUFFIXES)
    content = checkpoint.load(file, nodes.safe_globals)
    if ours.is_ours(content):
        return ours.checked_meta(file, content)
    return trained.plain_meta(reading.of_content(file, content, {}))
