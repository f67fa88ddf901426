"""Fixtures for the documented classes: a trained LeNet, a folder to work in, what an error looks like."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    pass

TESTS = str(Path(__file__).resolve().parent)
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)  # detection_data

# Beside other work, two threads of torch wait for each other most of the time: ten times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@dataclass(frozen=True)
class Trained:
    """What a training of LeNet on two classes left. Shared by all tests: not to be written to.

    Attributes:
        dataset: The set it was trained on; its classes are 狗 (0) and 猫 (1).
        folder: The run's folder, with ``best_*.pth`` and ``latest.pth``.
        checkpoint: Its ``latest.pth``.
        dog: A picture of class 狗, gray, 28×28.
        cat: A picture of class 猫, gray, 28×28.
    """

    dataset: Path
    folder: Path
    checkpoint: Path
    dog: Path
    cat: Path


@pytest.fixture(scope="session")
def trained(make_imagenet: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A LeNet that knows its classes, trained once for all tests that only read it."""
    from MMEdu import MMClassification

    place = tmp_path_factory.mktemp("训练 好的")
    dataset = make_imagenet(place / "数据 集", train=12, val=4)
    model = MMClassification("LeNet")
    model.load_dataset(dataset)
    log = model.train(epochs=6, batch_size=6, lr=0.01, optimizer="Adam", random_seed=1, save_fold=place / "模 型")
    assert log[-1]["accuracy_top-1"] == 100.0
    dog, cat = (next(iter(sorted((dataset / "val_set" / name).iterdir()))) for name in ("狗", "猫"))
    return Trained(dataset, place / "模 型", place / "模 型" / "latest.pth", dog, cat)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a Chinese name and a space, in which the test works, as a pupil's script would."""
    folder = tmp_path / "我的 作品"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings draw no curves and do not wait for the disk: most of a tiny training's time, and tested elsewhere."""
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    monkeypatch.setattr("os.fsync", lambda _: None)


@dataclass(frozen=True)
class TrainedDetector:
    """What a training of SSD_Lite at 96 pixels left. Shared by all tests: not to be written to.

    Attributes:
        dataset: The set it was trained on; its classes are 方块 (0) and 圆 (1).
        folder: The run's folder.
        checkpoint: Its ``latest.pth``.
        log: What ``train`` returned.
        picture: A validation picture, 90×120.
    """

    dataset: Path
    folder: Path
    checkpoint: Path
    log: list[dict[str, object]]
    picture: Path


@pytest.fixture(scope="session")
def detection_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set for detection; not to be written to."""
    import detection_data

    return detection_data.write(tmp_path_factory.mktemp("检测") / "数据 集")


@pytest.fixture(scope="session")
def detector(detection_set: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedDetector:
    """A detector that was trained once for all tests that only read it; it has opinions, no more."""
    from MMEdu import MMDetection

    folder = tmp_path_factory.mktemp("检测 模型") / "模 型"
    model = MMDetection("ssd_lite")
    model.load_dataset(detection_set)
    log = model.train(
        epochs=2,
        batch_size=4,
        lr=0.002,
        optimizer="AdamW",
        image_size=96,
        random_seed=1,
        precision="float32",
        save_fold=folder,
    )
    picture = detection_set / "images" / "valid" / "图 片 00.png"
    return TrainedDetector(detection_set, folder, folder / "latest.pth", log, picture)
