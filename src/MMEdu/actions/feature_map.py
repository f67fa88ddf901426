"""What ``feature_map`` returns, for the faces."""

from __future__ import annotations

from MMEdu.tasks.classification.feature_map import FeatureMap

__all__ = ["FeatureMap"]
