"""The documented functions: boxes, curves and a confusion matrix, from files and arrays, and what they refuse."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT import display, draw, image
from BaseDT.errors import (
    DependencyMissing,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    LogNotFound,
    NothingToShow,
    ParameterInvalid,
    ParameterUnknown,
)
from BaseDT.plot import imshow_det_bboxes, plot_confusion_matrix, plot_log
from BaseDT.results import DetectionResult

LOG: list[dict[str, Any]] = [
    {"env": "python"},
    {"mode": "train", "epoch": 1, "iter": 10, "lr": 0.1, "loss": 2.0},
    {"mode": "train", "epoch": 1, "iter": 20, "lr": 0.1, "loss": 1.0},
    {"mode": "val", "epoch": 1, "iter": 20, "lr": 0.1, "accuracy_top-1": 60.0},
]
PHOTO = np.full((240, 320, 3), 128, dtype=np.uint8)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    pictures: list[Any] = []
    monkeypatch.setattr(display, "show", lambda picture: bool(pictures.append(picture) or True))
    return pictures


def _file(path: Path, text: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in LOG) if text is None else text, encoding="utf-8")
    return path


# Boxes


def test_boxes_are_drawn_shown_written_and_returned(shown: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "数据 集" / "框.png"
    drawn = imshow_det_bboxes(PHOTO, [[10, 40, 100, 200, 0.75]], [1], ["猫", "狗"], out_file=file)
    expected = draw.detections(PHOTO, [DetectionResult(1, 0.75, (10, 40, 100, 200), "狗")])
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(image.read(file), expected)
    assert len(shown) == 1


def test_a_small_picture_keeps_its_size_and_is_written_larger(tmp_path: Path) -> None:
    small = np.full((60, 80, 3), 128, np.uint8)
    drawn = imshow_det_bboxes(small, [[10, 20, 40, 50]], [1], show=False, out_file=tmp_path / "框.png")
    assert drawn.shape == small.shape
    assert tuple(drawn[49, 25]) == draw.class_colour(1)
    assert image.read(tmp_path / "框.png").shape == (180, 240, 3)


def test_a_threshold_leaves_out_what_is_below_it(shown: list[Any]) -> None:
    boxes = np.array([[10, 40, 100, 200, 0.3], [150, 40, 300, 200, 0.5]], np.float32)
    drawn = imshow_det_bboxes(PHOTO, boxes, np.array([0, 1]), score_thr=0.5, show=False)
    np.testing.assert_array_equal(drawn, imshow_det_bboxes(PHOTO, boxes[1:], [1], show=False))
    assert not shown


def test_boxes_need_no_scores_no_names_and_may_be_none() -> None:
    drawn = imshow_det_bboxes(PHOTO, [[10, 40, 100, 200]], [3])
    found = [DetectionResult(3, 1.0, (10, 40, 100, 200), "3")]
    np.testing.assert_array_equal(drawn, draw.detections(PHOTO, found, scores=False), "no score is made up")
    for nothing in ([], np.zeros((0, 4)), np.zeros((0, 5))):
        np.testing.assert_array_equal(imshow_det_bboxes(PHOTO, nothing, []), PHOTO)


def test_names_may_be_a_dictionary_and_numbers_numpys() -> None:
    drawn = imshow_det_bboxes(PHOTO, [[10, 40, 100, 200, 0.9]], [5], {5: "猫"}, score_thr=np.float32(0.5))
    np.testing.assert_array_equal(drawn, draw.detections(PHOTO, [DetectionResult(5, 0.9, (10, 40, 100, 200), "猫")]))


@pytest.mark.parametrize(
    ("bboxes", "labels", "names", "words"),
    [
        ([[1, 2, 3, 4], [1, 2, float("nan"), 4]], [0, 0], None, ("NaN", "row 1")),
        ([[1, 2, 3, 4]], [-1], None, ("labels hold -1", "from 0")),
        ([[1, 2, 3, 4]], [0], "cat", ("'cat'", "class_names=['cat']")),
        ([[1, 2, 3, 4]], [0], 3, ("class_names is 3",)),
        ([[1, 2, 3, 4]], [0], {5: "a"}, ("label 0", "class_names")),
    ],
)
def test_what_is_wrong_with_boxes_is_said(
    bboxes: Any, labels: Any, names: Any, words: tuple[str, ...], refused: Any
) -> None:
    with refused(ParameterInvalid, *words):
        imshow_det_bboxes(PHOTO, bboxes, labels, names)


@pytest.mark.parametrize(("names", "word"), [("cat", "class_names=['cat']"), ({0: "a", 2: "b"}, "label 1")])
def test_names_of_a_confusion_matrix_are_one_for_each_class(names: Any, word: str, refused: Any) -> None:
    with refused(ParameterInvalid, word):
        plot_confusion_matrix([0, 1], [0, 1], names)


def test_a_picture_that_opencv_did_not_find_says_so(refused: Any) -> None:
    with refused(ImageTypeUnsupported, "data is None: cv2.imread found no file, or the camera gave no frame"):
        imshow_det_bboxes(None, [], [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bboxes", "labels", "options"),
    [
        ([[1, 2, 3, 4]], [], {}),
        ([], [1], {}),
        ([1, 2, 3, 4], [0], {}),
        ([[1, 2, 3]], [0], {}),
        ([[3, 2, 1, 4]], [0], {}),
        ([[1, 2, 3, float("nan")]], [0], {}),
        ([[1, 2, 3, 4, float("nan")]], [0], {}),
        ([[1, 2, 3, 4, 1.5]], [0], {}),
        ("boxes", [0], {}),
        ([[1, 2, 3, 4]], [0.5], {}),
        ([[1, 2, 3, 4]], [-1], {}),
        ([[1, 2, 3, 4]], ["cat"], {}),
        ([[1, 2, 3, 4]], [[0]], {}),
        ([[1, 2, 3, 4]], [2], {"class_names": ["a", "b"]}),
        ([[1, 2, 3, 4]], [0], {"class_names": [7]}),
        ([[1, 2, 3, 4]], [0], {"class_names": np.array("cat")}),
        ([[1, 2, 3, 4]], [0], {"score_thr": 30}),
        ([[1, 2, 3, 4]], [0], {"score_thr": "0.3"}),
        ([[1, 2, 3, 4]], [0], {"show": "yes"}),
    ],
)
def test_boxes_that_cannot_be_are_refused(bboxes: Any, labels: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ParameterInvalid):
        imshow_det_bboxes(PHOTO, bboxes, labels, **options)


def test_a_picture_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        imshow_det_bboxes(tmp_path / "no.jpg", [], [])
    with pytest.raises(ImageUnsupported):
        imshow_det_bboxes(PHOTO, [], [], out_file=tmp_path / "x.gif")


# Curves


def test_a_list_a_file_and_a_folder_give_the_same_curves(shown: list[Any], tmp_path: Path) -> None:
    folder = tmp_path / "数据 集"
    _file(folder / "20260101_000000.log.json", "")
    file = _file(folder / "20260102_000000.log.json")
    drawn = plot_log(LOG, save=folder / "曲线.png")
    assert drawn.ndim == 3
    assert drawn.shape[1] > 1000
    np.testing.assert_array_equal(image.read(folder / "曲线.png"), drawn)
    for log in (file, str(file), folder):
        np.testing.assert_array_equal(plot_log(log), drawn)
    assert len(shown) == 4


def test_a_log_that_was_cut_short_is_drawn_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = _file(tmp_path / "a.log.json").read_text(encoding="utf-8")
    garbled = _file(tmp_path / "b.log.json", "\ufeff" + whole + '[]\n7\n{"mode": "train"}\n{"mode": "val", "ep')
    np.testing.assert_array_equal(plot_log(garbled, show=False), plot_log(LOG, show=False))


def test_a_log_that_is_missing_is_named(tmp_path: Path) -> None:
    _file(tmp_path / "20260101_000000.log.json")
    with pytest.raises(LogNotFound, match=r"(?s)20260101_000001.*Did you mean"):
        plot_log(tmp_path / "20260101_000001.log.json")
    with pytest.raises(FileNotFoundError, match="No such training log"):
        plot_log("no/folder/x.log.json")
    (tmp_path / "空").mkdir()
    with pytest.raises(LogNotFound, match=r"(?s)in the folder.*save_fold"):
        plot_log(tmp_path / "空")


@pytest.mark.parametrize("log", [None, 5, {}, [], [1, 2], LOG[:1], LOG[3:], [{"mode": "train"}]])
def test_what_is_no_log_is_refused(log: Any) -> None:
    with pytest.raises(ParameterInvalid, match="log"):
        plot_log(log)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"[" * 100_000])
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.log.json").write_bytes(content)
    with pytest.raises(ParameterInvalid, match="no line of training"):
        plot_log(tmp_path / "x.log.json")


def test_a_log_without_a_finite_loss_has_nothing_to_show() -> None:
    with pytest.raises(NothingToShow):
        plot_log([{"mode": "train", "epoch": 1, "iter": 1, "loss": float("nan")}])


def test_misspelt_arguments_are_refused() -> None:
    with pytest.raises(ParameterUnknown, match=r"(?s)plot_log\(\): sav.*'save'"):
        plot_log(LOG, sav="x.png")  # type: ignore[call-arg]


# Confusion matrix


def test_a_confusion_matrix_takes_labels_and_predictions(shown: list[Any], tmp_path: Path) -> None:
    drawn = plot_confusion_matrix([0, 0, 1], [0, 1, 1], ["猫", "狗"], save=tmp_path / "矩 阵.png")
    np.testing.assert_array_equal(image.read(tmp_path / "矩 阵.png"), drawn)
    assert len(shown) == 1
    other = plot_confusion_matrix(np.array([0, 0, 1]), [1, 1, 1], ["猫", "狗"], show=False)
    assert not np.array_equal(drawn, other)
    assert plot_confusion_matrix([0, 2], [1, 0], show=False).shape[0] > 400


@pytest.mark.parametrize(
    ("labels", "predictions", "names"),
    [
        ([], [], None),
        ([0, 1], [0], None),
        ([0], [], None),
        ([0, 1], [0, 2], ["a", "b"]),
        ([0.5], [0], None),
        ([-1], [0], None),
        (["a"], ["a"], None),
        (None, [0], None),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: Any, predictions: Any, names: Any) -> None:
    with pytest.raises(ParameterInvalid):
        plot_confusion_matrix(labels, predictions, names)


# matplotlib


def test_boxes_need_no_matplotlib() -> None:
    code = """
import sys
sys.modules["matplotlib"] = None
import numpy as np
from BaseDT import plot
assert plot.imshow_det_bboxes(np.zeros((40, 40, 3), np.uint8), [[1, 2, 3, 4]], [0]).any()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_matplotlib_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr("BaseDT.plot.figure.find_spec", lambda name: None if name == "matplotlib" else real(name))
    for attempt in (lambda: plot_log(LOG), lambda: plot_confusion_matrix([0], [0])):
        with pytest.raises(DependencyMissing, match="pip install matplotlib"):
            attempt()
