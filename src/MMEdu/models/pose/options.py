"""What only models of keypoints have. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PoseOptions:
    """What only models of keypoints have.

    Attributes:
        decode: How their outputs are read: ``"heatmaps"`` or ``"simcc"`` (``XEdu.outputs.keypoints.DECODES``).
    """

    decode: str = "heatmaps"

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of their outputs."""
        return ("heatmaps",) if self.decode == "heatmaps" else ("simcc_x", "simcc_y")
