"""Every registered model of every task through its whole life: build, train a step, save, load, infer, export.

Whoever registers a model has it here without writing a line; a task says once, in ``CONTRACTS``, what it trains on and
how two runs are compared. One small training each, shared by the tests of a model. Detectors of a hundred megabytes are
part of ``make test-full``; their networks have tests of their own in ``tests/MMEdu/models``.
"""

from __future__ import annotations

import importlib
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from torch import nn

from BaseDT import image
from BaseDT.dataset.imagenet import load as load_imagenet
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification, MMDetection, MMPose, MMSegmentation
from MMEdu.demo import figures
from MMEdu.models import registry, torchvision_bridge
from MMEdu.models.registry import ModelEntry
from XEdu.hub import Workflow
from XEdu.runtime.model import Model

CLOSE = 1e-5
LIGHT_DETECTORS = ("SSD_Lite", "Yolov3_MobileNet")
HEAVY_TWINS = ("VGG_BN",)  # VGG is tested


class NarrowLinear(nn.Linear):
    """VGG's two layers of 4096 hold 100 million weights, 2 GB of disk a training; here they have 32."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(*(32 if size == 4096 else size for size in (inputs, outputs)))


@dataclass(frozen=True)
class Contract:
    """What is particular to a task.

    Attributes:
        model: Its documented class.
        write_dataset: Writes a data set into an empty folder and returns its root.
        pictures: The pictures of its validation, by the data set's root.
        side: The size to train at, where the architecture takes any.
        arguments: Further arguments of ``train``.
        classes: Those of the data set.
        losses: What a step is known to report.
        metric: What validation reports, and its largest value.
        alike: Raises where an exported file says something else than its checkpoint.
    """

    model: type[Any]
    write_dataset: Callable[..., Path]
    pictures: Callable[[Path], list[Path]]
    side: int
    arguments: dict[str, Any]
    classes: list[str]
    losses: set[str]
    metric: tuple[str, float]
    alike: Callable[[Life, Model, Path], None]


@dataclass
class Life:
    """One model's training.

    Attributes:
        entry: The model.
        contract: Of its task.
        model: The object that trained it.
        dataset: What it was trained on.
        folder: What the training left.
        log: What it returned.
        validated: What a classifier's validation fed to the network, (1, C, H, W) by picture.
    """

    entry: ModelEntry
    contract: Contract
    model: Any
    dataset: Path
    folder: Path
    log: list[dict[str, Any]]
    validated: dict[Path, torch.Tensor] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def checkpoint(self) -> Path:
        return self.folder / "latest.pth"

    @property
    def side(self) -> int | None:
        return None if self.entry.fixed_size else self.contract.side

    @cached_property
    def pictures(self) -> list[Path]:
        return self.contract.pictures(self.dataset)

    @cached_property
    def content(self) -> dict[str, Any]:
        return torch.load(self.checkpoint, weights_only=True)

    @cached_property
    def preprocess(self) -> Preprocess:
        return Preprocess.from_dict(json.loads(json.dumps(self.content["meta"]["preprocess"])))

    @cached_property
    def network(self) -> nn.Module:
        """The checkpoint by torch alone: no loader, no fusing, no memory format of ours."""
        network = self.entry.build(len(self.content["meta"]["CLASSES"]))
        network.load_state_dict(self.content["state_dict"], strict=True)
        return network.eval()

    @cached_property
    def scores(self) -> dict[Path, np.ndarray]:
        """A classifier's softmax (classes,) by picture, computed with ``network``."""
        with torch.no_grad():
            tensors = {path: torch.from_numpy(self.preprocess(image.read(path))) for path in self.pictures}
            return {path: self.network(tensor).softmax(1)[0].numpy() for path, tensor in tensors.items()}


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


def write_imagenet(root: Path, make_imagenet: Callable[..., Path]) -> Path:
    root = make_imagenet(root, train=4, val=1, size=(50, 70), gray=False)
    awkward_pictures(root / "val_set" / "猫")
    return root


def helper(name: str) -> Any:
    """Import a helper of the tests of ``MMEdu``."""
    helpers = str(Path(__file__).resolve().parents[1] / "MMEdu")
    if helpers not in sys.path:
        sys.path.insert(0, helpers)
    return importlib.import_module(name)


