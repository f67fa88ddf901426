"""NMS and RoIAlign without compiled operators: what torchvision answers, for its own models too."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
import torch

from MMEdu.models import operators
from MMEdu.models.torchvision_bridge import torchvision


def boxes_in(span: float, size: float, count: int, seed: int = 0) -> torch.Tensor:
    """Draw boxes whose corners lie between 0 and ``span`` and whose sides are up to ``size``."""
    random = torch.Generator().manual_seed(seed)
    low = torch.rand(count, 2, generator=random) * span
    return torch.cat((low, low + torch.rand(count, 2, generator=random) * size), 1)


def plain_nms(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> list[int]:
    """Compare every box with every kept one, as the definition says."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: -float(scores[i])):
        low = torch.maximum(boxes[kept, :2], boxes[i, :2])
        common = (torch.minimum(boxes[kept, 2:], boxes[i, 2:]) - low).clamp(min=0).prod(1)
        if not ((common / (area[kept] + area[i] - common)).double() > threshold).any():
            kept.append(i)
    return kept


@pytest.mark.parametrize(("span", "size"), [(1000, 100), (300, 200), (50, 100)])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_nms_keeps_what_the_definition_keeps(span, size, threshold):
    boxes, scores = boxes_in(span, size, 700), torch.rand(700, generator=torch.Generator().manual_seed(1))
    assert operators.nms(boxes, scores, threshold).tolist() == plain_nms(boxes, scores, threshold)


def test_nms_of_equal_scores_goes_by_order():
    boxes, scores = boxes_in(100, 60, 600), torch.zeros(600)
    assert operators.nms(boxes, scores, 0.5).tolist() == plain_nms(boxes, scores, 0.5)


def test_nms_of_a_chain_where_each_overlaps_only_its_neighbours():
    left = torch.arange(600.0)
    boxes = torch.stack((left, torch.zeros(600), left + 2, torch.ones(600)), 1)
    assert operators.nms(boxes, -left, 0.3).tolist() == list(range(0, 600, 2))


def test_nms_of_one_box_many_times():
    assert operators.nms(torch.tensor([[1.0, 2, 3, 4]]).repeat(900, 1), torch.arange(900.0), 0.5).tolist() == [899]


def test_nms_at_the_threshold_itself_keeps_both():
    boxes = torch.tensor([[0.0, 0, 2, 1], [1, 0, 2, 1]])
    assert operators.nms(boxes, torch.tensor([1.0, 0]), 0.5).tolist() == [0, 1]
    assert operators.nms(boxes, torch.tensor([1.0, 0]), 0.4999).tolist() == [0]


def test_nms_of_boxes_without_area_keeps_them():
    boxes = torch.tensor([[1.0, 1, 1, 1], [1, 1, 1, 1], [0, 0, 4, 4], [2, 1, 2, 3]])
    assert operators.nms(boxes, torch.tensor([0.1, 0.2, 0.3, 0.4]), 0.5).tolist() == [3, 2, 1, 0]


