"""MMBase: the first of the family's network builders, with the spelling of the documents, over ``BaseNN``.

from MMBase import *
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    import torch
    from torch.autograd import Variable

    from BaseNN.mmbase import MMBase

__all__ = ["MMBase", "Variable", "torch"]

show_named_errors_plainly()

_HOMES = {"MMBase": "BaseNN.mmbase", "Variable": "torch.autograd"}


def __getattr__(name: str) -> Any:
    if name == "torch":
        return importlib.import_module("torch")
    if name not in _HOMES:
        raise no_such_name(__name__, name)
    require_train()
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
