"""Classes that are each other's mirror: found after a training that flipped them, and learnt with ``flip=False``."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from BaseDT.dataset import imagenet
from BaseDT.language import use_language
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.engine.events import Notice
from MMEdu.tasks.classification.mirrored_classes import MirrorCheck, confused_pairs, describe, is_surely_more
from MMEdu.tasks.classification.samples import LabelledPictures

GRAY = Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,))


def arrow(random: np.random.Generator, name: str) -> np.ndarray:
    picture = random.integers(90, 150, (40, 40), dtype=np.uint8)
    ends = [(6, int(random.integers(14, 26))), (33, int(random.integers(14, 26)))]
    if name == "左":
        ends.reverse()
    cv2.arrowedLine(picture, *ends, 255, 3, tipLength=0.5)
    return cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE) if name == "下" else picture


@pytest.fixture(scope="module")
def arrows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("箭头") / "数据 集"
    random = np.random.default_rng(4)
    for split, count in (("training_set", 16), ("val_set", 8)):
        for name in ("左", "右", "下"):
            folder = root / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                cv2.imencode(".png", arrow(random, name))[1].tofile(folder / f"图 {index}.png")
    return root


def check_of(root: Path, preprocess: Preprocess = GRAY) -> MirrorCheck:
    data = imagenet.load(root)
    return MirrorCheck(data.classes, LabelledPictures(data.train, preprocess), LabelledPictures(data.val, preprocess))


def taken_for(check: MirrorCheck, a: str, b: str) -> tuple[np.ndarray, np.ndarray]:
    """Scores of a network that is right but for two classes, of which it names the first for both."""
    named = check.val.labels.copy()
    first, second = check.classes.index(a), check.classes.index(b)
    named[named == second] = first
    return np.eye(len(check.classes), dtype=np.float32)[named], np.arange(len(named))


def trained(root: Path, folder: Path, **arguments: object) -> tuple[float, list[str]]:
    lines: list[str] = []
    model = MMClassification("LeNet")
    model.listener = lambda event: lines.append(event.text) if isinstance(event, Notice) else None
    model.load_dataset(root)
    log = model.train(epochs=12, batch_size=8, optimizer="Adam", lr=0.003, random_seed=1, save_fold=folder, **arguments)
    best = max(line["accuracy_top-1"] for line in log if line.get("mode") == "val")
    return best, [line for line in lines if "mirror" in line]


@pytest.mark.usefixtures("quick")
def test_after_flips_the_pair_is_named_and_without_them_it_is_learnt(arrows: Path, tmp_path: Path) -> None:
    reached, lines = trained(arrows, tmp_path / "翻转", flip=True)
    assert reached < 85
    assert len(lines) == 1
    assert "'右' and '左' are each other's mirror" in lines[0]
    assert "train(flip=False)" in lines[0]
    reached, lines = trained(arrows, tmp_path / "不翻转", flip=False)
    assert reached > 95
    assert lines == []


def test_colours_make_no_difference(arrows: Path) -> None:
    check = check_of(arrows, Preprocess(size=(96, 96), resize="short_side", resize_to=110))
    assert "mirror" in check(*taken_for(check, "左", "右"))
    with use_language("zh"):
        assert "互为镜像" in check(*taken_for(check, "左", "右"))


def test_classes_that_are_mixed_up_for_another_reason_are_not_named(arrows: Path) -> None:
    check = check_of(arrows)
    assert check(*taken_for(check, "左", "下")) == ""


def test_mirrored_classes_that_are_told_apart_are_not_named(arrows: Path) -> None:
    check = check_of(arrows)
    labels = check.val.labels
    assert check(np.eye(3, dtype=np.float32)[labels], np.arange(len(labels))) == ""


def test_the_same_pictures_under_two_names_are_not_mirrored(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for split in ("training_set", "val_set"):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            for index in range(10):
                cv2.imwrite(str(tmp_path / split / name / f"{index}.png"), arrow(random, "左"))
    check = check_of(tmp_path)
    assert check(*taken_for(check, "a", "b")) == ""


def test_pictures_that_are_gone_are_passed_over(arrows: Path, tmp_path: Path) -> None:
    check = check_of(arrows)
    check.train.paths = [tmp_path / "weg.png"] * len(check.train.paths)
    assert check(*taken_for(check, "左", "右")) == ""


def test_which_pairs_are_looked_at() -> None:
    assert confused_pairs(np.array([[5, 5], [5, 5]])) == [(0, 1)]
    assert confused_pairs(np.array([[39, 1], [0, 40]])) == []
    assert confused_pairs(np.array([[1, 1], [1, 1]])) == [], "of four pictures nothing can be said"
    assert confused_pairs(np.array([[9, 0, 1], [0, 5, 5], [0, 9, 1]])) == [(1, 2), (0, 2)]


def test_how_sure_is_sure() -> None:
    # P(X >= 27) = 0.019 and P(X >= 26) = 0.040 for 40 throws.
    assert is_surely_more(27, 40)
    assert not is_surely_more(26, 40)
    assert not is_surely_more(0, 0)


def test_plain_pictures_are_described_without_a_division_by_zero() -> None:
    assert np.isfinite(describe(np.full((32, 32, 3), 7, np.uint8))).all()
