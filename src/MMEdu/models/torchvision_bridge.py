"""The only module that imports torchvision, and what it does where torchvision's compiled operators do not load.

The registry's torchvision for Linux is linked against CUDA builds of torch; beside a CPU build its operators are
missing and its import fails. Then the operators are declared here and ``operators`` does their work.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from functools import lru_cache
from types import ModuleType

import torch

from MMEdu.models import operators

# torchvision registers shape functions for these while it is imported and fails where they are not declared.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, "
    "int sampling_ratio, bool aligned) -> Tensor",
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
    # Of explicit autograd: NMS has no gradient. Of implicit: that of RoIAlign is the gradient of what it calls.
    library.impl("nms", operators.nms, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
    library.impl("roi_align", operators.roi_align, "CompositeImplicitAutograd")  # type: ignore[no-untyped-call]
    return library


def _allow_operators() -> None:
    """Tell the two functions whose operators are there now; all others keep torchvision's message that they miss.

    Without it ``nms`` raises and ``roi_align`` compiles its own form, which takes gigabytes or a C++ compiler.
    """
    for name in ("torchvision.ops.boxes", "torchvision.ops.roi_align"):
        module = sys.modules[name]  # of the second, the attribute of the package is the function
        for question, answer in (("_assert_has_ops", lambda: None), ("_has_ops", lambda: True)):
            if hasattr(module, question):
                setattr(module, question, answer)


@lru_cache(maxsize=1)
def torchvision() -> ModuleType:
    """Import torchvision, whether or not its compiled operators load."""
    library = _declared()
    module = importlib.import_module("torchvision")
    if library is not None:
        _allow_operators()
    return module