def test_nms_of_nothing():
    kept = operators.nms(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert (kept.shape, kept.dtype) == ((0,), torch.int64)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_nms_takes_every_kind_of_number_and_ignores_gradients(dtype):
    boxes = torch.tensor([[0, 0, 4, 4], [0, 0, 4, 3], [8, 8, 9, 9]], dtype=dtype, requires_grad=True)
    kept = torchvision().ops.nms(boxes * 1, torch.tensor([1, 2, 3], dtype=dtype), 0.5)
    assert (kept.tolist(), kept.requires_grad) == ([2, 1], False)


@pytest.mark.parametrize(("boxes", "scores"), [((3, 5), (3,)), ((3, 4), (2,)), ((4,), (4,)), ((3, 4), (3, 1))])
def test_nms_refuses_other_shapes(boxes, scores):
    with pytest.raises(ValueError, match="expected"):
        operators.nms(torch.zeros(boxes), torch.zeros(scores), 0.5)


@pytest.mark.parametrize("count", [300, 2000])
def test_nms_by_class_is_nms_within_each_class(count):
    boxes, scores = boxes_in(100, 60, count), torch.rand(count, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(count) % 3
    want = []
    for label in range(3):
        own = (labels == label).nonzero()[:, 0]
        want += own[plain_nms(boxes[own], scores[own], 0.5)].tolist()
    kept = torchvision().ops.batched_nms(boxes, scores, labels, 0.5).tolist()
    assert kept == sorted(want, key=lambda i: -float(scores[i]))


def plain_value(plane: np.ndarray, y: float, x: float) -> float:
    """Read one bilinear sample as the compiled operator does."""
    height, width = plane.shape
    if y < -1 or y > height or x < -1 or x > width:
        return 0.0
    y, x = max(y, 0.0), max(x, 0.0)
    top, left = min(int(y), height - 1), min(int(x), width - 1)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    dy, dx = (y - top if bottom > top else 0.0), (x - left if right > left else 0.0)
    upper = plane[top, left] * (1 - dx) + plane[top, right] * dx
    return upper * (1 - dy) + (plane[bottom, left] * (1 - dx) + plane[bottom, right] * dx) * dy


def plain_roi_align(features, rois, scale, bins_y, bins_x, ratio, aligned) -> torch.Tensor:
    """Average samples one by one."""
    out = torch.zeros(len(rois), features.shape[1], bins_y, bins_x, dtype=torch.float64)
    for k, (image, *box) in enumerate(rois.tolist()):
        x1, y1, x2, y2 = (v * scale - (0.5 if aligned else 0) for v in box)
        h, w = (y2 - y1, x2 - x1) if aligned else (max(y2 - y1, 1), max(x2 - x1, 1))
        down = ratio if ratio > 0 else math.ceil(h / bins_y)
        right = ratio if ratio > 0 else math.ceil(w / bins_x)
        for c, i, j in itertools.product(range(features.shape[1]), range(bins_y), range(bins_x)):
            places = [
                (y1 + (i + (a + 0.5) / down) * h / bins_y, x1 + (j + (b + 0.5) / right) * w / bins_x)
                for a in range(down)
                for b in range(right)
            ]
            plane = features[int(image), c].detach().numpy()
            out[k, c, i, j] = float(sum(plain_value(plane, *place) for place in places)) / max(len(places), 1)
    return out


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [2, 1, 3, 0, -1])
@pytest.mark.parametrize("shape", [(9, 7), (1, 5), (1, 1)])
def test_roi_align_is_the_average_of_its_samples(aligned, ratio, shape):
    random = torch.Generator().manual_seed(3)
    features = torch.randn(3, 2, *shape, generator=random)
    places = boxes_in(36, 30, 14) - 8  # many leave the features, some lie outside
    places[-1] = torch.tensor([4.0, 4, 4, 4])
    places[-2] = torch.tensor([9.0, 9, 5, 6])  # corners the wrong way round
    rois = torch.cat((torch.randint(0, 3, (14, 1), generator=random).float(), places), 1)
    for bins in ((3, 2), (1, 1)):
        got = torchvision().ops.roi_align(features, rois, bins, 0.25, ratio, aligned)
        want = plain_roi_align(features, rois, 0.25, *bins, ratio, aligned)
        assert (got.dtype, got.shape) == (torch.float32, want.shape)
        torch.testing.assert_close(got.double(), want, atol=1e-5, rtol=0)


def test_roi_align_samples_each_box_by_its_own_size():
    features = torch.randn(1, 1, 40, 40, generator=torch.Generator().manual_seed(0))
    rois = torch.tensor([[0.0, 1, 1, 4, 38], [0, 2, 3, 33, 8], [0, 5, 5, 6, 6], [0, 0, 0, 40, 40], [0, 1, 1, 4, 38]])
    got = operators.roi_align(features, rois, 1.0, 2, 2, 0, True)
    torch.testing.assert_close(got.double(), plain_roi_align(features, rois, 1.0, 2, 2, 0, True), atol=1e-5, rtol=0)


def pure(features, rois, ratio, aligned):
    """Torchvision's own form in plain PyTorch, not compiled."""
    form = sys.modules["torchvision.ops.roi_align"]._roi_align
    return getattr(form, "__wrapped__", form)(features, rois, 0.5, 7, 7, ratio, aligned)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [2, 0])
