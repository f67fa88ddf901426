"""Two real classifiers to learn from, with fresh weights, converted once; pictures that a network can tell apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CLASSES = ("甲", "乙", "丙", "丁")
"""Of the models; a learner's own are others."""


@pytest.fixture(scope="session")
def teachable(tmp_path_factory: pytest.TempPathFactory):
    """A function that gives the ONNX file of a backbone, made once: ``LeNet`` (gray) or ``MobileNet``, with features.

    The files are shared: not to be written to.
    """
    import torch

    from MMEdu import MMClassification
    from MMEdu.models import registry

    place = tmp_path_factory.mktemp("能 学")
    (place / "classes.txt").write_text("\n".join(CLASSES), "utf-8")
    made: dict[str, Path] = {}

    def make(backbone: str = "LeNet", *, features: bool = True) -> Path:
        key = f"{backbone} {features}"
        if key not in made:
            torch.manual_seed(3)
            torch.save(registry.find(backbone, "classification").build(len(CLASSES)).state_dict(), place / "fresh.pth")
            model = MMClassification(backbone)
            model.listener = lambda _: None
            out = place / key
            made[key] = model.convert(
                place / "fresh.pth", out_file=out, class_path=place / "classes.txt", features=features
            )
        return made[key]

    return make


def stripes(angle: str, seed: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """A noisy picture, H×W×3 BGR: ``flat``, ``steep``, or ``check`` (both)."""
    rng = np.random.default_rng((seed, *map(ord, angle)))
    y, x = np.mgrid[: size[0], : size[1]] * (2 * np.pi / 12)
    phase = rng.uniform(0, 1, 2)
    waves = {"flat": [np.sin(y + phase[0])], "steep": [np.sin(x + phase[1])]}
    waves["check"] = waves["flat"] + waves["steep"]
    gray = 128 + 80 * np.mean(waves[angle], axis=0)
    colour = gray[..., None] + rng.uniform(-20, 20, (*size, 3))
    return np.clip(colour, 0, 255).astype(np.uint8)


def several(angle: str, count: int, first: int = 0) -> list[np.ndarray]:
    """Pictures of one kind."""
    return [stripes(angle, first + number) for number in range(count)]


def write(folder: Path, pictures: list[np.ndarray]) -> Path:
    """A folder of PNGs."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture[:, :, ::-1]).save(folder / f"图 {number:02}.png")
    return folder
