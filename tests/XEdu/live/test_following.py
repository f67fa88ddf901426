"""Live runs that follow and count: real pictures of the film of discs, and a detector that finds them by their gray."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import ParameterInvalid, PathExists, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.results import DetectionResult, KeypointsResult
from XEdu import live
from XEdu.outputs import classification, detection, keypoints


class Discs:
    """Finds white discs; the larger they are the surer."""

    kind: Any = detection.KIND
    reading = Reading()

    def __init__(self) -> None:
        self.threshold = -1.0

    def checked_threshold(self, _: str, value: Any) -> float:
        return 0.3 if value is None else float(value)

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[list[DetectionResult]]:
        self.threshold = -1.0 if threshold is None else threshold
        return [self._found(picture) for picture in pictures]

    def _found(self, picture: Pixels) -> list[DetectionResult]:
        count, _, stats, _ = cv2.connectedComponentsWithStats((picture[..., 0] > 200).astype(np.uint8))
        boxes = [tuple(map(float, (x, y, x + w, y + h))) for x, y, w, h, _ in stats[1:count].tolist()]
        return [DetectionResult(0, 0.9, box, "圆") for box in boxes]


class Crosses(Discs):
    """Sees a cross of points in each disc."""

    kind: Any = keypoints.KIND

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[Any]:
        return [[self._cross(disc) for disc in found] for found in super().predict(pictures, threshold=threshold)]

    @staticmethod
    def _cross(disc: DetectionResult) -> KeypointsResult:
        x1, y1, x2, y2 = disc.box
        points = np.array([[x1, y1], [x2, y2], [x1, y2], [x2, y1]])
        return KeypointsResult(points, np.ones(4), disc.box, disc.score, 0, disc.name, (), ((0, 1), (2, 3)))


class Says:
    kind = classification.KIND
    reading = Reading()

    def checked_threshold(self, _: str, value: Any) -> float:
        return 0.0

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[Any]:
        raise AssertionError


def picture(*centres: tuple[int, int]) -> Pixels:
    canvas = np.full((240, 320, 3), 60, np.uint8)
    for centre in centres:
        cv2.circle(canvas, centre, 14, (255, 255, 255), cv2.FILLED)
    return canvas


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty pictures: one disc goes down, and one up, over the middle."""
    monkeypatch.chdir(tmp_path)
    for step in range(20):
        image.write(Path("图 片", f"{step:02}.png"), picture((80, 30 + 9 * step), (240, 210 - 9 * step)))
    return Path("图 片")


def rows(path: str) -> list[list[str]]:
    return list(csv.reader(Path(path).read_text("utf-8-sig").splitlines()))


def test_what_crosses_is_counted_told_drawn_and_written(folder: Path) -> None:
    told: list[str] = []
    summary = live.run(Discs(), folder, line="0,0.5,1,0.5", csv="数.csv", out="出", tell=told.append)
    assert summary.counts == {"圆": {"in": 1, "out": 1}}
    assert "圆 #1" in told[0]
    assert [row[3:] for row in rows("数.csv")[1:]] == [["1", "圆", "in", "1"], ["2", "圆", "out", "1"]]
    frame, seconds = int(rows("数.csv")[1][2]), float(rows("数.csv")[1][1])
    assert seconds == pytest.approx((frame - 1) / 2), "a folder has two pictures a second"
    before, after = image.read(folder / "19.png"), image.read("出/19.png")
    changed = np.abs(after.astype(int) - before).max(axis=2) > 20
    assert changed[119:122, 20:60].all(), "the line"
    assert changed[121:135, 158:163].any(), "its arrow, to the inner side"
    assert changed[:12, :40].any(), "the counts"
    assert not changed[60:100, 100:200].any()


def test_numbers_alone_are_drawn_without_counts(folder: Path) -> None:
    model = Discs()
    summary = live.run(model, folder, track=True, out="出", threshold=0.5)
    assert summary.counts == {}
    assert model.threshold == 0.1, "what is half hidden has a low score, and is the tracker's affair"
    changed = np.abs(image.read("出/10.png").astype(int) - image.read(folder / "10.png")).max(axis=2) > 20
    assert changed.any()
    assert not changed[:12, :40].any()


