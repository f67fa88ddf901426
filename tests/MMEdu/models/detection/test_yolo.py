"""YOLOv3 and its light form: losses against a plain form, what the light one learns, their conventions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from MMEdu.models.detection.parts.boxes import encode_cells, iou
from MMEdu.models.detection.yolo.network import YOLOv3, cells_of, yolov3, yolov3_mobilenet

Annotate = Callable[..., Any]
MAPS = ((3, 3), (6, 6), (12, 12))


@pytest.fixture(scope="module")
def light() -> YOLOv3:
    torch.manual_seed(0)
    return yolov3_mobilenet(2)


def pictures(count: int, size: int = 96) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(5))


def plain_losses(network: YOLOv3, rows: Tensor, targets: list[Any]) -> dict[str, float]:
    """The definition, anchor by anchor; the sum over a batch of eight."""
    anchors, strides = network._anchors(MAPS, rows.device)
    total = dict.fromkeys(("loss_cls", "loss_conf", "loss_xy", "loss_wh"), 0.0)
    binary = nn.BCEWithLogitsLoss(reduction="sum")
    for own, target in zip(rows, targets, strict=True):
        overlaps = iou(target.boxes, anchors)
        responsible = sorted(set(cells_of(target.boxes, MAPS).flatten().tolist()))
        wanted = {a: int(overlaps[:, a].argmax()) for a in responsible if overlaps[:, a].max() > 0.5}
        for box in range(len(target.boxes)):
            best = max(responsible, key=lambda anchor: float(overlaps[box, anchor]))
            wanted[best] = box
        for anchor in range(len(anchors)):
            if anchor not in wanted and len(target.boxes) and overlaps[:, anchor].max() > 0.5:
                continue
            total["loss_conf"] += float(binary(own[anchor, 4], torch.tensor(float(anchor in wanted))))
        for anchor, box in wanted.items():
            code = encode_cells(anchors[anchor][None], target.boxes[box][None], strides[anchor][None])[0]
            hot = torch.eye(network.num_classes)[target.labels[box]]
            total["loss_cls"] += float(binary(own[anchor, 5:], hot))
            total["loss_xy"] += 2 * float(binary(own[anchor, :2], code[:2]))
            total["loss_wh"] += 2 * float((own[anchor, 2:4] - code[2:]).square().sum())
    return {name: value * 8 / len(rows) for name, value in total.items()}


def test_the_losses_are_those_of_the_definition(light: YOLOv3, annotate: Annotate) -> None:
    targets = [
        annotate((10, 10, 40, 71, 1), (12, 14, 38, 72, 0), (60, 5, 92, 30, 1)),
        annotate(),
        annotate((20, 20, 36, 50, 0)),
    ]
    rows = torch.randn(3, (9 + 36 + 144) * 3, 7, generator=torch.Generator().manual_seed(0))
    parts = light._parts(rows, MAPS, targets)
    plain = plain_losses(light, rows, targets)
    assert {name: float(loss) for name, loss in parts.items()} == pytest.approx(plain, rel=1e-4)


def test_the_logged_losses_add_up(light: YOLOv3, annotate: Annotate) -> None:
    light.eval()  # so that both passes see the same statistics
    images, targets = pictures(2), [annotate((10, 10, 40, 70, 1))] * 2
    with torch.no_grad():
        losses, parts = light.losses(images, targets), light.loss_parts(images, targets)
    assert list(losses) == ["loss_cls", "loss_bbox", "loss_conf"]
    torch.testing.assert_close(losses["loss_bbox"], parts["loss_xy"] + parts["loss_wh"])
    torch.testing.assert_close(sum(losses.values()), sum(parts.values()))


def test_pictures_without_boxes_teach_background(light: YOLOv3, annotate: Annotate) -> None:
    light.train()
    light.zero_grad()
    losses = light.losses(pictures(2), [annotate(), annotate()])
    assert float(losses["loss_bbox"].detach()) == float(losses["loss_cls"].detach()) == 0
    assert float(losses["loss_conf"].detach()) > 0
    torch.stack(list(losses.values())).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in light.parameters())


def test_losses_are_float32_under_bfloat16(light: YOLOv3, annotate: Annotate) -> None:
    light.train()
    with torch.autocast("cpu", torch.bfloat16):
        losses = light.losses(pictures(2), [annotate((10, 10, 40, 70, 1))] * 2)
    assert all(loss.dtype == torch.float32 and loss.isfinite() for loss in losses.values())


def test_sizes_that_are_no_multiple_of_32_work(light: YOLOv3) -> None:
    light.eval()
    with torch.inference_mode():
        rows, maps = light(pictures(1, 100)[..., :72])
    assert maps == ((4, 3), (7, 5), (13, 9))
    assert rows.shape == (1, (12 + 35 + 117) * 3, 7)


def test_the_light_forms_conventions(light: YOLOv3) -> None:
    norms = [part for part in light.modules() if isinstance(part, nn.BatchNorm2d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-5, 0.1)}
    assert not any(isinstance(part, nn.ReLU6) for part in light.modules())
    assert {part.negative_slope for part in light.modules() if isinstance(part, nn.LeakyReLU)} == {0.1}
    bias = light.predictors[0].bias.detach().view(3, -1)
    assert bias[:, 4].sigmoid().tolist() == pytest.approx([8 / 19**2] * 3)
    assert bias[:, 5:].sigmoid().flatten().tolist() == pytest.approx([0.01] * 6)


def test_the_full_form() -> None:
    network = yolov3(80).eval()
    assert sum(p.numel() for p in network.parameters()) == 61_949_149
    with torch.inference_mode():
        rows, maps = network(pictures(1, 64))
        assert maps == ((2, 2), (4, 4), (8, 8))
        assert rows.shape == (1, 84 * 3, 85)
    network.freeze(1)
    network.train()
    assert not network.backbone.blocks[0].training
    assert network.backbone.blocks[1].training
    assert not network.backbone.conv1[0].weight.requires_grad


def test_the_light_form_learns_a_picture(yolo_scene: Any) -> None:
    (found,) = yolo_scene.network.detect(yolo_scene.picture, score_threshold=0.3)
    assert found.shape == (1, 6)
    assert float(iou(found[:, :4], yolo_scene.box[None])) > 0.7


def test_doubtful_scores_are_no_answer(light: YOLOv3) -> None:
    light.eval()
    images = pictures(1)
    with torch.inference_mode():
        _, plain = light.decoded(images, thresholds=False)
        _, kept = light.decoded(images, thresholds=True)
        rows, _ = light(images)
    enough = (rows[..., 5:].sigmoid() > 0.05) & (rows[..., 4:5].sigmoid() >= 0.005)
    torch.testing.assert_close(kept, torch.where(enough, plain, 0))
    assert (plain > 0).all()
