"""The documented data classes: ``ImageData``, ``TextData``, ``ModelData`` (数据处理：图像、文本、模型).

Everybody may use them. What they do is done elsewhere: pixels by ``BaseDT.preprocess``, properties by
``BaseDT.model_info``.
"""

from __future__ import annotations

from BaseDT.data.image_data import ImageData
from BaseDT.data.model_data import ModelData
from BaseDT.data.text_data import TextData

__all__ = ["ImageData", "ModelData", "TextData"]
