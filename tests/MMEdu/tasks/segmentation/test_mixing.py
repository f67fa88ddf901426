"""What is written beside a set of masks is not read as part of it next time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from MMEdu.models.registry import find
from MMEdu.tasks.segmentation.data import load


@pytest.mark.parametrize(
    ("inside", "mixes"), [("labels", True), ("labels/neu", True), ("images", True), ("结果", False)]
)
def test_pictures_are_not_written_among_pictures_or_masks(tmp_path: Path, inside: str, mixes: bool) -> None:
    for number in range(3):
        for folder, channels in (("images", (3,)), ("labels", ())):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(np.full((8, 8, *channels), number % 2, np.uint8)).save(tmp_path / folder / f"{number}.png")
    assert load(find("UNet", "segmentation"), tmp_path).would_mix(tmp_path / inside) is mixes