def write_coco(root: Path, _: Callable[..., Path]) -> Path:
    return helper("detection_data").write(root, train=4, valid=3)


def write_masks(root: Path, _: Callable[..., Path]) -> Path:
    return helper("segmentation_data").write(root, train=4, valid=3)


def classified_alike(life: Life, exported: Model, file: Path) -> None:
    for path, scores in life.scores.items():
        assert np.abs(exported.run(exported.tensor(image.read(path)))[0] - scores).max() <= 1e-4
    flow = Workflow(task="mmedu", checkpoint=str(file))
    for path in life.pictures[:2]:
        trained = life.model.inference(image=path, checkpoint=life.checkpoint, show=False)
        deployed = flow.inference(data=str(path))
        assert deployed["标签"] == trained["pred_label"]
        assert deployed["置信度"] == pytest.approx(trained["pred_score"], abs=1e-4)


def detected_alike(life: Life, _: Model, file: Path) -> None:
    flow = Workflow(task="mmedu", checkpoint=file)
    for path in life.pictures:
        tensor = torch.from_numpy(life.preprocess(image.read(path)))
        with torch.inference_mode():
            rows = life.network.detect(tensor, score_threshold=0.05, max_detections=100)[0].numpy()
        scores = sorted((float(row[4]) for row in rows), reverse=True)[:10]
        results = flow.inference(path, thr=0.05)
        assert [one["置信度"] for one in results[: len(scores)]] == pytest.approx(scores, abs=1e-3)


def segmented_alike(life: Life, _: Model, file: Path) -> None:
    flow = Workflow(task="mmedu", checkpoint=file)
    for path in life.pictures:
        trained = life.model.inference(image=path, checkpoint=life.checkpoint, show=False)
        deployed = flow.inference(data=str(path))
        assert deployed.mask.shape == image.read(path).shape[:2]
        assert (deployed.mask == trained.mask).mean() >= 0.999
        assert [entry["标签"] for entry in deployed] == [entry["标签"] for entry in trained]


def posed_alike(life: Life, _: Model, file: Path) -> None:
    flow = Workflow(task="mmedu", checkpoint=file)
    life.model.load_checkpoint(life.checkpoint, thr=0.0)
    for path in life.pictures:
        (trained,), (deployed,) = life.model.fast_inference(image=path, show=False), flow.inference(path, thr=0.0)
        assert np.abs(np.subtract(trained["分数"], deployed["分数"])).max() <= 1e-3
        # A network that has learned nothing chooses among places that are as high; its points are compared elsewhere.
        assert len(deployed["关键点坐标"]) == len(figures.NAMES)


CONTRACTS = {
    "classification": Contract(
        model=MMClassification,
        write_dataset=write_imagenet,
        pictures=lambda root: [sample.path for sample in load_imagenet(root).val],
        side=64,
        arguments={"batch_size": 4, "pretrained": False},
        classes=["狗", "猫"],
        losses={"loss"},
        metric=("accuracy_top-1", 100.0),
        alike=classified_alike,
    ),
    "detection": Contract(
        model=MMDetection,
        write_dataset=write_coco,
        pictures=lambda root: sorted((root / "images" / "valid").iterdir()),
        side=128,
        arguments={"batch_size": 2, "precision": "float32", "pretrained": False},
        classes=["方块", "圆"],
        losses={"loss_cls", "loss_bbox", "loss"},
        metric=("bbox_mAP", 1.0),
        alike=detected_alike,
    ),
    "segmentation": Contract(
        model=MMSegmentation,
        write_dataset=write_masks,
        pictures=lambda root: sorted((root / "images").glob("val*")),
        side=96,
        arguments={"batch_size": 2, "precision": "float32", "pretrained": False},
        classes=["背景", "方块", "圆"],
        losses={"loss_ce", "loss_dice", "loss"},
        metric=("mIoU", 1.0),
        alike=segmented_alike,
    ),
    "pose": Contract(
        model=MMPose,
        write_dataset=lambda root, _: figures.write(root, {"train": 4, "valid": 3, "test": 1}),
        pictures=lambda root: sorted((root / "images" / "valid").iterdir()),
        side=64,
        arguments={"batch_size": 2, "precision": "float32", "pretrained": False},
        classes=list(figures.NAMES),
        losses={"loss"},
        metric=("PCK", 1.0),
        alike=posed_alike,
    ),
}


