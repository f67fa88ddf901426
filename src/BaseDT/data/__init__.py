"""The documented data classes: ``ImageData``, ``TextData``, ``ModelData`` (数据处理：图像、文本、模型).

Everybody may use them. What they do is done elsewhere: pixels by ``BaseDT.preprocess``, properties by
``BaseDT.model_info``.
"""

from __future__ import annotations

from typing import NoReturn

from BaseDT.data.image_data import ImageData
from BaseDT.data.model_data import ModelData
from BaseDT.data.text_data import TextData
from BaseDT.missing_names import no_such_name

__all__ = ["ImageData", "ModelData", "TextData"]


def __getattr__(name: str) -> NoReturn:
    raise no_such_name(__name__, name)
