"""Every registered model in every format that this machine can run, on 100 real pictures. ``make test-full``.

The pictures are parts of two photographs that come with scikit-learn. A fresh network says the same of everything, so
its batch norms first see pictures and its head is spread until it has opinions. The differences are printed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from types import EllipsisType

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_images
from torch import nn

from BaseDT.image import Pixels
from MMEdu import MMClassification, MMDetection
from MMEdu.engine import checkpoint
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.detection.signature import signature
from MMEdu.weights.loaded_model import load_model
from XEdu.runtime.model import Model

pytestmark = pytest.mark.full

NAMES = registry.names("classification")
CLASSES = [f"类 {number}" for number in range(10)]
WITHIN = {"ONNX": 1e-4, "OpenVINO": 1e-3, "NCNN": 1e-3}
SPREAD = 3.0


@pytest.fixture(scope="module")
def pictures() -> list[Pixels]:
    rng = np.random.default_rng(0)
    photographs = [photograph[:, :, ::-1] for photograph in load_sample_images().images]
    return [part_of(photographs[number % 2], rng) for number in range(100)]


def part_of(photograph: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = rng.integers(120, 420), rng.integers(120, 620)
    top, left = rng.integers(0, photograph.shape[0] - height), rng.integers(0, photograph.shape[1] - width)
    return np.ascontiguousarray(photograph[top : top + height, left : left + width])


@pytest.fixture(scope="module", params=NAMES)
def trained(request, pictures, tmp_path_factory) -> tuple[str, Path, np.ndarray]:
    """A model with opinions: its name, its checkpoint, its probabilities (100, 10)."""
    torch.manual_seed(0)
    entry = registry.find(request.param, "classification")
    network = entry.build(len(CLASSES))
    tensors = torch.from_numpy(np.concatenate([entry.preprocess(picture) for picture in pictures]))
    seen(network, tensors[:32])
    with_opinions(network, tensors[:32])
    meta = {
        "CLASSES": CLASSES,
        "backbone": entry.name,
        "task": entry.task,
        "preprocess": entry.preprocess.to_dict(),
    }
    place = tmp_path_factory.mktemp("全 部") / f"{entry.name}.pth"
    place.write_bytes(checkpoint.to_bytes({"state_dict": network.state_dict(), "meta": meta}))
    with torch.inference_mode():
        scores = torch.cat([network(tensor[None]).softmax(1) for tensor in tensors]).numpy()
    assert scores.max(1).mean() > 0.3, "the network has no opinions"
    return entry.name, place, scores


def seen(network: nn.Module, tensors: torch.Tensor) -> None:
    """Let batch norms know what pictures look like."""
    network.train()
    with torch.no_grad():
        for norm in (part for part in network.modules() if isinstance(part, nn.BatchNorm2d)):
            norm.momentum = None
        network(tensors)
    network.eval()


def with_opinions(network: nn.Module, tensors: torch.Tensor) -> None:
    head = [part for part in network.modules() if isinstance(part, nn.Linear)][-1]
    with torch.no_grad():
        logits = network(tensors)
        head.weight /= logits.std(0).mean() / SPREAD
        head.bias -= network(tensors).mean(0)


@pytest.mark.parametrize("backend", WITHIN)
def test_exported_and_trained_agree_on_100_pictures(
    trained, pictures, tmp_path, backend, record_property: Callable[[str, object], None]
):
    name, place, scores = trained
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = MMClassification(name).convert(place, backend, tmp_path / "导 出" / name)
        model = Model.load(file)
    found = np.concatenate([model.run(model.tensor(picture))[0].reshape(1, -1) for picture in pictures])
    worst = float(np.abs(found - scores).max())
    print(f"{name} {backend}: {worst:.1e}")
    record_property("difference", worst)
    assert worst <= WITHIN[backend]


# --- detectors -------------------------------------------------------------------------------------------------------

BOXES = 1e-3  # in every format: what scores of matching boxes may differ by
ONE_STAGE_ONLY = ("NCNN",)
SPREAD_OF_BOXES = 2.0
RARE = 4.0  # so far lies an anchor's mean opinion below "an object"


@pytest.fixture(scope="module", params=registry.names("detection"))
def detector(request, pictures, tmp_path_factory) -> tuple[ModelEntry, Path]:
    """A detector with opinions, of the size of its recipe, and its checkpoint."""
    torch.manual_seed(0)
    entry = registry.find(request.param, "detection")
    network = entry.build(len(CLASSES)).eval()
    tensors = torch.from_numpy(np.concatenate([entry.preprocess(picture) for picture in pictures[:8]]))
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.train().momentum = None
    network.detect(tensors)
    for norm in norms:
        norm.eval()
    choosy(network, tensors)
    meta = {"CLASSES": CLASSES, "backbone": entry.name, "task": entry.task, "preprocess": entry.preprocess.to_dict()}
    place = tmp_path_factory.mktemp("全 部") / f"{entry.name}.pth"
    place.write_bytes(checkpoint.to_bytes({"state_dict": network.state_dict(), "meta": meta}))
    return entry, place


def choosy(network: nn.Module, tensors: torch.Tensor) -> None:
    """Spread what a detector says of objects and classes; few anchors shall show an object."""
    count = len(CLASSES)
    if hasattr(network, "predictors"):  # YOLO: of every anchor four numbers of the box, the object, the classes
        for layer in network.predictors:
            place = torch.arange(layer.out_channels) % (5 + count)
            spread(network, layer, place == 4, tensors, -RARE)
            spread(network, layer, place > 4, tensors)
        return
    layers = [network.bbox_head.fc_cls] if hasattr(network, "rpn") else [convs[-1] for convs in network.cls_convs]
    if hasattr(network, "rpn"):
        spread(network, network.rpn.head.cls_logits, ..., tensors)
    for layer in layers:
        spread(network, layer, ..., tensors)
        layer.bias.data[count :: count + 1] += RARE  # background is the last class


def spread(
    network: nn.Module, layer: nn.Module, rows: torch.Tensor | EllipsisType, tensors: torch.Tensor, mean: float = 0.0
) -> None:
    """Give outputs of a layer this mean, and SPREAD_OF_BOXES as their deviation, over pictures and places.

    Args:
        network: The detector.
        layer: A convolution or a linear layer of it.
        rows: Which outputs: a mask, or all of them.
        tensors: The pictures.
        mean: As wanted.
    """
    said: list[torch.Tensor] = []
    hook = layer.register_forward_hook(lambda _, __, output: said.append(output[:, rows].flatten()))
    network.detect(tensors)
    hook.remove()
    outputs = torch.cat(said)
    factor = SPREAD_OF_BOXES / outputs.std()
    layer.weight.data[rows] *= factor
    layer.bias.data[rows] = (layer.bias.data[rows] - outputs.mean()) * factor + mean


@pytest.mark.parametrize("backend", WITHIN)
def test_exported_and_trained_detectors_agree_on_100_pictures(
    detector, pictures, tmp_path, backend, record_property: Callable[[str, object], None]
):
    entry, place = detector
    if entry.options.two_stage and backend in ONE_STAGE_ONLY:
        pytest.skip("two stages")
    decides = backend not in ONE_STAGE_ONLY
    expected = signature(entry, backend)
    network = expected.wrap(load_model(entry, place, "cpu").model).eval()
    exported = Model.load(MMDetection(entry.name).convert(place, backend, tmp_path / "导 出" / entry.name))
    differences, surest = [], []
    for picture in pictures:
        tensor = exported.tensor(picture)
        with torch.inference_mode():
            answer = [part.numpy() for part in network(torch.from_numpy(tensor))]
        differences.append(expected.difference(answer, exported.run(tensor)))
        surest.append(float(answer[0][..., 4].max(initial=0)) if decides else float(answer[1].max()))
    worst = max(difference for difference in differences if difference is not None)
    print(f"{entry.name} {backend}: {worst:.1e}, surest boxes {np.mean(surest):.2f}")
    record_property("difference", worst)
    assert np.mean(surest) > 0.3, "the network has no opinions"
    assert worst <= BOXES
