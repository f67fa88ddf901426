"""``mmedu camera``: a converted model on a folder and on a video; nothing here has a camera or a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest

from BaseDT import image


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained LeNet, converted."""
    from MMEdu import MMClassification

    checkpoint = Path(json.loads(trained.ended.out)["best_checkpoint"])
    out = tmp_path_factory.mktemp("模 型") / "猫狗.onnx"
    return MMClassification("LeNet").convert(checkpoint=checkpoint, out_file=out)


@pytest.fixture
def cats(trained) -> Path:
    return trained.data / "val_set" / "猫"


def test_a_folder_becomes_a_video_and_a_line_tells_how_fast(mmedu, model, cats):
    ended = mmedu("camera", model, "--source", cats, "--out", "结 果/现场.mp4")
    assert ended.code == 0, ended.err
    first, last = ended.out.splitlines()
    assert "猫" in first
    assert last.startswith("8 frames in ")
    assert last.endswith(f"Written: {Path('结 果', '现场.mp4')}")
    assert cv2.VideoCapture(str(Path("结 果", "现场.mp4"))).read()[0]


def test_a_video_becomes_a_folder(mmedu, model, cats):
    mmedu("camera", model, "--source", cats, "--out", "a.avi")
    ended = mmedu("camera", model, "--source", "a.avi", "--out", "出", "--frames", "3")
    assert ended.code == 0, ended.err
    assert len(list(Path("出").iterdir())) == 3


def test_without_a_screen_it_writes_and_says_so(mmedu, model, cats):
    ended = mmedu("camera", model, "--source", cats)
    assert ended.code == 0
    assert ended.out.startswith("No window can open here")
    assert Path("live.mp4").exists()


def test_no_show_writes_nothing(mmedu, model, cats):
    assert mmedu("camera", model, "--source", cats, "--no-show").code == 0
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--source", "93"], "-301"),
        (["--source", "没有.mp4"], "-103"),
        (["--frames", "0"], "-305"),
        (["--thr", "3"], "-305"),
        (["--out", "x.gif", "--source", "."], "-103"),
    ],
)
def test_a_mistake_ends_with_its_code_and_no_file(mmedu, model, arguments, code):
    ended = mmedu("camera", model, *arguments)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. ")
    assert list(Path().iterdir()) == []


def test_a_missing_model_is_named(mmedu, model, cats):
    ended = mmedu("camera", model.with_name("猫狗2.onnx"), "--source", cats)
    assert ended.code == 1
    assert "-102" in ended.err
    assert "猫狗.onnx" in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C goes to the whole console")
def test_ctrl_c_ends_with_the_summary_and_a_video_that_plays(model, cats, tmp_path):
    """A film of four thousand pictures, stopped."""
    writer = cv2.VideoWriter(str(tmp_path / "长.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 64))
    picture = image.read(next(cats.iterdir()))
    for _ in range(4000):
        writer.write(cv2.resize(picture, (64, 64)))
    writer.release()
    command = [sys.executable, "-m", "MMEdu", "camera", str(model), "--source", "长.avi", "--out", "出.avi"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "frames/s" in rest
    assert cv2.VideoCapture(str(tmp_path / "出.avi")).read()[0]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".avi") == ["出.avi", "长.avi"]
