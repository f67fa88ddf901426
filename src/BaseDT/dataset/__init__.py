"""Data sets on disk: ImageNet-style folders and COCO are read, completed, checked and made. No training, no tensors.

``DataSet`` and ``split_tab_dataset`` are the documented names. Tasks and the command line call ``imagenet.load``,
``coco.load`` and ``check.check_images``. Everything is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from BaseDT.dataset.data_set import DataSet
    from BaseDT.dataset.table import split_tab_dataset

__all__ = ["DataSet", "split_tab_dataset"]

_HOMES = {"DataSet": "BaseDT.dataset.data_set", "split_tab_dataset": "BaseDT.dataset.table"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise no_such_name(__name__, name)
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
