"""What a segmentation training leaves: curves, bars, a matrix, the worst pictures, tables; and what goes again."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from BaseDT import image
from BaseDT.dataset import segmentation
from BaseDT.metrics import pixel_confusion
from MMEdu.tasks.segmentation import report
from MMEdu.tasks.segmentation.evaluation import JudgedMask
from MMEdu.tasks.segmentation.samples import packed

LOG = [{"mode": "train", "epoch": 1, "iter": 1, "loss": 0.5}, {"mode": "val", "epoch": 1, "mIoU": 0.4}]
FILES = ["confusion_matrix.png", "curves.png", "iou.png", "masks.png", "mistakes.csv", "per_class.csv"]


def helper() -> ModuleType:
    """Tests of this folder are no package."""
    path = Path(__file__).parents[2] / "segmentation_data.py"
    spec = importlib.util.spec_from_file_location("segmentation_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory):
    """The validation of a network that shifts everything to the right."""
    data = segmentation.load(helper().write(tmp_path_factory.mktemp("数据 集")))
    rows = np.empty(len(data.val), object)
    for index, picture in enumerate(data.val):
        truth = picture.read_mask()
        predicted = np.roll(truth, 12, axis=1)
        rows[index] = JudgedMask(pixel_confusion(truth, predicted, 3, unanswered=True), packed(predicted))
    return report.evaluated_masks(data.val, data.classes, rows, 16)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_is_left_and_named(evaluated, tmp_path: Path):
    written = report.write(tmp_path / "结 果", LOG, evaluated)
    assert names(tmp_path / "结 果") == sorted(path.name for path in written) == FILES
    assert set(FILES) == set(report.MEANINGS)
    with (tmp_path / "结 果" / "per_class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == ["背景", "方块", "圆"]
    assert 0 < float(rows[1]["IoU"]) < 1


def test_the_worst_pictures_come_first_with_their_mistakes(evaluated, tmp_path: Path):
    values = [shown.miou for shown in evaluated.worst]
    assert values == sorted(values)
    assert len(values) == 4
    assert evaluated.worst[-1].wrong == 0, "the last picture shows nothing, and nothing was said"
    report.write(tmp_path, LOG, evaluated)
    sheet = image.read(tmp_path / "masks.png").reshape(-1, 3).astype(int)
    for colour in ((0, 0, 220), (0, 159, 230)):  # borders of what was missed, and of what is false
        assert (np.abs(sheet - colour).max(axis=1) <= 2).sum() > 50


def test_without_a_validation_only_the_curves_are_left(evaluated, tmp_path: Path):
    report.write(tmp_path, LOG, evaluated)
    assert [path.name for path in report.write(tmp_path, LOG, None)] == ["curves.png"]
    assert names(tmp_path) == ["curves.png"]
