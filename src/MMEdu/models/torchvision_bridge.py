"""The only module that imports torchvision, and what it does where torchvision's compiled operators do not load.

The registry's torchvision for Linux is linked against CUDA builds of torch; beside a CPU build its operators are
missing and its import fails. Declaring the two operators whose absence breaks the import is enough for classifiers.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
from functools import lru_cache
from types import ModuleType

import torch

# torchvision registers shape functions for these while it is imported and fails where they are not declared.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _operators_load() -> bool:
    """Load torchvision's compiled operators; False where they are missing or belong to another torch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return False
    finder = importlib.machinery.FileFinder(
        spec.submodule_search_locations[0],
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
    )
    library = finder.find_spec("_C")
    if library is None or library.origin is None:
        return False
    try:
        torch.ops.load_library(library.origin)  # type: ignore[no-untyped-call]
    except (OSError, RuntimeError):
        return False
    return hasattr(torch.ops.torchvision, "nms")


@lru_cache(maxsize=1)
def _declared() -> torch.library.Library | None:
    """Declare the missing operators once; the library object must live as long as they are used."""
    if _operators_load():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return library


@lru_cache(maxsize=1)
def torchvision() -> ModuleType:
    """Import torchvision, whether or not its compiled operators load."""
    _declared()
    return importlib.import_module("torchvision")
