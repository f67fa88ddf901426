"""BaseNN: build a network layer by layer, train it, look into it, take it to a board.

    from BaseNN import nn
    model = nn('cls')
    model.load_tab_data('iris.csv')
    model.add('linear', size=(4, 10), activation='relu')
    model.add('linear', size=(10, 3), activation='softmax')
    model.train(lr=0.01, epochs=500)

The names below are loaded when they are first used, and torch with them.
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

    from BaseNN.files.info import pth_info
    from BaseNN.learning.image_folder import ImageFolderDataset
    from BaseNN.network import nn

__version__ = "3.0.0"
__all__ = ["ImageFolderDataset", "Variable", "__version__", "nn", "pth_info", "torch"]

# A pupil's script that ends with a mistake we can name shows the mistake and the line, not our insides.
show_named_errors_plainly()

_HOMES = {
    "ImageFolderDataset": "BaseNN.learning.image_folder",
    "Variable": "torch.autograd",
    "nn": "BaseNN.network",
    "pth_info": "BaseNN.files.info",
}


def __getattr__(name: str) -> Any:
    if name == "torch":
        return importlib.import_module("torch")
    if name not in _HOMES:
        raise no_such_name(__name__, name)
    require_train()
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
