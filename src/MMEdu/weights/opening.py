"""The one door to a file of weights: it tells ours from other projects', and gives the same description of both.

``foreign`` is imported inside the functions, and only where the file is not ours: our checkpoints pay nothing for it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from MMEdu.engine import checkpoint
from MMEdu.engine.checkpoint import SafeGlobal
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import native
from MMEdu.weights.native import NativeFile
from MMEdu.weights.opened import OpenedWeights

if TYPE_CHECKING:
    from MMEdu.weights.foreign.reading import ForeignFile

SUFFIXES = (".pth", ".pt", ".safetensors")


def open_weights(path: str | os.PathLike[str], entry: ModelEntry, *, other_forms: bool = False) -> OpenedWeights:
    """Open a file of weights for a model.

    Args:
        path: A ``.pth``, ``.pt`` or ``.safetensors`` file, ours or another project's.
        entry: The model that it should hold.
        other_forms: Whether it may also hold what other projects mean by the same name; ``entry`` of the returned
            weights says which.

    Raises:
        CheckpointNotFound: No such file (-102).
        TaskMismatch: It is one of ours, made for another task (-311).
        CheckpointInvalid: It is no file of weights, wants to run code, holds another network (the likely one is
            named), or ours is not described well (-202).
        DependencyMissing: A ``.safetensors`` file, and the package that reads it is not installed (-502).
    """
    file = read_file(path)
    if isinstance(file, NativeFile):
        return native.open_native(file, entry)
    from MMEdu.weights.foreign.translate import open_foreign

    return open_foreign(file, entry, other_forms=other_forms)


def description_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a file says of itself; that of another project is told by its weights. Raises as ``open_weights``."""
    file = read_file(path)
    if isinstance(file, NativeFile):
        return file.meta
    from MMEdu.weights.foreign.description import describe

    return describe(file)


def read_file(path: str | os.PathLike[str]) -> NativeFile | ForeignFile:
    """Read a file as it is: ours, or another project's. Raises as ``open_weights``, but asks for no model."""
    file = checkpoint.existing(path, SUFFIXES)
    is_pickle = file.suffix.lower() != ".safetensors"
    content = checkpoint.load(file, _safe_globals) if is_pickle else None
    if native.is_native(content):
        return native.read(content, file)
    from MMEdu.weights.foreign import reading

    return reading.from_content(content, file) if is_pickle else reading.from_safetensors(file)


def _safe_globals() -> Sequence[SafeGlobal]:
    from MMEdu.weights.foreign.safe_unpickle import SAFE_GLOBALS

    return SAFE_GLOBALS
