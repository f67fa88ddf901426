"""A training from a file: its pictures become inputs as the file knows them, and all that follows uses the same."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT.image import read
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification, MMDetection
from MMEdu.actions import distributed_job, job_member
from MMEdu.engine import checkpoint
from MMEdu.engine.events import Notice
from MMEdu.models import registry
from MMEdu.weights.loaded_model import load_model
from MMEdu.weights.pretrained import coloured
from XEdu.runtime.model import Model

FIXTURES = Path(__file__).parent / "fixtures"
MADE = {"epochs": 1, "batch_size": 8, "image_size": 32, "lr": 0.01, "random_seed": 1}
IMAGENET = (123.675, 116.28, 103.53)
CONFIGURED = "img_norm_cfg = dict(mean=[0, 0, 0], std=[255, 255, 255], to_rgb=True)\n"
STEPS = "test_pipeline = [dict(type='Normalize', mean=[0., 0., 0.], std=[255., 255., 255.], to_rgb=True)]\n"


def theirs(name: str) -> dict[str, torch.Tensor]:
    """Weights by OpenMMLab's names, small enough to compute with."""
    torch.manual_seed(0)
    state = {}
    for line in (FIXTURES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        key, _, shape = line.partition(" ")
        sides = [int(side) for side in shape.split("x")] if shape != "-" else []
        state[key] = torch.ones(sides) if "running_var" in key else torch.rand(sides) * 0.01
    return state


@pytest.fixture(scope="module")
def regnet(tmp_path_factory) -> Path:
    """mmpretrain's RegNet: it reads blue, green, red."""
    file = tmp_path_factory.mktemp("权 重") / "regnet 别人.pth"
    torch.save({"state_dict": theirs("mmcls_regnet_384"), "meta": {"CLASSES": ("a",) * 1000}}, file)
    return file


@pytest.fixture(scope="module")
def unscaled(tmp_path_factory) -> Path:
    """A ResNet18 whose own configuration takes 0 to 1 as they are."""
    file = tmp_path_factory.mktemp("权 重") / "resnet 别人.pth"
    torch.save({"state_dict": theirs("mmcls_resnet18"), "meta": {"cfg": CONFIGURED + STEPS}}, file)
    return file


def learn(dataset: Path, file: Path | None, folder: Path, backbone: str, **more: object):
    model, told = MMClassification(backbone), []
    model.listener = told.append
    model.load_dataset(dataset)
    model.train(**{**MADE, "checkpoint": file, "save_fold": folder, **more})
    return model, [event.text for event in told if isinstance(event, Notice)]


def meta(folder: Path) -> dict[str, object]:
    return checkpoint.read(folder / "latest.pth")["meta"]


def known(folder: Path) -> Preprocess:
    return Preprocess.from_dict(meta(folder)["preprocess"])


@pytest.mark.full
def test_the_order_of_the_colours_is_the_files_in_all_that_follows(regnet, dataset, tmp_path, quick, monkeypatch):
    reads = []
    monkeypatch.setattr(checkpoint, "load", counted(reads, checkpoint.load))
    model, told = learn(dataset, regnet, tmp_path / "模 型", "RegNet_384", freeze="backbone")
    assert reads.count(regnet) == 1
    prepared = known(tmp_path / "模 型")
    assert (prepared.color, prepared.mean, prepared.size) == ("bgr", IMAGENET[::-1], (32, 32))
    line = next(line for line in told if "BGR" in line)
    assert all(word in line for word in (str(regnet), "RGB", "RegNet_384"))
    # validation, and what inference and an export say of the same pictures
    loss = next(line["loss"] for line in model.trained.log if line["mode"] == "val")
    latest = model.trained.latest_file
    loaded = load_model(registry.find("RegNet_384", "classification"), latest, "cpu")
    assert loaded.preprocess == prepared
    losses = []
    for label, name in enumerate(loaded.classes):
        for picture in sorted((dataset / "val_set" / name).iterdir()):
            with torch.inference_mode():
                logits = loaded.model(loaded.images(prepared.pixels(read(picture))[None]))
            losses.append(-float(logits.log_softmax(1)[0, label]))
    assert np.mean(losses) == pytest.approx(loss, abs=1e-4)
    exported = Model.load(model.convert(latest, out_file=tmp_path / "转 换.onnx"))
    assert exported.info is not None
    assert exported.info.preprocess == prepared


def counted(reads: list[Path], load):
    def counting(file, *rest):
        reads.append(file)
        return load(file, *rest)

    return counting


def test_mean_and_deviation_of_the_files_own_configuration(unscaled, dataset, tmp_path, quick):
    _, told = learn(dataset, unscaled, tmp_path / "一", "ResNet18", freeze="backbone")
    prepared = known(tmp_path / "一")
    assert (prepared.color, prepared.mean, prepared.std) == ("rgb", (0, 0, 0), (255, 255, 255))
    assert (prepared.size, prepared.resize) == ((32, 32), "short_side")
    assert any("255, 255, 255" in line for line in told)
    # and a file of ours hands them on
    _, told = learn(dataset, tmp_path / "一" / "latest.pth", tmp_path / "二", "ResNet18")
    assert known(tmp_path / "二") == prepared
    assert any("255, 255, 255" in line for line in told)


def test_where_nothing_differs_no_line_is_told(dataset, tmp_path, quick):
    learn(dataset, None, tmp_path / "一", "MobileNet")
    _, told = learn(dataset, tmp_path / "一" / "latest.pth", tmp_path / "二", "MobileNet")
    assert known(tmp_path / "一") == known(tmp_path / "二")
    assert not any("RGB" in line for line in told)


@pytest.mark.parametrize("given", [True, False])
def test_a_resumed_run_keeps_what_it_began_with_even_without_the_file(unscaled, dataset, tmp_path, quick, given):
    file = tmp_path / "移走.pth"
    file.write_bytes(unscaled.read_bytes())
    learn(dataset, file, tmp_path / "断", "ResNet18")
    before = known(tmp_path / "断")
    file.unlink()
    learn(dataset, file if given else None, tmp_path / "断", "ResNet18", epochs=2, resume=True)
    assert meta(tmp_path / "断")["epoch"] == 2
    assert known(tmp_path / "断") == before
    assert before.mean == (0, 0, 0)


def test_processes_of_a_job_read_for_themselves(unscaled, dataset, tmp_path, quick, monkeypatch):
    jobs, reads = [], []

    def run(job, *_):
        jobs.append(json.loads(json.dumps(asdict(job), default=list)))  # as it travels
        raise InterruptedError

    monkeypatch.setattr(distributed_job, "run", run)
    monkeypatch.setattr(checkpoint, "load", counted(reads, checkpoint.load))
    with pytest.raises(InterruptedError):
        learn(dataset, unscaled, tmp_path / "模 型", "ResNet18", distributed=True)
    assert not reads
    (job,) = jobs
    job_member.train_as_member(distributed_job.Job(**job))
    assert known(tmp_path / "模 型").mean == (0, 0, 0)


def test_a_detector_starts_with_the_colours_of_a_classifiers_backbone(detection_set, tmp_path, quick):
    file = tmp_path / "主 干.pth"
    torch.save({"state_dict": theirs("mmcls_mobilenet"), "meta": {"cfg": STEPS}}, file)
    model = MMDetection("Yolov3_MobileNet")
    model.load_dataset(detection_set)
    model.train(epochs=1, batch_size=4, image_size=96, checkpoint=file, validate=False, save_fold=tmp_path / "模 型")
    prepared = known(tmp_path / "模 型")
    assert (prepared.mean, prepared.std, prepared.pad_value) == ((0, 0, 0), (255, 255, 255), 0)
    assert (prepared.size, prepared.resize) == ((96, 96), "letterbox")


def test_the_number_of_channels_cannot_change():
    colour, gray = (registry.find(name, "classification") for name in ("ResNet18", "LeNet"))
    assert coloured(colour, gray.preprocess) is colour
    assert coloured(gray, colour.preprocess) is gray


def test_what_fills_a_letterbox_goes_with_the_mean():
    entry = registry.find("Yolov3", "detection")
    inputs = replace(entry.preprocess, mean=IMAGENET, pad_value=114)
    assert coloured(entry, inputs).preprocess.pad_value == 114
    assert coloured(entry, replace(inputs, resize="stretch")).preprocess.pad_value == round(sum(IMAGENET) / 3)
    assert coloured(entry, replace(entry.preprocess, pad_value=7)) is entry
