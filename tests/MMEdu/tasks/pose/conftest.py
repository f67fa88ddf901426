"""What the tests of keypoints share: a set, and a model that has learned a little."""

from __future__ import annotations

from pathlib import Path

import pytest
from pose_data import quiet, write_faces

from MMEdu import MMPose


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_faces(tmp_path_factory.mktemp("关 键 点") / "数据 集")


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A set and a checkpoint of a heat-map model that finds most of its points."""
    root = tmp_path_factory.mktemp("学 过")
    data = write_faces(root / "数据", train=48, val=8)
    model = MMPose()
    quiet(model)
    model.load_dataset(data, check=False)
    model.train(
        epochs=8, lr=0.003, batch_size=8, image_size=64, random_seed=1, pretrained=False, flip=False,
        save_fold=root / "模 型",
    )  # fmt: skip
    return data, next((root / "模 型").glob("best_PCK_epoch_*.pth"))
