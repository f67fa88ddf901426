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

import models_on_disk
import presets_on_disk
from BaseDT import image
from XEdu.presets import opening


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
    first, *_, last = ended.out.splitlines()
    assert "猫" in first
    assert last.startswith("8 frames in ")
    assert last.endswith(f"Written: {Path('结 果', '现场.mp4')}")
    assert cv2.VideoCapture(str(Path("结 果", "现场.mp4"))).read()[0]


def test_what_is_not_sure_enough_is_none_of_these(mmedu, model, cats):
    ended = mmedu("camera", model, "--source", cats, "--no-show", "--thr", "1")
    assert ended.code == 0, ended.err
    assert "none of these" in ended.out.splitlines()[0]


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
        (["--thr", "auto"], "-305"),
        (["--thr", "x"], "-305"),
        (["--out", "x.gif", "--source", "."], "-103"),
    ],
)
def test_a_mistake_ends_with_its_code_and_no_file(mmedu, model, arguments, code):
    ended = mmedu("camera", model, *arguments)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. ")
    assert list(Path().iterdir()) == []


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It finds always the same two boxes."""
    path = tmp_path_factory.mktemp("检 测") / "x.onnx"
    return models_on_disk.detector(path, ((2, 4, 8, 12, 0.9), (9, 4, 15, 8, 0.8)), (1, 2))


def test_what_is_counted_is_said_and_written(mmedu, detector, cats):
    ended = mmedu("camera", detector, "--source", cats, "--no-show", "--count", "--csv", "数.csv")
    assert ended.code == 0, ended.err
    first, second = models_on_disk.CLASSES[1:3]
    assert f"{first} #1, {second} #2" in ended.out.splitlines()[0]
    assert ended.out.splitlines()[-1].startswith("Counted: ")
    assert f"{first} 1 seen" in ended.out.splitlines()[-1]
    assert len(Path("数.csv").read_text("utf-8-sig").splitlines()) == 3
    again = mmedu("camera", detector, "--source", cats, "--no-show", "--csv", "数.csv")
    assert (again.code, "-105" in again.err, "数_2.csv" in again.err) == (1, True, True)


def test_nobody_crosses_a_line_who_does_not_move(mmedu, detector, cats):
    ended = mmedu("camera", detector, "--source", cats, "--no-show", "--line", "0,0.5,1,0.5")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1] == "Nothing was counted."


@pytest.mark.parametrize("arguments", [["--line", "1,2,3"], ["--line", "0,0,9000,9000"]])
def test_a_line_that_is_none_is_named_with_the_option(mmedu, detector, cats, arguments):
    ended = mmedu("camera", detector, "--source", cats, "--no-show", *arguments)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -305. ")
    assert "--line" in ended.err


def test_a_classifier_cannot_be_asked_to_count(mmedu, model, cats):
    ended = mmedu("camera", model, "--source", cats, "--count")
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -311. ")
    assert list(Path().iterdir()) == []


def test_a_missing_model_is_named(mmedu, model, cats):
    ended = mmedu("camera", model.with_name("猫狗2.onnx"), "--source", cats)
    assert ended.code == 1
    assert "-102" in ended.err
    assert "猫狗.onnx" in ended.err


def test_of_one_picture_a_picture_is_written(mmedu, model, cats):
    picture = next(cats.iterdir())
    ended = mmedu("camera", model, "--source", picture, "--out", "画 出.jpg")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1].startswith("1 frame in ")
    assert image.read("画 出.jpg").shape[0] >= image.read(picture).shape[0]
    assert mmedu("camera", model, "--source", picture).code == 0
    assert Path("live.jpg").exists(), "a video of one frame is of no use"


def test_where_no_picture_can_be_read_the_command_fails(mmedu, model):
    Path("坏").mkdir()
    for name in ("一.png", "二.png"):
        Path("坏", name).write_bytes(b"\x89PNG\r\n\x1a\n")
    ended = mmedu("camera", model, "--source", "坏", "--out", "出.mp4")
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -205. ")
    assert ended.out.count("Left out: ") == 2
    assert [path.name for path in Path().iterdir()] == ["坏"]


def test_signals_are_as_before_when_the_command_ends(mmedu, model, cats):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    mmedu("camera", model, "--source", cats, "--no-show")
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C goes to the whole console")
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_and_how_a_headless_board_is_ended_leave_a_summary_and_a_video_that_plays(model, cats, tmp_path, ending):
    """A film of four thousand pictures, stopped."""
    writer = cv2.VideoWriter(str(tmp_path / "长.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 64))
    picture = image.read(next(cats.iterdir()))
    for _ in range(4000):
        writer.write(cv2.resize(picture, (64, 64)))
    writer.release()
    command = [sys.executable, "-m", "MMEdu", "camera", str(model), "--source", "长.avi", "--out", "出.mp4"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        process.stdout.readline()
        # Not earlier: Ctrl-C while Python compiles a text (an import of Pillow) makes it exit as by the signal.
        end = time.monotonic() + 60
        while not (tmp_path / "出.mp4").exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.5)
        os.kill(process.pid, getattr(signal, ending))
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "frames/s" in rest
    assert cv2.VideoCapture(str(tmp_path / "出.mp4")).read()[0]
    assert {path.name for path in tmp_path.iterdir()} == {"出.mp4", "长.avi"}


# --- tasks that need no model -----------------------------------------------------------------------------------------


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A film of light spots, which the made-up networks take for hands."""
    monkeypatch.setattr(opening, "_published", presets_on_disk.sources(tmp_path / "网 络").obtain)
    path = tmp_path / "手 部.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 24, (640, 480))
    for frame in range(6):
        writer.write(presets_on_disk.spots((150 + 4 * frame, 200)))
    writer.release()
    return path


def test_hands_need_no_model(mmedu, film):
    ended = mmedu("camera", "--task", "hand", "--source", film, "--out", "出.avi")
    assert ended.code == 0, ended.err
    first, *_, last = ended.out.splitlines()
    assert "#1 left hand" in first
    assert last.startswith("6 frames in ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("Expected a model, or a task",)),
        (("m.onnx", "--task", "hand"), ("Expected a model, or a task",)),
        (("--task", "pose_hnd"), ("-312", "Did you mean 'pose_hand'")),
        (("--task", "pose_face106"), ("-312", "Nearest: 'pose_face'")),
        (("--task", "mmedu"), ("-311", "needs a model")),
        (("--task", "hand", "--thr", "9"), ("-305", "thr")),
    ],
)
def test_what_cannot_be_run_is_named(mmedu, film, arguments, words):
    ended = mmedu("camera", *arguments, "--source", film, "--no-show")
    assert ended.code == 1
    assert all(word in ended.err for word in words), ended.err