def test_points_are_followed_with_their_bones(folder: Path) -> None:
    summary = live.run(Crosses(), folder, line="0,0.5,1,0.5", out="出")
    assert summary.counts == {"圆": {"in": 1, "out": 1}}
    changed = np.abs(image.read("出/05.png").astype(int) - image.read(folder / "05.png")).max(axis=2) > 20
    assert changed[75, 80], "bones cross in the middle of the disc"
    assert not changed[75, 90], "beside them the disc is as it was"


def test_who_is_no_object_yet_is_not_drawn(folder: Path) -> None:
    image.write(folder / "05.png", picture((80, 75), (240, 165), (160, 60)))  # one flash in between
    live.run(Crosses(), folder, track=True, out="出")
    changed = np.abs(image.read("出/05.png").astype(int) - image.read(folder / "05.png")).max(axis=2) > 20
    assert changed[75, 80]
    assert not changed[60, 160]


def test_without_a_line_all_are_counted_once(folder: Path) -> None:
    assert live.run(Discs(), folder, count=True, show=False).counts == {"圆": {"seen": 2}}
    live.run(Discs(), folder, csv="数.csv", show=False)
    assert [row[-2:] for row in rows("数.csv")[1:]] == [["seen", "1"], ["seen", "2"]]


def test_a_small_picture_is_enlarged_with_its_line(folder: Path) -> None:
    small = cv2.resize(picture((80, 100)), (80, 60), interpolation=cv2.INTER_AREA)
    for step in range(3):
        image.write(Path("小", f"{step}.png"), small)
    live.run(Discs(), "小", line=(0, 0.5, 1, 0.5), out="出")
    drawn = image.read("出/2.png")
    assert drawn.shape[:2] == (180, 240)
    assert np.abs(drawn[88:93, 20:40].astype(int) - 60).max(axis=2).min(axis=1).max() > 20


@pytest.mark.parametrize("wanted", [{"track": True}, {"count": True}, {"line": (0, 0.5, 1, 0.5)}, {"csv": "数.csv"}])
def test_a_classifier_finds_nothing_that_could_be_followed(folder: Path, wanted: dict[str, Any]) -> None:
    with pytest.raises(TaskMismatch):
        live.run(Says(), folder, **wanted)
    assert [path.name for path in Path().iterdir()] == [folder.name]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"line": "1,2,3"}, ParameterInvalid),
        ({"line": (0, 500, 640, 500)}, ParameterInvalid),
        ({"track": 1}, ParameterInvalid),
        ({"count": "yes"}, ParameterInvalid),
        ({"csv": 5}, ParameterInvalid),
        ({"csv": "图 片"}, PathExists),
    ],
)
def test_what_cannot_be_counted_is_named_and_leaves_nothing(folder: Path, wanted: Any, error: type) -> None:
    with pytest.raises(error):
        live.run(Discs(), folder, **{"csv": "数.csv", "out": "出.avi", **wanted})
    assert [path.name for path in Path().iterdir()] == [folder.name]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that cannot be compressed, long enough to be killed in."""
    path = tmp_path_factory.mktemp("片") / "长.avi"
    pixels = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (320, 240))
    for _ in range(400):
        writer.write(pixels)
    writer.release()
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
def test_who_is_killed_keeps_the_film_and_the_counts(folder: Path, tmp_path: Path, noise: Path, suffix: str) -> None:
    models_on_disk.detector(tmp_path / "x.onnx", ((2, 4, 8, 12, 0.9), (4, 4, 16, 16, 0.8)), (1, 2))
    command = [
        sys.executable,
        "-m",
        "MMEdu",
        "camera",
        "x.onnx",
        "--source",
        str(noise),
        "--out",
        f"出{suffix}",
        "--csv",
        "数.csv",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        film, end = Path(f"出{suffix}"), time.monotonic() + 60
        while not film.exists() or film.stat().st_size < 1_000_000:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    capture, frames = cv2.VideoCapture(str(film)), 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    assert frames > 10
    assert [row[-2:] for row in rows("数.csv")[1:]] == [["seen", "1"], ["seen", "1"]]
    assert not [path.name for path in Path().iterdir() if path.name.startswith(".")]