def models(*tasks: str) -> list[Any]:
    """List the models of tasks as parameters; the heavy ones belong to ``make test-full``."""
    entries = [entry for task in tasks for entry in registry.entries(task)]
    heavy = [
        entry.name in HEAVY_TWINS or (entry.task == "detection" and entry.name not in LIGHT_DETECTORS)
        for entry in entries
    ]
    return [
        pytest.param(entry, id=entry.name, marks=pytest.mark.full if full else ())
        for entry, full in zip(entries, heavy, strict=True)
    ]


@pytest.fixture(scope="module")
def datasets(make_imagenet, tmp_path_factory) -> Callable[[str], Path]:
    """Write a task's data set when the first of its models asks for it."""
    roots: dict[str, Path] = {}

    def of_task(task: str) -> Path:
        if task not in roots:
            folder = tmp_path_factory.mktemp("所有 模型") / "数据 集"
            roots[task] = CONTRACTS[task].write_dataset(folder, make_imagenet)
        return roots[task]

    return of_task


def network_type(entry: ModelEntry) -> type[nn.Module]:
    """Return the class of a model's network; its weights get no memory where the builder allows that."""
    try:
        with torch.device("meta"):
            return type(entry.build(2))
    except (NotImplementedError, RuntimeError):  # RegNet computes its widths with tensors
        return type(entry.build(2))


@pytest.fixture(scope="module", params=models(*registry.tasks()))
def life(request, datasets, tmp_path_factory) -> Iterator[Life]:
    entry: ModelEntry = request.param
    contract = CONTRACTS[entry.task]
    folder = tmp_path_factory.mktemp("模 型")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        patch.setattr(f"MMEdu.tasks.{entry.task}.report.write", lambda *_: ())
        torchvision_bridge.torchvision()
        patch.setattr("torchvision.models.vgg.nn", SimpleNamespace(**{**vars(nn), "Linear": NarrowLinear}))
        life = Life(entry, contract, contract.model(entry.name), datasets(entry.task), folder, [])
        life.model.load_dataset(life.dataset)
        with watched(network_type(entry)) as fed:
            life.log = life.model.train(
                epochs=1, image_size=life.side, random_seed=1, save_fold=folder, **contract.arguments
            )
        if entry.task == "classification":
            life.validated = dict(zip(life.pictures, torch.cat(fed).split(1), strict=True))
        yield life
    shutil.rmtree(folder)


classifiers = pytest.mark.parametrize("life", models("classification"), indirect=True, scope="module")
detectors = pytest.mark.parametrize("life", models("detection"), indirect=True, scope="module")


# --- every task ------------------------------------------------------------------------------------------------------


def test_every_task_has_its_contract():
    assert set(CONTRACTS) == set(registry.tasks())


def test_a_step_of_training_gives_losses_and_a_metric(life):
    env, step, *_, val = life.log
    assert env["backbone"] == life.name
    assert life.contract.losses <= step.keys()
    assert all(math.isfinite(value) for name, value in step.items() if name.startswith("loss"))
    assert step["loss"] > 0
    metric, best = life.contract.metric
    assert 0 <= val[metric] <= best


def test_the_checkpoint_holds_weights_and_plain_data_and_its_preprocess(life):
    meta = life.content["meta"]
    assert json.loads(json.dumps(meta)) == meta
    assert (meta["backbone"], meta["CLASSES"]) == (life.name, life.contract.classes)
    preprocess = life.entry.preprocess
    assert life.preprocess == (preprocess if life.side is None else preprocess.with_size(life.side))


def test_training_goes_on_from_its_weights(life, tmp_path):
    folder = tmp_path / "继 续"
    log = life.model.train(epochs=1, image_size=life.side, checkpoint=life.checkpoint, validate=False, save_fold=folder)
    assert math.isfinite(log[-1]["loss"])
    latest = torch.load(folder / "latest.pth", weights_only=True)["state_dict"]
    shutil.rmtree(folder)
    assert latest.keys() == life.content["state_dict"].keys()


