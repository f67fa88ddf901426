"""The commands know a set, a checkpoint and a file of keypoints when they see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pose_data import face, write_faces

from BaseDT import image


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_faces(tmp_path / "脸 [1]", train=6, val=3)


def test_from_a_folder_to_a_board(mmedu, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    checked = mmedu("check", faces, "--json")
    assert checked.code == 0
    content = json.loads(checked.out)
    assert (content["task"], content["points"]) == ("pose", ["nose", "left_eye", "right_eye"])

    small = ("--epochs", "1", "--image-size", "32", "--random-seed", "1", "--save-fold", "模 型")
    trained = mmedu("train", faces, "--backbone", "SimCC_MobileNet", *small, "--json")
    assert trained.code == 0, trained.err
    (best,) = Path("模 型").glob("best_PCK_epoch_1.pth")

    picture = image.write(tmp_path / "图 片.png", face(3)[0])
    shown = mmedu("infer", best, picture, "--thr", "0", "--json")
    (entry,) = json.loads(shown.out)["results"]
    assert len(entry["objects"][0]["points"]) == 3
    assert (Path("pose_result") / picture.name).is_file()

    converted = mmedu("convert", best, "脸.onnx")
    assert converted.code == 0, converted.err
    assert "original clients" not in converted.out
    exported = mmedu("infer", "脸.onnx", picture, "--thr", "0", "--json", "--no-show")
    (other,) = json.loads(exported.out)["results"]
    assert len(other["objects"][0]["points"]) == 3

    judged = mmedu("eval", "脸.onnx", faces, "--json")
    assert judged.code == 0, judged.err
    assert json.loads(judged.out)["people"] == 3


def test_a_threshold_of_boxes_is_refused_for_points(
    mmedu, faces: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    mmedu("train", faces, "--epochs", "1", "--image-size", "32", "--save-fold", "m", "--no-validate")
    picture = next((faces / "images").iterdir())
    ended = mmedu("infer", "m/latest.pth", picture, "--rpn-threshold", "0.5")
    assert ended.code != 0
    assert "--rpn-threshold" in ended.err
    assert "classifies" not in ended.err
