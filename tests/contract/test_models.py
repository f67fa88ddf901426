"""Every registered classifier through its whole life: build, train a step, save, load, infer, explain, export.

Whoever registers a model has it here without writing a line. One small training each, shared by the tests of a model.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from torch import nn

from BaseDT import image
from BaseDT.dataset.imagenet import load as load_imagenet
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.models import registry, torchvision_bridge
from XEdu.hub import Workflow
from XEdu.runtime.model import Model

NAMES = registry.names("classification")
SIDE = 64
CLOSE = 1e-5


class NarrowLinear(nn.Linear):
    """VGG's two layers of 4096 hold 100 million weights, 2 GB of disk a training; here they have 32."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(*(32 if size == 4096 else size for size in (inputs, outputs)))


@dataclass(frozen=True)
class Life:
    """One model's training.

    Attributes:
        name: The model.
        model: The object that trained it.
        dataset: What it was trained on.
        folder: What the training left.
        log: What it returned.
        validated: What its validation fed to the network, (1, C, H, W) by picture.
    """

    name: str
    model: MMClassification
    dataset: Path
    folder: Path
    log: list
    validated: dict[Path, torch.Tensor]

    @property
    def checkpoint(self) -> Path:
        return self.folder / "latest.pth"

    @property
    def pictures(self) -> list[Path]:
        return list(self.validated)