def test_the_exported_model_sees_the_same_bits_and_says_the_same(life, tmp_path):
    file = life.model.convert(life.checkpoint, out_file=tmp_path / "导 出" / life.name)
    written = onnx.load(file)
    assert ([entry.version for entry in written.opset_import], written.ir_version) == ([11], 6)
    exported = Model.load(file)
    for path in life.pictures:
        pixels = image.read(path)
        tensor = exported.tensor(pixels)
        assert np.array_equal(tensor, life.preprocess(pixels)), path.name
        if life.validated:
            assert torch.equal(torch.from_numpy(tensor), life.validated[path]), path.name
    life.contract.alike(life, exported, file)
    file.unlink()


# --- classifiers -----------------------------------------------------------------------------------------------------


@classifiers
def test_the_scores_of_inference_are_those_of_the_checkpoint(life):
    results = life.model.inference(image=life.pictures, checkpoint=life.checkpoint, show=False)
    for scores, result in zip(life.scores.values(), results, strict=True):
        assert result["pred_score"] == pytest.approx(float(scores[result["pred_label"]]), abs=CLOSE)
        assert scores[result["pred_label"]] >= scores.max() - CLOSE
        assert result["pred_class"] == life.contract.classes[result["pred_label"]]


@classifiers
def test_another_object_and_fast_inference_say_the_same(life):
    other = MMClassification(backbone=life.name.upper())
    other.load_checkpoint(checkpoint=str(life.checkpoint))
    for path in life.pictures[:2]:
        fast = other.fast_inference(image=str(path), show=False)
        assert fast == life.model.inference(image=path, checkpoint=life.checkpoint, show=False)


@classifiers
def test_validation_inference_and_preprocess_feed_the_same_bits(life):
    life.model.load_checkpoint(life.checkpoint)
    for path in life.pictures:
        with watched(type(life.network)) as fed:
            life.model.fast_inference(image=path, show=False)
            life.model.fast_inference(image=image.read(path), show=False)
            life.model.fast_inference(image=[path, path], show=False)
        alone, array, several = fed
        expected = torch.from_numpy(life.preprocess(image.read(path)))
        assert expected.dtype == torch.float32
        for name, tensor in {"validation": life.validated[path], "inference": alone, "array": array}.items():
            assert torch.equal(tensor, expected), f"{name} of {path.name}"
        assert torch.equal(several, expected.repeat(2, 1, 1, 1))


@classifiers
def test_where_it_looks_can_be_shown(life):
    explanation = life.model.explain(life.pictures[0], checkpoint=life.checkpoint, show=False)
    assert explanation.result.score == pytest.approx(life.scores[life.pictures[0]].max(), abs=CLOSE)
    assert min(explanation.heat.shape) >= 2
    assert np.isfinite(explanation.heat).all()


def test_validation_without_the_check_feeds_the_same_bits_too(datasets, tmp_path, monkeypatch):
    """Then files are decoded when they are first needed, not while they are checked."""
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    model = MMClassification("LeNet")
    dataset = datasets("classification")
    model.load_dataset(dataset, check=False)
    entry = registry.find("LeNet", "classification")
    with watched(network_type(entry)) as fed:
        model.train(epochs=2, save_fold=tmp_path / "m")
    samples = load_imagenet(dataset).val
    for epoch in fed:
        assert torch.equal(epoch, torch.cat([torch.from_numpy(entry.preprocess(image.read(s.path))) for s in samples]))


# --- detectors -------------------------------------------------------------------------------------------------------


@detectors
def test_another_object_finds_the_same(life):
    other = MMDetection(life.name.upper())
    other.load_checkpoint(str(life.checkpoint), thr=0.0)
    for path in life.pictures:
        fast = other.fast_inference(image=path, show=False)
        assert fast == other.fast_inference(image=image.read(path), show=False)
        assert all(0 <= one["坐标"]["x1"] <= one["坐标"]["x2"] <= 120 for one in fast)