def test_roi_align_has_the_values_and_gradients_of_torchvisions_own_form(aligned, ratio):
    random = torch.Generator().manual_seed(5)
    rois = torch.cat((torch.arange(12.0)[:, None] % 2, boxes_in(20, 19, 12)), 1)
    weight = torch.randn(12, 8, 7, 7, generator=random)
    features = [torch.randn(2, 8, 20, 24, generator=random).requires_grad_()]
    features.append(features[0].detach().clone().requires_grad_())
    ours = torchvision().ops.roi_align(features[0], rois, 7, 0.5, ratio, aligned)
    theirs = pure(features[1], rois, ratio, aligned)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    (ours * weight).sum().backward()
    (theirs * weight).sum().backward()
    torch.testing.assert_close(features[0].grad, features[1].grad, atol=1e-4, rtol=0)


def test_roi_align_passes_the_check_of_gradients():
    features = torch.randn(2, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    rois = torch.tensor([[1, 0.3, 0.2, 4.1, 4.9], [0, -2, 1, 3, 9], [1, 2, 2, 2.2, 2.3]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: torchvision().ops.roi_align(x, rois, (2, 3), 1.0, 0, True), features)


def test_roi_align_of_no_box():
    features = torch.randn(2, 5, 4, 4, requires_grad=True)
    assert torchvision().ops.roi_align(features, torch.zeros(0, 5), (7, 6), 1.0, 0, True).shape == (0, 5, 7, 6)


def test_roi_align_takes_a_list_of_boxes_and_channels_last():
    features = torch.randn(2, 5, 8, 8)
    rois = torch.tensor([[0.0, 1, 1, 5, 6], [1, 0, 2, 7, 7]])
    align = torchvision().ops.roi_align
    want = align(features, rois, 3, 1.0, 2, True)
    assert torch.equal(align(features, [rois[:1, 1:], rois[1:, 1:]], 3, 1.0, 2, True), want)
    assert torch.equal(align(features.to(memory_format=torch.channels_last), rois, 3, 1.0, 2, True), want)


def test_roi_align_takes_bfloat16_and_places_boxes_in_full_precision():
    features = torch.randn(1, 4, 30, 30).bfloat16().requires_grad_()
    rois = torch.tensor([[0, 1.37, 2.11, 20.93, 27.77]])
    got = operators.roi_align(features, rois, 1.0, 7, 7, 0, True)
    assert got.dtype == torch.bfloat16
    want = operators.roi_align(features.detach().float(), rois, 1.0, 7, 7, 0, True)
    torch.testing.assert_close(got.float(), want, atol=0.02, rtol=0)
    got.sum().backward()
    assert features.grad is not None


def test_roi_align_refuses_boxes_without_the_number_of_their_picture():
    with pytest.raises(ValueError, match=r"rois \(K, 5\)"):
        operators.roi_align(torch.zeros(1, 1, 4, 4), torch.zeros(3, 4), 1.0, 2, 2, 2, True)


def test_a_detector_of_torchvision_trains_and_detects():
    torch.manual_seed(0)
    detector = torchvision().models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=3, min_size=96, max_size=128
    )
    picture = torch.rand(3, 96, 128)
    target = {"boxes": torch.tensor([[10.0, 10, 60, 70]]), "labels": torch.tensor([1])}
    losses = detector.train()([picture], [target])
    sum(losses.values()).backward()
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert float(detector.roi_heads.box_head.fc6.weight.grad.abs().sum()) > 0
    assert detector.eval()([picture])[0]["boxes"].shape[1] == 4


@pytest.mark.skipif(torchvision().extension._has_ops(), reason="the compiled operators load here")
def test_an_operator_that_is_missing_still_says_so():
    with pytest.raises(RuntimeError, match="custom C\\+\\+ ops"):
        torchvision().ops.ps_roi_align(torch.zeros(1, 4, 4, 4), torch.zeros(1, 5), 2)
