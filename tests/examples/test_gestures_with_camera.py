"""``examples/gestures_with_camera.py``: gestures are learned from folders, by made-up hands of two forms."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

import presets_on_disk
from BaseDT import image
from XEdu.presets import opening

FILE = Path(__file__).resolve().parents[2] / "examples" / "gestures_with_camera.py"


def _picture(turned: bool, random: np.random.Generator) -> np.ndarray:
    """A hand for the made-up networks; left and right ones stand for two gestures."""
    x, y = random.uniform(200, 440), random.uniform(200, 280)
    return presets_on_disk.spots((x, y), red=(0,) if turned else ())


def test_gestures_are_learned_from_folders_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "_published", presets_on_disk.sources(tmp_path / "网 络").obtain)
    spec = importlib.util.spec_from_file_location("gestures_with_camera", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    random = np.random.default_rng(0)
    for name, turned in (("拳头", False), ("点赞", True)):
        for number in range(4):
            image.write(tmp_path / "手势" / name / f"{number}.png", _picture(turned, random))
    film = cv2.VideoWriter(str(tmp_path / "手.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 24, (640, 480))
    for turned in (True, False):
        film.write(_picture(turned, random))
    film.release()
    module.main(tmp_path / "手势", str(tmp_path / "手.avi"))
    *counts, first, second = capsys.readouterr().out.splitlines()
    assert counts == ["拳头: 4", "点赞: 4"]
    assert first.startswith("点赞")
    assert second.startswith("拳头")
