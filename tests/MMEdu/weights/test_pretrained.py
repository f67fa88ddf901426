"""``pretrained=`` from the argument to a training that starts from a downloaded file, without the real network."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, WeightsUnavailable
from file_server import serving
from MMEdu import MMClassification, MMDetection
from MMEdu.actions import distributed_job, job_member
from MMEdu.models import registry
from MMEdu.models.classification import torchvision_classifiers
from MMEdu.models.torchvision_bridge import torchvision
from MMEdu.weights import catalogue
from MMEdu.weights.initial_weights import InitialWeights
from MMEdu.weights.loaded_model import load_model
from MMEdu.weights.published import DOWNLOADS, digits_of
from XEdu.weights.published import Download


def saved(source: str) -> bytes:
    """A file as torchvision's server would have it: a plain state dict, here of random weights and statistics."""
    torch.manual_seed(4)
    network = getattr(torchvision_classifiers, source)(num_classes=1000)
    for name, buffer in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    stream = io.BytesIO()
    torch.save(network.state_dict(), stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def mobilenet() -> bytes:
    return saved("mobilenet_v2")


@pytest.fixture
def stocked(server, mobilenet, monkeypatch):
    """The server has weights of MobileNetV2 that the catalogue knows."""
    file_name = f"mobilenet_v2-{hashlib.sha256(mobilenet).hexdigest()[:8]}.pth"
    official = catalogue.choose(registry.find("MobileNet", "classification"), "V1")
    ours = replace(official, file_name=file_name, size=len(mobilenet), sha256=digits_of(file_name))
    ours = replace(ours, origin=Download(f"{DOWNLOADS}/{file_name}"))
    monkeypatch.setattr(catalogue, "WHEELS", ())
    monkeypatch.setattr(catalogue, "_of_source", lambda source: (ours,) if source == "mobilenet_v2" else ())
    server.content = mobilenet
    return server


def first_convolution(content: dict[str, torch.Tensor], prefix: str = "") -> torch.Tensor:
    return content[f"{prefix}features.0.0.weight"]


def given(mobilenet: bytes) -> dict[str, torch.Tensor]:
    return torch.load(io.BytesIO(mobilenet), weights_only=True)


SMALL = {"epochs": 1, "batch_size": 8, "image_size": 32, "lr": 1e-9, "random_seed": 1, "validate": False}


def test_a_classifier_starts_from_the_downloaded_weights(workplace, home, stocked, mobilenet, dataset, quick, capsys):
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    model.train(**SMALL, pretrained=True, save_fold="run")
    state = torch.load("run/latest.pth", weights_only=True)["state_dict"]
    assert torch.allclose(first_convolution(state), first_convolution(given(mobilenet)), atol=1e-5)
    file = next(home.glob("*.pth"))
    out = capsys.readouterr().out
    assert f"Starting from the weights of {file}" in out
    assert f"Downloading {file.name}" in out
    model.train(**SMALL, pretrained=True, save_fold="run again")
    assert len(stocked.asked) == 1


def test_a_resumed_run_downloads_nothing(workplace, home, stocked, dataset, quick):
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    model.train(**SMALL, pretrained=True, save_fold="run")
    next(home.glob("*.pth")).unlink()
    model.train(**{**SMALL, "epochs": 2}, pretrained=True, save_fold="run", resume=True)
    assert len(stocked.asked) == 1


def test_a_detector_starts_with_the_backbone_and_can_freeze_it(
    workplace, home, stocked, mobilenet, detection_set, quick
):
    model = MMDetection("SSD_Lite")
    model.load_dataset(detection_set)
    arguments = {**SMALL, "image_size": 96, "lr": 0.01, "precision": "float32"}
    model.train(**arguments, pretrained=True, Frozen_stages=1, save_fold="run")
    content = torch.load("run/latest.pth", weights_only=True)
    assert content["meta"]["settings"]["frozen_stages"] == 1
    state, original = content["state_dict"], given(mobilenet)
    for name in ("features.0.0.weight", "features.0.1.running_mean", "features.1.conv.1.weight"):
        assert torch.equal(state[f"backbone.{name}"], original[name])
    assert not torch.equal(state["backbone.features.5.conv.0.0.weight"], original["features.5.conv.0.0.weight"])


def test_without_pretrained_nothing_is_asked_of_the_network(workplace, home, stocked, dataset, quick):
    for pretrained in (None, False):
        model = MMClassification("MobileNet")
        model.load_dataset(dataset)
        model.train(**SMALL, pretrained=pretrained, save_fold="run")
    assert stocked.asked == []
    assert not home.exists()


# What cannot be


def test_a_checkpoint_as_well_is_a_mistake(workplace, home, stocked, dataset, refused):
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    with refused(ParameterInvalid) as caught:
        model.train(**SMALL, pretrained=True, checkpoint="a.pth")
    assert all(word in caught.value.message for word in ("pretrained", "checkpoint"))
    assert stocked.asked == []


@pytest.mark.parametrize("offline", ["0", "1"])
def test_without_a_network_no_training_begins(workplace, home, dataset, monkeypatch, refused, offline):
    monkeypatch.setattr("XEdu.weights.download.PAUSE", 0.0)
    monkeypatch.setenv("MMEDU_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setenv("MMEDU_OFFLINE", offline)
    model = MMClassification("ResNet18")
    model.load_dataset(dataset)
    with refused(WeightsUnavailable) as caught:
        model.train(epochs=1, pretrained=True)
    assert "resnet18-f37072fd.pth" in caught.value.message
    assert list(workplace.iterdir()) == []


def test_another_file_is_never_trained_from(workplace, home, stocked, dataset, refused):
    stocked.content = b"<html>Log in to the school's network</html>"
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    with refused(CheckpointInvalid):
        model.train(**SMALL, pretrained=True)
    assert list(workplace.iterdir()) == []


def test_a_bad_argument_is_found_before_the_download(workplace, home, stocked, dataset, refused):
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    with refused(ParameterInvalid):
        model.train(**{**SMALL, "epochs": 1}, pretrained=True, save_best="accuracy_top-9")
    assert stocked.asked == []


# Every weight of a backbone


@pytest.mark.parametrize("name", [entry.name for entry in registry.entries("detection") if catalogue.source_of(entry)])
def test_every_weight_of_a_detectors_backbone_comes_from_the_classifier(name, tmp_path: Path):
    entry = registry.find(name, "detection")
    content = saved(catalogue.source_of(entry))
    file = tmp_path / "权 重.pth"
    file.write_bytes(content)
    network = entry.build(2)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    InitialWeights(file).load(network, entry, ("猫", "狗"))
    original = given(content)
    for key, value in network.state_dict().items():
        if key.startswith("backbone."):
            assert torch.equal(value, original[key.removeprefix("backbone.")]), key
        else:
            assert torch.equal(value, before[key]), key


@pytest.mark.parametrize("name", ["FasterRCNN", "Mask_RCNN"])
def test_a_two_stage_detector_starts_from_coco_and_keeps_known_classes(name, tmp_path: Path):
    entry = registry.find(name, "detection")
    chosen = catalogue.choose(entry, "coco")
    theirs = getattr(torchvision().models.detection, chosen.source)
    source = theirs(weights=None, weights_backbone=None, num_classes=91).state_dict()
    torch.save(source, tmp_path / chosen.file_name)
    network = entry.build(2)
    lines = InitialWeights(tmp_path / chosen.file_name).load(network, entry, ("我的猫", "cat"))
    ours, cat = network.state_dict(), chosen.classes.index("cat") + 1  # after the background
    scores = source["roi_heads.box_predictor.cls_score.weight"]
    assert torch.equal(ours["bbox_head.fc_cls.weight"][1:], torch.stack((scores[cat], scores[0])))
    assert torch.equal(ours["rpn.head.cls_logits.weight"], source["rpn.head.cls_logits.weight"])
    assert torch.equal(ours["backbone.layer4.2.conv3.weight"], source["backbone.body.layer4.2.conv3.weight"])
    assert any("cat" in line and "我的猫" in line for line in lines)


# Without training


def test_a_file_of_the_catalogue_knows_its_classes_and_its_pictures(mobilenet, home, monkeypatch):
    home.mkdir(parents=True)
    official = catalogue.choose(registry.find("MobileNet", "classification"), "V2")
    (home / official.file_name).write_bytes(mobilenet)
    loaded = load_model(registry.find("MobileNet", "classification"), home / official.file_name, "cpu")
    assert loaded.classes == official.classes
    assert loaded.preprocess == official.preprocess
    assert loaded.preprocess.resize_to == 232


def test_a_file_of_the_catalogue_with_another_head_knows_nothing(home, refused):
    official = catalogue.of(registry.find("MobileNet", "classification"))[0]
    home.mkdir(parents=True)
    torch.save(torchvision_classifiers.mobilenet_v2(num_classes=3).state_dict(), home / official.file_name)
    with refused(CheckpointInvalid) as caught:
        load_model(registry.find("MobileNet", "classification"), home / official.file_name, "cpu")
    assert "3 classes" in caught.value.message


def test_rows_of_known_classes_are_kept(mobilenet, home):
    entry = registry.find("MobileNet", "classification")
    official = catalogue.choose(entry, "V1")
    home.mkdir(parents=True)
    (home / official.file_name).write_bytes(mobilenet)
    network = entry.build(2)
    lines = InitialWeights(home / official.file_name).load(network, entry, ("banana", "我的猫"))
    rows = network.state_dict()["classifier.1.weight"]
    original = given(mobilenet)["classifier.1.weight"]
    assert torch.equal(rows[0], original[official.classes.index("banana")])
    assert any("banana" in line and "我的猫" in line for line in lines)


# Several processes


def test_several_processes_download_once(workplace, home, stocked, dataset, quick, monkeypatch):
    jobs = []

    def run(job, *_):
        jobs.append(json.loads(json.dumps(asdict(job), default=list)))  # as it travels
        raise InterruptedError

    monkeypatch.setattr(distributed_job, "run", run)
    model = MMClassification("MobileNet")
    model.load_dataset(dataset)
    with pytest.raises(InterruptedError):
        model.train(**SMALL, pretrained=True, distributed=True, save_fold="run")
    assert len(stocked.asked) == 1
    monkeypatch.setenv("MMEDU_OFFLINE", "1")  # each of them finds the file
    (job,) = jobs
    result = job_member.train_as_member(distributed_job.Job(**job))
    assert result.latest_file.exists()


def test_the_server_of_these_tests_is_of_this_machine():
    with serving() as served:
        assert served.address.startswith("http://127.0.0.1:")
