"""How a training starts: what few pictures are told, what pretrained weights keep frozen, and which model is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from BaseDT.dataset import imagenet
from MMEdu import MMClassification
from MMEdu.engine.events import Notice
from MMEdu.models import registry
from MMEdu.tasks.classification import starting
from MMEdu.weights import catalogue

ENTRY = registry.find("EfficientNet_Lite0", "classification")


@pytest.fixture
def photographs(make_imagenet, tmp_path) -> Path:
    return make_imagenet(tmp_path / "照片", train=5, val=3, size=(80, 60))


@pytest.fixture
def drawings(make_imagenet, tmp_path) -> Path:
    return make_imagenet(tmp_path / "数字", train=5, val=3, size=(28, 28), gray=True)


@pytest.fixture
def weights(tmp_path, monkeypatch) -> Path:
    """Weights of EfficientNet_Lite0 that are there, of random numbers, by their published name."""
    folder = tmp_path / "家" / "weights"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "家"))
    torch.manual_seed(2)
    file = folder / catalogue.choose(ENTRY, True).file_name
    torch.save(ENTRY.build(1000).state_dict(), file)
    monkeypatch.setattr("XEdu.weights.download.sha256_of", lambda _: catalogue.choose(ENTRY, True).sha256)
    return file


def lines_of(model: MMClassification, folder: Path, **arguments: object) -> list[str]:
    told: list[object] = []
    model.listener = told.append
    model.load_dataset(folder, check=False)
    model.train(**{"epochs": 1, "random_seed": 1, "image_size": 32, **arguments})
    return [event.text for event in told if isinstance(event, Notice)]


@pytest.mark.parametrize(
    ("backbone", "words"),
    [
        ("ResNet18", ("ResNet18 wants", "train(pretrained=True)", "--pretrained")),
        ("LeNet", ("LeNet wants", "MMClassification('EfficientNet_Lite0')", "--backbone EfficientNet_Lite0")),
    ],
)
def test_few_pictures_for_a_training_from_scratch_are_told_with_what_helps(photographs, tmp_path, backbone, words):
    lines = lines_of(MMClassification(backbone), photographs, save_fold=tmp_path / "run")
    said = [line for line in lines if "5 pictures a class" in line]
    assert len(said) == 1
    assert all(word in said[0] for word in words)


def test_photographs_in_a_network_for_small_gray_pictures_are_told_though_they_are_many(make_imagenet, tmp_path):
    folder = make_imagenet(tmp_path / "many", train=100, val=1, size=(64, 64))
    text = starting.few_pictures_text(registry.find("LeNet", "classification"), imagenet.load(folder))
    assert text is not None
    assert "small and gray" in text


def test_enough_small_gray_pictures_are_not_told(make_imagenet, tmp_path):
    folder = make_imagenet(tmp_path / "many", train=100, val=1, size=(28, 28), gray=True)
    assert starting.few_pictures_text(registry.find("LeNet", "classification"), imagenet.load(folder)) is None


def test_few_photographs_keep_the_pretrained_backbone(photographs, weights, tmp_path):
    run = tmp_path / "run"
    lines = lines_of(MMClassification("EfficientNet_Lite0"), photographs, pretrained=True, save_fold=run)
    assert any("the last layer learns first" in line and "freeze=0" in line for line in lines)
    state = torch.load(run / "latest.pth", weights_only=True)["state_dict"]
    given = torch.load(weights, weights_only=True)
    assert torch.equal(state["features.0.0.weight"], given["features.0.0.weight"])
    assert state["classifier.1.weight"].shape == (2, 1280)


def test_a_model_that_is_usually_pretrained_starts_so_where_the_weights_are_here(photographs, weights, tmp_path):
    lines = lines_of(MMClassification("EfficientNet_Lite0"), photographs, save_fold=tmp_path / "run")
    assert any(str(weights) in line for line in lines)


@pytest.mark.parametrize("arguments", [{"freeze": 0}, {"backbone_lr": 0.1}])
def test_who_says_what_learns_is_heard(photographs, weights, tmp_path, arguments):
    run = tmp_path / "run"
    lines_of(MMClassification("EfficientNet_Lite0"), photographs, pretrained=True, save_fold=run, **arguments)
    state = torch.load(run / "latest.pth", weights_only=True)["state_dict"]
    assert not torch.equal(state["features.0.0.weight"], torch.load(weights, weights_only=True)["features.0.0.weight"])


def test_pretrained_false_is_from_scratch(photographs, weights, tmp_path):
    lines = lines_of(MMClassification("EfficientNet_Lite0"), photographs, pretrained=False, save_fold=tmp_path / "run")
    assert any("train(pretrained=True)" in line for line in lines)
    assert not any(str(weights) in line for line in lines)


def test_a_resumed_run_freezes_what_it_froze_without_being_told(photographs, weights, tmp_path):
    run = tmp_path / "run"
    model = MMClassification("EfficientNet_Lite0")
    lines_of(model, photographs, pretrained=True, save_fold=run)
    model.train(epochs=2, image_size=32, resume=True, save_fold=run)
    content = torch.load(run / "latest.pth", weights_only=True)
    assert (content["meta"]["epoch"], content["meta"]["settings"]["freeze"]) == (2, "auto")


def test_small_gray_pictures_are_for_lenet_and_photographs_for_a_pretrained_network(drawings, photographs):
    assert (starting.usual_start(drawings).backbone, starting.usual_start(drawings).pretrained) == ("LeNet", False)
    choice = starting.usual_start(photographs)
    assert (choice.backbone, choice.pretrained) == ("EfficientNet_Lite0", True)


def test_gray_photographs_are_photographs(make_imagenet, tmp_path):
    folder = make_imagenet(tmp_path / "gray", train=3, val=1, size=(120, 90), gray=True)
    assert starting.usual_start(folder).backbone == "EfficientNet_Lite0"


def test_files_that_cannot_be_read_decide_nothing(drawings):
    for file in list((drawings / "training_set").glob("*/*"))[::2]:
        file.write_bytes(b"half")
    assert starting.usual_start(drawings).backbone == "LeNet"
