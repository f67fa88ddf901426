"""``mmedu infer`` and ``mmedu info``: a checkpoint knows its model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import presets_on_disk
from BaseDT import image
from XEdu.presets import opening


@pytest.fixture
def checkpoint(trained) -> Path:
    return Path(json.loads(trained.ended.out)["best_checkpoint"])


@pytest.fixture
def cats(trained) -> Path:
    return trained.data / "test_set" / "猫"


def test_one_picture(mmedu, checkpoint, cats):
    picture = cats / "图 片-test-猫-00.png"
    ended = mmedu("infer", checkpoint, picture)
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"{picture}: 猫 ")
    assert Path("cls_result", picture.name).exists()


def test_folders_and_pictures_together_each_keep_their_own_result(mmedu, checkpoint, cats, trained):
    dog = trained.data / "test_set" / "狗" / "图 片-test-狗-00.png"
    twin = Path("a", dog.name)
    twin.parent.mkdir()
    shutil.copy(dog, twin)
    ended = mmedu("infer", checkpoint, cats, dog, twin, "--json", "--save-fold", "画 [出]")
    told = json.loads(ended.out)
    assert ended.code == 0
    assert [row["file"] for row in told["results"]] == [*map(str, sorted(cats.iterdir())), str(dog), str(twin)]
    assert [row["pred_class"] for row in told["results"]] == ["猫", "猫", "狗", "狗"]
    assert set(told["results"][0]) == {"file", "pred_label", "pred_score", "pred_class"}
    assert told["left_out"] == []
    assert len(list(Path("画 [出]").iterdir())) == 4


def test_one_picture_in_json_has_the_shape_of_several(mmedu, checkpoint, cats):
    picture = cats / "图 片-test-猫-01.png"
    told = json.loads(mmedu("infer", checkpoint, picture, "--json").out)
    assert [row["file"] for row in told["results"]] == [str(picture)]
    assert told["save_fold"] == "cls_result"


def test_nothing_is_drawn_when_nothing_shall_be_shown(mmedu, checkpoint, cats):
    told = json.loads(mmedu("infer", checkpoint, cats, "--no-show", "--json").out)
    assert told["save_fold"] is None
    assert not Path("cls_result").exists()


def test_a_picture_that_cannot_be_read_is_left_out_and_the_command_fails(mmedu, checkpoint, cats):
    folder = Path("图 片")
    shutil.copytree(cats, folder)
    (folder / "坏.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    ended = mmedu("infer", checkpoint, folder, "--json")
    told = json.loads(ended.out)
    assert ended.code == 1
    assert told["left_out"] == [str(folder / "坏.png")]
    assert len(told["results"]) == 2
    assert "坏.png" in ended.err


def test_the_least_score_of_a_box_is_an_option(mmedu, detector):
    counts = []
    for thr in ("0.01", "0.99"):
        done = mmedu("infer", detector.checkpoint, detector.picture, "--thr", thr, "--no-show", "--json")
        assert done.code == 0, done.err
        counts.append(len(json.loads(done.out)["results"][0]["objects"]))
    assert counts[0] > counts[1] == 0


def test_a_classifier_has_no_boxes(mmedu, checkpoint, cats):
    done = mmedu("infer", checkpoint, cats, "--rpn-threshold", "0.5")
    assert done.code != 0
    assert "--rpn-threshold is for boxes" in done.err


def test_a_class_that_is_not_sure_enough_is_none_of_these(mmedu, checkpoint, cats):
    done = mmedu("infer", checkpoint, cats, "--thr", "1", "--json")
    assert done.code == 0, done.err
    results = json.loads(done.out)["results"]
    assert [(each["pred_label"], each["pred_class"]) for each in results] == [(-1, "none of these")] * 2
    assert all(0.5 < each["pred_score"] < 1 for each in results)
    assert "none of these (best: 0." in mmedu("infer", checkpoint, cats, "--thr", "1", "--no-show").out


@pytest.mark.parametrize("thr", ["1.5", "-1", "nan", "much", "", "true"])
def test_a_least_score_that_cannot_be_ends_with_its_code(mmedu, checkpoint, detector, cats, thr):
    for model, pictures in ((checkpoint, cats), (detector.checkpoint, detector.picture)):
        done = mmedu("infer", model, pictures, f"--thr={thr}", "--no-show")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("Error Code: -305. ")


def test_auto_needs_a_checkpoint_that_suggests_something(mmedu, checkpoint, cats):
    done = mmedu("infer", checkpoint, cats, "--thr", "auto")
    assert (done.code, done.out) == (1, "")
    assert "--thr 0.6" in done.err


def test_a_missing_checkpoint_offers_its_neighbour(mmedu, checkpoint, cats):
    ended = mmedu("infer", checkpoint.with_name("latst.pth"), cats)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -102. ")
    assert "latest.pth" in ended.err


@pytest.mark.parametrize("name", ["没有.png", "空 文件夹"])
def test_a_missing_picture_is_named(mmedu, checkpoint, name):
    Path("空 文件夹").mkdir()
    ended = mmedu("infer", checkpoint, name)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -103. ")
    assert name in ended.err


def test_a_device_that_is_not_there_is_named(mmedu, checkpoint, cats):
    ended = mmedu("infer", checkpoint, cats, "--device", "gpu")
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -301. ")


@pytest.mark.parametrize(
    ("meta", "code"), [({"task": "generation", "backbone": "DCGAN"}, -206), ({"task": "classification"}, -202)]
)
def test_a_checkpoint_of_another_kind_is_refused(mmedu, cats, meta, code):
    import torch

    torch.save({"state_dict": {"weight": torch.ones(1)}, "meta": meta}, "other.pth")
    ended = mmedu("infer", "other.pth", cats)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. other.pth ")


def test_info_shows_what_a_checkpoint_says_of_itself(mmedu, checkpoint):
    ended = mmedu("info", checkpoint)
    assert ended.code == 0
    assert "backbone: LeNet\n" in ended.out
    assert "猫" in ended.out


def test_info_as_json(mmedu, checkpoint):
    told = json.loads(mmedu("info", checkpoint, "--json").out)
    assert list(told)[:3] == ["tool", "backbone", "device"]
    assert told["CLASSES"] == ["狗", "猫"]


@pytest.mark.parametrize("command", ["info", "infer"])
def test_a_file_that_is_no_checkpoint_is_refused(mmedu, command, cats):
    Path("假 的.pth").write_text("not a checkpoint", encoding="utf-8")
    ended = mmedu(command, "假 的.pth", *([cats] if command == "infer" else []))
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("Error Code: -202. ")


def test_a_task_needs_no_model(mmedu, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_published", presets_on_disk.sources(tmp_path / "网 络").obtain)
    for number, places in enumerate(([(150, 200)], [])):
        image.write(tmp_path / "照 片" / f"{number}.png", presets_on_disk.spots(*places))
    ended = mmedu("infer", "hand", tmp_path / "照 片")
    assert ended.code == 0, ended.err
    *_, first, second, last = ended.out.splitlines()
    assert "left hand" in first
    assert "nobody" in second
    assert last == "Drawn in pose_hand21_result."
    told = json.loads(mmedu("infer", "det_hand", tmp_path / "照 片", "--json", "--no-show").out)
    assert [len(entry["objects"]) for entry in told["results"]] == [1, 0]
    refused = mmedu("infer", "hand", tmp_path / "照 片", "--classes", "x.txt")
    assert refused.code == 1
    assert "--classes is fixed" in refused.err
