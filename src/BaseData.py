"""The older name of ``BaseDT.data`` (旧版名称)."""

from __future__ import annotations

from BaseDT.data import ImageData, ModelData, TextData

__all__ = ["ImageData", "ModelData", "TextData"]
