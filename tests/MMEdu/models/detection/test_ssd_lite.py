"""SSD_Lite: its losses against a plain form, what it learns, and the cases that break networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from MMEdu.models.detection.parts.boxes import encode_deltas, iou
from MMEdu.models.detection.ssd_lite.network import SSDLite, hardest, ssd_lite

Annotate = Callable[..., Any]


@pytest.fixture(scope="module")
def network() -> SSDLite:
    torch.manual_seed(0)
    return ssd_lite(2)


def pictures(count: int, size: int = 96) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(5))


def plain_losses(logits: Tensor, deltas: Tensor, anchors: Tensor, targets: list[Any]) -> tuple[float, float]:
    """The definition, anchor by anchor."""
    cls, bbox, share = 0.0, 0.0, 0
    background = logits.shape[-1] - 1
    for scores, shifts, target in zip(logits.log_softmax(-1), deltas, targets, strict=True):
        wanted = {}
        if len(target.boxes):
            overlaps = iou(target.boxes, anchors)
            wanted = {a: int(overlaps[:, a].argmax()) for a in range(len(anchors)) if overlaps[:, a].max() >= 0.5}
            wanted |= {int(overlaps[g].argmax()): g for g in range(len(target.boxes))}
        for anchor, box in wanted.items():
            cls -= float(scores[anchor, target.labels[box]])
            code = encode_deltas(anchors[anchor][None], target.boxes[box][None], (0.1, 0.1, 0.2, 0.2))[0]
            off = (shifts[anchor] - code).abs()
            bbox += float(torch.where(off < 1, off * off / 2, off - 0.5).sum())
        others = sorted((-float(scores[a, background]) for a in range(len(anchors)) if a not in wanted), reverse=True)
        cls += sum(others[: 3 * max(len(wanted), 1)])
        share += max(len(wanted), 1)
    return cls / share, bbox / share


def test_the_losses_are_those_of_the_definition(network: SSDLite, annotate: Annotate) -> None:
    targets = [
        annotate((10, 10, 40, 50, 1), (12, 12, 38, 52, 0), (60, 5, 90, 30, 1)),
        annotate(),
        annotate((0, 0, 96, 96, 0)),
    ]
    network.train()
    logits, deltas, anchors = network(pictures(3))
    random = torch.Generator().manual_seed(0)
    logits = logits.detach() + torch.randn(logits.shape, generator=random)
    deltas = deltas.detach() + torch.randn(deltas.shape, generator=random)
    losses = network._losses(logits, deltas, anchors, targets)
    cls, bbox = plain_losses(logits, deltas, anchors, targets)
    assert list(losses) == ["loss_cls", "loss_bbox"]
    assert float(losses["loss_cls"]) == pytest.approx(cls, rel=1e-4)
    assert float(losses["loss_bbox"]) == pytest.approx(bbox, rel=1e-4)


def test_hard_negatives_are_counted_for_each_picture() -> None:
    losses = torch.tensor([[5.0, 1, 2, 3, 4, 0], [5, 1, 2, 3, 4, 0], [5, 1, 2, 3, 4, 0]])
    positive = torch.zeros(3, 6, dtype=torch.bool)
    positive[0, 0] = positive[2, :5] = True
    chosen = hardest(losses, positive, 3)
    assert chosen[0].tolist() == [False, False, True, True, True, False]
    assert chosen[1].tolist() == [True, False, False, True, True, False], "as if it had one object"
    assert chosen[2].tolist() == [False] * 5 + [True]


def test_maps_and_anchors_agree_at_every_size(network: SSDLite) -> None:
    network.eval()
    with torch.inference_mode():
        for size in (96, 100, 160, 320):
            logits, deltas, anchors = network(pictures(1, size))
            assert logits.shape[1:] == (len(anchors), 3)
            assert deltas.shape[1:] == (len(anchors), 4)
        assert len(anchors) == 3234
        logits, _, anchors = network(pictures(1)[..., :64])
        assert logits.shape[1] == len(anchors)


def test_pictures_without_boxes_give_finite_losses_and_gradients(network: SSDLite, annotate: Annotate) -> None:
    network.train()
    network.zero_grad()
    losses = network.losses(pictures(2), [annotate(), annotate()])
    assert 0 < float(losses["loss_cls"].detach()) < 10, "it learns what is no object"
    assert float(losses["loss_bbox"].detach()) == 0
    (losses["loss_cls"] + losses["loss_bbox"]).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_a_batch_of_one_trains_though_the_last_map_is_one_pixel(network: SSDLite, annotate: Annotate) -> None:
    network.train()
    losses = network.losses(pictures(1), [annotate((10, 10, 60, 60, 0))])
    assert all(loss.isfinite() for loss in losses.values())


def test_losses_are_float32_under_bfloat16(network: SSDLite, annotate: Annotate) -> None:
    network.train()
    images, targets = pictures(2), [annotate((10, 10, 60, 60, 0))] * 2
    plain = network.losses(images, targets)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = network.losses(images.to(memory_format=torch.channels_last), targets)
    for name, loss in mixed.items():
        assert loss.dtype == torch.float32
        assert float(loss.detach()) == pytest.approx(float(plain[name].detach()), rel=0.02)


def test_its_conventions(network: SSDLite) -> None:
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-3, 0.1)}
    assert not any(isinstance(part, (nn.ReLU, nn.LeakyReLU)) for part in network.modules())
    assert [conv[1].out_channels for conv in network.cls_convs] == [18] * 6
    assert [conv[1].in_channels for conv in network.reg_convs] == [96, 1280, 512, 256, 256, 128]
    assert float(network.cls_convs[0][1].weight.detach().std()) == pytest.approx(0.001, rel=0.1)
    assert float(network.backbone.features[18][0].weight.detach().std()) == pytest.approx(0.03, rel=0.1)


def test_frozen_stages_learn_nothing_and_keep_their_statistics(annotate: Annotate) -> None:
    network = ssd_lite(1)
    network.freeze(2)
    network.train()
    before = {name: value.clone() for name, value in network.backbone.state_dict().items()}
    loss = network.losses(pictures(2), [annotate((10, 10, 60, 60, 0))] * 2)["loss_cls"]
    loss.backward()
    frozen = {f"features.{index}." for index in range(4)}
    for name, parameter in network.backbone.named_parameters():
        assert (parameter.grad is None) == (name[:11] in frozen), name
    for name, value in network.backbone.state_dict().items():
        if "running_mean" in name:
            assert torch.equal(value, before[name]) == (name[:11] in frozen), name
    network.freeze(-1)
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert network.backbone.features[0].training


@pytest.mark.parametrize("stages", [-2, 9])
def test_more_stages_than_there_are_cannot_be_frozen(network: SSDLite, stages: int) -> None:
    with pytest.raises(ParameterInvalid, match=str(stages)):
        network.freeze(stages)


def test_it_learns_a_picture(ssd_scene: Any) -> None:
    (found,) = ssd_scene.network.detect(ssd_scene.picture, score_threshold=0.6)
    assert found.shape == (1, 6)
    assert found[0, 4] > 0.9
    assert found[0, 5] == 0
    assert float(iou(found[:, :4], ssd_scene.box[None])) > 0.8


def test_detections_are_sorted_inside_the_picture_and_no_more_than_asked_for(ssd_scene: Any) -> None:
    found, again = ssd_scene.network.detect(ssd_scene.picture.repeat(2, 1, 1, 1), score_threshold=0.0, max_detections=5)
    assert found.shape == again.shape == (5, 6)
    assert found.dtype == torch.float32
    assert (found[:-1, 4] >= found[1:, 4]).all()
    assert ((found[:, :4] >= 0) & (found[:, :4] <= 160)).all()
    assert ssd_scene.network.detect(ssd_scene.picture, score_threshold=1.0)[0].shape == (0, 6)
