"""MMEdu: train an image classifier in five lines.

    from MMEdu import MMClassification as cls
    model = cls('LeNet')
    model.load_dataset(path='my_pictures')
    model.save_fold = 'my_model'
    model.train(epochs=10, validate=True)

The names below are loaded when they are first used; torch is imported when a model is first built.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from BaseNN.mmbase import MMBase
    from MMEdu.classification import MMClassification
    from MMEdu.detection import MMDetection
    from MMEdu.info import pth_info
    from MMEdu.pose import MMPose
    from MMEdu.segmentation import MMSegmentation

__version__ = "3.0.0"
__all__ = ["MMBase", "MMClassification", "MMDetection", "MMPose", "MMSegmentation", "__version__", "pth_info"]

# A pupil's script that ends with a mistake we can name shows the mistake and the line, not our insides.
show_named_errors_plainly()

_HOMES = {
    "MMBase": "MMBase",
    "MMClassification": "MMEdu.classification",
    "MMDetection": "MMEdu.detection",
    "MMPose": "MMEdu.pose",
    "MMSegmentation": "MMEdu.segmentation",
    "pth_info": "MMEdu.info",
}

_COMING = ("MMGeneration", "MMEditing")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise no_such_name(__name__, name, _COMING)
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