@contextmanager
def watched(kind: type[nn.Module]) -> Iterator[list[torch.Tensor]]:
    """Collect what networks of this type are fed while they do not train."""
    fed: list[torch.Tensor] = []

    def note(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if type(module) is kind and not module.training:
            fed.append(inputs[0].detach().clone())

    handle = nn.modules.module.register_module_forward_pre_hook(note)
    try:
        yield fed
    finally:
        handle.remove()


def awkward_pictures(folder: Path) -> None:
    """Kinds of files that two ways of reading could read in two ways."""
    rng = np.random.default_rng(5)
    colours = rng.integers(0, 256, (150, 201, 4), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(colours[..., :3]).save(folder / "转 了.jpg", exif=exif, quality=80)
    Image.fromarray(colours).save(folder / "透 明.png")
    Image.fromarray(colours[..., 0]).save(folder / "灰.jpg")
    Image.fromarray(colours[..., :3]).quantize(32).save(folder / "调色板.png")
    Image.fromarray(colours[..., :3]).convert("CMYK").save(folder / "印 刷.jpg")
    Image.fromarray(np.kron(colours[..., :3], np.ones((5, 5, 1), np.uint8))).save(folder / "大.webp", quality=60)
    Image.fromarray(colours[:3, :90, :3]).save(folder / "窄.bmp")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Beside other work, two threads of torch wait for each other most of the time: ten times slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def dataset(make_imagenet, tmp_path_factory) -> Path:
    root = make_imagenet(tmp_path_factory.mktemp("所有 模型") / "数据 集", train=4, val=1, size=(50, 70), gray=False)
    awkward_pictures(root / "val_set" / "猫")
    return root


@pytest.fixture(scope="module", params=NAMES)
def life(request, dataset, tmp_path_factory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("模 型")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        patch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
        torchvision_bridge.torchvision()
        patch.setattr("torchvision.models.vgg.nn", SimpleNamespace(**{**vars(nn), "Linear": NarrowLinear}))
        model = MMClassification(request.param)
        model.load_dataset(dataset)
        entry = registry.find(request.param, "classification")
        side = None if entry.fixed_size else SIDE
        with watched(type(entry.build(2))) as fed:
            log = model.train(epochs=1, batch_size=4, image_size=side, random_seed=1, save_fold=folder)
        paths = [sample.path for sample in load_imagenet(dataset).val]
        validated = dict(zip(paths, torch.cat(fed).split(1), strict=True))
        yield Life(request.param, model, dataset, folder, log, validated)
    shutil.rmtree(folder)


def by_hand(life: Life) -> dict[Path, np.ndarray]:
    """Evaluate the checkpoint with torch alone: no loader, no fusing, no memory format of ours."""
    content = torch.load(life.checkpoint, weights_only=True)
    network = registry.find(content["meta"]["backbone"], "classification").build(len(content["meta"]["CLASSES"]))
    network.load_state_dict(content["state_dict"], strict=True)
    network.eval()
    preprocess = Preprocess.from_dict(json.loads(json.dumps(content["meta"]["preprocess"])))
    with torch.no_grad():
        tensors = {path: torch.from_numpy(preprocess(image.read(path))) for path in life.pictures}
        return {path: network(tensor).softmax(1)[0].numpy() for path, tensor in tensors.items()}


def test_a_step_of_training_gives_a_loss_and_an_accuracy(life):
    env, step, *_, val = life.log
    assert env["backbone"] == life.name
    assert math.isfinite(step["loss"])
    assert step["loss"] > 0
    assert 0.0 <= val["accuracy_top-1"] <= 100.0


def test_the_checkpoint_holds_weights_and_plain_data_and_its_preprocess(life):
    content = torch.load(life.checkpoint, weights_only=True)
    meta = content["meta"]
    assert json.loads(json.dumps(meta)) == meta
    assert meta["backbone"] == life.name
    assert meta["CLASSES"] == ["狗", "猫"]
    entry = registry.find(life.name, "classification")
    expected = entry.preprocess if entry.fixed_size else entry.preprocess.with_size(SIDE)
    assert Preprocess.from_dict(meta["preprocess"]) == expected


def test_the_scores_of_inference_are_those_of_the_checkpoint(life):
    found = life.model.inference(image=life.pictures, checkpoint=life.checkpoint, show=False)
    for scores, result in zip(by_hand(life).values(), found, strict=True):
        assert result["pred_score"] == pytest.approx(float(scores[result["pred_label"]]), abs=CLOSE)
        assert scores[result["pred_label"]] >= scores.max() - CLOSE
        assert result["pred_class"] == ["狗", "猫"][result["pred_label"]]


def test_another_object_and_fast_inference_say_the_same(life):
    other = MMClassification(backbone=life.name.upper())
    other.load_checkpoint(checkpoint=str(life.checkpoint))
    for path in life.pictures[:2]:
        fast = other.fast_inference(image=str(path), show=False)
        assert fast == life.model.inference(image=path, checkpoint=life.checkpoint, show=False)


def test_validation_inference_and_preprocess_feed_the_same_bits(life):
    network = type(registry.find(life.name, "classification").build(2))
    preprocess = Preprocess.from_dict(torch.load(life.checkpoint, weights_only=True)["meta"]["preprocess"])
    life.model.load_checkpoint(life.checkpoint)
    for path in life.pictures:
        with watched(network) as fed:
            life.model.fast_inference(image=path, show=False)
            life.model.fast_inference(image=image.read(path), show=False)
            life.model.fast_inference(image=[path, path], show=False)
        alone, array, several = fed
        expected = torch.from_numpy(preprocess(image.read(path)))
        assert expected.dtype == torch.float32
        for name, tensor in {"validation": life.validated[path], "inference": alone, "array": array}.items():
            assert torch.equal(tensor, expected), f"{name} of {path.name}"
        assert torch.equal(several, expected.repeat(2, 1, 1, 1))


def test_training_goes_on_from_its_weights(life, tmp_path, monkeypatch):
    folder = tmp_path / "继 续"
    size = None if registry.find(life.name, "classification").fixed_size else SIDE
    log = life.model.train(epochs=1, image_size=size, checkpoint=life.checkpoint, validate=False, save_fold=folder)
    assert math.isfinite(log[-1]["loss"])
    keys = [
        torch.load(place, weights_only=True)["state_dict"].keys() for place in (life.checkpoint, folder / "latest.pth")
    ]
    shutil.rmtree(folder)
    assert keys[0] == keys[1]


def test_where_it_looks_can_be_shown(life):
    explanation = life.model.explain(life.pictures[0], checkpoint=life.checkpoint, show=False)
    assert explanation.result.score == pytest.approx(by_hand(life)[life.pictures[0]].max(), abs=CLOSE)
    assert min(explanation.heat.shape) >= 2
    assert np.isfinite(explanation.heat).all()


def test_the_exported_model_sees_the_same_bits_and_says_the_same(life, tmp_path):
    file = life.model.convert(life.checkpoint, out_file=tmp_path / "导 出" / life.name)
    written = onnx.load(file)
    assert ([entry.version for entry in written.opset_import], written.ir_version) == ([11], 6)
    exported = Model.load(file)
    for path, scores in by_hand(life).items():
        picture = image.read(path)
        assert torch.equal(torch.from_numpy(exported.tensor(picture)), life.validated[path]), path.name
        assert np.abs(exported.run(exported.tensor(picture))[0] - scores).max() <= 1e-4
    flow = Workflow(task="mmedu", checkpoint=str(file))
    for path in life.pictures[:2]:
        trained = life.model.inference(image=path, checkpoint=life.checkpoint, show=False)
        deployed = flow.inference(data=str(path))
        assert deployed["标签"] == trained["pred_label"]
        assert deployed["置信度"] == pytest.approx(trained["pred_score"], abs=1e-4)
    file.unlink()


def test_validation_without_the_check_feeds_the_same_bits_too(dataset, tmp_path, monkeypatch):
    """Then files are decoded when they are first needed, not while they are checked."""
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    model = MMClassification("LeNet")
    model.load_dataset(dataset, check=False)
    entry = registry.find("LeNet", "classification")
    with watched(type(entry.build(2))) as fed:
        model.train(epochs=2, save_fold=tmp_path / "m")
    samples = load_imagenet(dataset).val
    for epoch in fed:
        assert torch.equal(epoch, torch.cat([torch.from_numpy(entry.preprocess(image.read(s.path))) for s in samples]))
