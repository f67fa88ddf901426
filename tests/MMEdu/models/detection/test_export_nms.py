"""What is exported finds what the network finds: onnxruntime beside PyTorch, opset 11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch
from torch import nn

from MMEdu.export.onnx import Version, to_bytes
from MMEdu.models.detection.parts.boxes import iou
from MMEdu.models.detection.ssd_lite.network import ssd_lite
from MMEdu.models.detection.yolo.network import yolov3_mobilenet

Arrays = list[npt.NDArray[Any]]


def exported(head: nn.Module, size: int, outputs: tuple[str, ...]) -> onnxruntime.InferenceSession:
    data = to_bytes(head.eval(), torch.zeros(1, 3, size, size), outputs, Version(11, 6), {}, dynamic=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, images: torch.Tensor) -> Arrays:
    found: Arrays = session.run(None, {"input": images.numpy()})
    return found


def picture(size: int, seed: int) -> torch.Tensor:
    return torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def assert_same(ours: npt.NDArray[Any], theirs: Arrays) -> None:
    """Each of our rows x1, y1, x2, y2, score, label has its like among theirs."""
    dets, labels = theirs
    assert dets.dtype == np.float32
    assert labels.dtype == np.int64
    assert dets.shape == (1, len(ours), 5)
    assert labels.shape == (1, len(ours))
    assert (dets[0, :-1, 4] >= dets[0, 1:, 4]).all()
    if not len(ours):
        return
    overlaps = iou(torch.from_numpy(ours[:, :4]), torch.from_numpy(dets[0, :, :4])).numpy()
    overlaps[ours[:, 5:] != labels] = 0
    like = overlaps.argmax(1)
    assert overlaps.max(1).min() >= 0.99
    np.testing.assert_allclose(dets[0, like, 4], ours[:, 4], atol=1e-3)


@pytest.mark.parametrize(("build", "size"), [(ssd_lite, 96), (yolov3_mobilenet, 96)])
def test_three_classes(build: Callable[[int], Any], size: int, stir: Callable[..., None]) -> None:
    network = build(3)
    stir(network, size)
    session = exported(network.export_head(), size, ("dets", "labels"))
    for seed in range(3):
        images = picture(size, seed)
        (ours,) = network.detect(images)
        assert len(ours) > 20
        assert_same(ours.numpy(), run(session, images))


def test_one_class_and_nothing_found(ssd_scene: Any) -> None:
    network, images = ssd_scene.network, ssd_scene.picture
    head = network.export_head()
    session = exported(head, 160, ("dets", "labels"))
    assert_same(network.detect(images)[0].numpy(), run(session, images))
    head.score_threshold = 0.9
    session = exported(head, 160, ("dets", "labels"))
    (only,) = network.detect(images, score_threshold=0.9)
    assert len(only) == 1
    assert_same(only.numpy(), run(session, images))
    dets, labels = run(session, torch.zeros(1, 3, 160, 160))
    assert dets.shape == (1, 0, 5)
    assert labels.shape == (1, 0)


def test_the_head_itself_finds_the_same(yolo_scene: Any) -> None:
    network, images = yolo_scene.network, yolo_scene.picture
    with torch.inference_mode():
        dets, labels = network.export_head()(images)
    assert_same(network.detect(images)[0].numpy(), [dets.numpy(), labels.numpy()])


def test_suppression_is_one_operator(ssd_scene: Any) -> None:
    import onnx

    head = ssd_scene.network.export_head()
    model = onnx.load_from_string(
        to_bytes(head, torch.zeros(1, 3, 160, 160), ("dets", "labels"), Version(11, 6), {}, dynamic=False)
    )
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("NonMaxSuppression") == 1
    assert not {"If", "Loop", "Range", "ScatterND"} & set(operators)


@pytest.mark.parametrize("scene", ["ssd_scene", "yolo_scene"])
def test_raw_heads_give_every_anchor(scene: str, request: pytest.FixtureRequest) -> None:
    learned = request.getfixturevalue(scene)
    size = learned.picture.shape[-1]
    session = exported(learned.network.raw_head(), size, ("boxes", "scores"))
    boxes, scores = run(session, learned.picture)
    assert boxes.shape[2] == 4
    assert scores.shape == (1, boxes.shape[1], 1)
    best = boxes[0, scores[0, :, 0].argmax()]
    (found,) = learned.network.detect(learned.picture, max_detections=1)
    np.testing.assert_allclose(best, found[0, :4], atol=0.05)
    assert scores.max() == pytest.approx(float(found[0, 4]), abs=1e-3)
