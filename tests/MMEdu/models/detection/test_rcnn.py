"""FasterRCNN and Mask_RCNN: conventions of boxes, losses, learning, detection, and the exported form of it."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from MMEdu.models.detection.faster_rcnn import network as rcnn
from MMEdu.models.detection.faster_rcnn.network import FasterRCNN
from MMEdu.models.detection.mask_rcnn.mask_head import paste
from MMEdu.models.detection.mask_rcnn.network import Mask_RCNN
from MMEdu.models.detection.parts import assign, roi_pool
from MMEdu.models.detection.parts.boxes import clip, decode_deltas, encode_deltas, iou
from MMEdu.models.detection.parts.rpn import Proposals, anchors_of_level
from MMEdu.models.torchvision_bridge import torchvision

SIZE = 128


@dataclass
class Objects:
    """What is in a picture."""

    boxes: torch.Tensor
    labels: torch.Tensor
    masks: torch.Tensor | None = None


def objects(*boxes: tuple[int, int, int, int], label: int = 0, masks: bool = True) -> Objects:
    """Make rectangles that fill their boxes."""
    drawn = torch.zeros(len(boxes), SIZE, SIZE, dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(drawn, boxes, strict=True):
        mask[y1:y2, x1:x2] = 1
    places = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return Objects(places, torch.full((len(boxes),), label), drawn if masks else None)


def picture(target: Objects) -> torch.Tensor:
    """Draw objects as bright rectangles on gray noise: (1, 3, 128, 128)."""
    image = torch.randn(1, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 0.1
    for x1, y1, x2, y2 in target.boxes.int().tolist():
        image[:, :, y1:y2, x1:x2] += 2
    return image


@pytest.fixture(scope="module")
def faster():
    torch.manual_seed(0)
    return FasterRCNN(1)


@pytest.fixture(scope="module")
def mask():
    torch.manual_seed(0)
    return Mask_RCNN(3)


@pytest.fixture(scope="module")
def excited():
    """A network whose heads were disturbed so that it finds things in noise."""
    torch.manual_seed(1)
    network = Mask_RCNN(3).eval()
    with torch.no_grad():
        network.bbox_head.fc_cls.weight *= 8
        network.bbox_head.fc_reg.weight *= 30
        network.rpn.head.cls_logits.weight *= 20
        network.rpn.head.bbox_pred.weight *= 5
    return network


# Boxes


def test_anchors_are_neither_rounded_nor_moved_to_the_middle_of_a_cell():
    made = anchors_of_level(2, 3, 4)
    assert made.shape == (2 * 3 * 3, 4)
    root = 16 / math.sqrt(0.5), 16 * math.sqrt(0.5)
    torch.testing.assert_close(made[0], torch.tensor([-root[0], -root[1], root[0], root[1]]))
    assert made[1].tolist() == [-16, -16, 16, 16]
    assert made[4].tolist() == [-12, -16, 20, 16]  # the next cell to the right
    assert made[10].tolist() == [-16, -12, 16, 20]  # the first of the next row


def test_coding_says_centre_and_size_over_the_deviations():
    box, goal = torch.tensor([[10.0, 10, 30, 50]]), torch.tensor([[14.0, 14, 34, 54]])
    stds = (0.1, 0.1, 0.2, 0.2)
    torch.testing.assert_close(encode_deltas(box, goal, stds), torch.tensor([[2.0, 1, 0, 0]]))
    wider = torch.tensor([[10 - 10 * (math.e - 1), 10, 30 + 10 * (math.e - 1), 50]])
    torch.testing.assert_close(encode_deltas(box, wider, stds), torch.tensor([[0.0, 0, 5, 0]]))


def test_decoding_undoes_coding_and_clips_to_the_picture():
    box, goal = torch.tensor([[10.0, 10, 30, 50]]), torch.tensor([[1.0, 20, 47, 95]])
    stds = (0.1, 0.1, 0.2, 0.2)
    changed = encode_deltas(box, goal, stds)
    torch.testing.assert_close(clip(decode_deltas(box, changed, stds), (100, 100)), goal)
    assert clip(decode_deltas(box, changed, stds), (80, 40)).tolist()[0][2:] == [40, 80]


def test_no_box_changes_its_size_by_more_than_a_thousand_sixteenth():
    box = torch.tensor([[500.0, 500, 501, 501]])
    grown = clip(decode_deltas(box, torch.tensor([[0.0, 0, 99, 99]]), (1, 1, 1, 1)), (1000, 1000))
    torch.testing.assert_close(grown[:, 2:] - grown[:, :2], torch.tensor([[62.5, 62.5]]))


@pytest.mark.parametrize(
    ("overlap", "rescue", "given"),
    [
        ([[0.8, 0.69, 0.31, 0.29]], None, [0, -2, -2, -1]),
        ([[0.7, 0.3, 0.0]], None, [0, -2, -1]),
        ([[0.4, 0.2, 0.1]], 0.3, [0, -1, -1]),  # nobody reaches the object: the nearest does
        ([[0.4, 0.4, 0.1]], 0.3, [0, 0, -1]),  # and all that are equally near
        ([[0.2, 0.2, 0.1]], 0.3, [-1, -1, -1]),  # unless it is too far
        ([[0.9, 0.1], [0.5, 0.1]], 0.3, [1, -1]),  # the last object's claim holds
        ([[0.9, 0.1], [0.5, 0.1]], None, [0, -1]),
    ],
)
def test_boxes_get_their_objects_by_overlap(overlap, rescue, given):
    assert assign.by_thresholds(torch.tensor(overlap), 0.7, 0.3, rescue).tolist() == given


def test_without_objects_everything_is_background():
    assert assign.by_thresholds(torch.zeros(0, 3), 0.7, 0.3, 0.3).tolist() == [-1, -1, -1]


def test_samples_are_drawn_by_torchs_generator_and_filled_with_negatives():
    given = torch.tensor([0] * 50 + [-1] * 100 + [-2] * 50)
    torch.manual_seed(0)
    positive, negative = assign.sample(given, 64, 0.25)
    torch.manual_seed(0)
    assert torch.equal(assign.sample(given, 64, 0.25)[0], positive)
    assert (len(positive), len(negative)) == (16, 48)
    assert (given[positive] == 0).all()
    assert (given[negative] == -1).all()
    assert [len(part) for part in assign.sample(given[40:], 64, 0.25)] == [10, 54]


@pytest.mark.parametrize(("side", "level"), [(10, 0), (111, 0), (112, 1), (223, 1), (224, 2), (448, 3), (900, 3)])
def test_a_region_is_read_from_the_level_of_its_size(side, level):
    features = [torch.full((1, 2, 256, 256), float(i)) for i in range(5)]
    pooled = roi_pool.pool(features, torch.tensor([[0.0, 0, 0, side, side]]), 2)
    torch.testing.assert_close(pooled, torch.full_like(pooled, level))


def test_regions_keep_their_order_and_their_picture():
    features = [
        torch.stack((torch.full((1, 80, 80), 10.0 * i), torch.full((1, 80, 80), 10.0 * i + 1))) for i in range(5)
    ]
    rois = torch.tensor([[0.0, 0, 0, 300, 300], [1, 0, 0, 20, 20], [1, 0, 0, 300, 300], [0, 0, 0, 20, 20]])
    torch.testing.assert_close(roi_pool.pool(features, rois, 1).flatten(), torch.tensor([20.0, 1, 21, 0]))


def test_regions_are_placed_by_half_pixels():
    ramp = (torch.arange(16.0) + 0.5).mul(4).expand(1, 1, 16, 16)  # each pixel says where its centre is
    middle = roi_pool.pool([ramp] * 5, torch.tensor([[0, 10.0, 10, 38, 38]]), 1)
    torch.testing.assert_close(middle.flatten(), torch.tensor([24.0]))
    thin = roi_pool.pool([ramp] * 5, torch.tensor([[0, 21.0, 10, 22, 38]]), 1)
    torch.testing.assert_close(thin.flatten(), torch.tensor([21.5]))


def small_regions() -> torch.Tensor:
    """(K, 5) in a picture of 64×96: narrow, flat, tiny and ordinary ones, some at its edges."""
    generator = torch.Generator().manual_seed(3)
    size = torch.rand(60, 2, generator=generator) ** 3 * 40 + 0.01
    corner = torch.rand(60, 2, generator=generator) * (torch.tensor([96.0, 64.0]) - size)
    edges = torch.tensor([[0, 0, 1, 1], [95, 63, 96, 64], [0, 30, 1.5, 60], [94.5, 0, 96, 40], [2, 63.5, 90, 64]])
    boxes = torch.cat((torch.cat((corner, corner + size), 1), edges, torch.tensor([[10.0, 10, 12, 90 / 1.5]])))
    return torch.cat((torch.zeros(len(boxes), 1), boxes), 1)


@pytest.mark.parametrize("bins", [7, 14])
def test_narrow_regions_are_read_as_the_aligned_operator_reads_them(bins):
    levels = [torch.randn(1, 4, 64 // stride, 96 // stride) for stride in (4, 8, 16, 32)]
    rois = small_regions()
    aligned = torchvision().ops.roi_align(levels[0], rois, bins, 1 / 4, sampling_ratio=0, aligned=True)
    assert torch.equal(roi_pool.pool(levels, rois, bins), aligned), "all of them are small: of the finest level"


@pytest.mark.parametrize("bins", [7, 14])
def test_an_exported_file_reads_narrow_regions_alike(bins):
    class Pool(nn.Module):
        def forward(self, first, second, third, fourth, rois):
            return roi_pool.pool([first, second, third, fourth], rois, bins)

    levels = [torch.randn(1, 4, 64 // stride, 96 // stride) for stride in (4, 8, 16, 32)]
    names, rois, buffer = ["a", "b", "c", "d", "rois"], small_regions(), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pool(), (*levels, rois), buffer, input_names=names, output_names=["out"], opset_version=11, dynamo=False
        )
    session = onnxruntime.InferenceSession(buffer.getvalue(), providers=["CPUExecutionProvider"])
    feeds = {name: value.numpy() for name, value in zip(names, (*levels, rois), strict=True)}
    np.testing.assert_allclose(session.run(["out"], feeds)[0], roi_pool.pool(levels, rois, bins), atol=1e-4)


# Training


@pytest.mark.parametrize("name", ["faster", pytest.param("mask", marks=pytest.mark.full)])
def test_losses_have_the_families_names_and_reach_all_that_is_trained(name, request):
    network = request.getfixturevalue(name).train()
    network.zero_grad()
    targets = [objects((10, 10, 60, 70)), objects((30, 20, 120, 90), (5, 80, 40, 120))]
    images = torch.cat([picture(target) for target in targets])
    torch.manual_seed(0)
    losses = network.losses(images, targets)
    want = {"loss_rpn_cls", "loss_rpn_bbox", "loss_cls", "loss_bbox", "acc"}
    assert set(losses) == want | ({"loss_mask"} if name == "mask" else set())
    assert 0 <= losses["acc"] <= 100
    assert not losses["acc"].requires_grad
    rcnn.total(losses).backward()
    # What starts at zero (the last normalisation of a branch) hides the rest of the branch in the first step.
    hidden = ("conv1", "conv2", "conv3", "bn1", "bn2")
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        if not (key.startswith("backbone.layer") and key.split(".")[3] in hidden):
            assert parameter.grad.abs().sum() > 0, key


def test_the_sum_leaves_the_accuracy_out():
    assert rcnn.total({"loss_cls": torch.tensor(1.0), "acc": torch.tensor(90.0), "loss_bbox": torch.tensor(2.0)}) == 3


def test_equal_seeds_give_equal_losses(faster):
    target = objects((10, 10, 60, 70))
    sums = []
    for _ in range(2):
        torch.manual_seed(7)
        sums.append(float(rcnn.total(faster.train().losses(picture(target), [target])).detach()))
    assert sums[0] == sums[1]


@pytest.mark.parametrize("targets", [[objects()], [objects(), objects((10, 10, 60, 70))]])
def test_pictures_without_objects_give_finite_losses(mask, targets):
    mask.train().zero_grad()
    losses = mask.losses(torch.cat([picture(t) for t in targets]), targets)
    assert all(torch.isfinite(loss) for loss in losses.values())
    rcnn.total(losses).backward()
    assert all(torch.isfinite(p.grad).all() for p in mask.parameters())
    if len(targets) == 1:
        assert losses["loss_bbox"] == losses["loss_rpn_bbox"] == losses["loss_mask"] == 0


def test_objects_whose_masks_nobody_drew_teach_no_mask(mask):
    target = objects((10, 10, 60, 70), masks=False)
    assert mask.train().losses(picture(target), [target])["loss_mask"] == 0
    both = [target, objects((10, 10, 60, 70))]
    assert mask.losses(torch.cat([picture(t) for t in both]), both)["loss_mask"] > 0


def test_the_mask_wanted_of_a_region_is_what_it_cuts_out(mask):
    target = objects((0, 0, 10, 10), (20, 20, 60, 60))
    region = torch.tensor([[0.0, 20, 40, 60]])  # its right half belongs to the second object
    half = torch.full((1, 3, 28, 28), -20.0)
    half[..., 14:] = 20
    labels, number = torch.tensor([2]), torch.tensor([1])
    assert mask.mask_head.loss(half, region, labels, target.masks, number) < 1e-6
    assert mask.mask_head.loss(-half, region, labels, target.masks, number) > 10


@pytest.mark.full
def test_it_learns_one_picture(monkeypatch):
    monkeypatch.setattr(rcnn, "_REGIONS", 64)
    monkeypatch.setattr(rcnn, "TRAINING_PROPOSALS", Proposals(200, 200))
    torch.manual_seed(0)
    network = FasterRCNN(1).train()
    target = objects((20, 30, 90, 100))
    image = picture(target)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-4)
    first = None
    for _ in range(10):
        losses = network.losses(image, [target])
        first = first or float(rcnn.total(losses).detach())
        optimizer.zero_grad(set_to_none=True)
        rcnn.total(losses).backward()
        optimizer.step()
    found = network.eval().detect(image)[0]
    assert rcnn.total(losses) < 0.7 * first
    assert iou(found[:1, :4], target.boxes) > 0.5


def norms(network: nn.Module) -> list[nn.BatchNorm2d]:
    return [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]


def test_statistics_of_the_backbone_are_kept_in_training(faster):
    faster.train()
    assert not any(norm.training for norm in norms(faster))
    assert faster.bbox_head.training
    assert all(norm.weight.requires_grad for norm in norms(faster))


def test_statistics_are_gathered_where_that_is_asked_for():
    network = FasterRCNN(1, norm_eval=False).train()
    assert all(norm.training for norm in norms(network))
    network.freeze(1)
    assert [norm.training for norm in norms(network)] == [False] * 11 + [True] * (53 - 11)
    assert not any(norm.training for norm in norms(network.eval()))


@pytest.mark.parametrize("stages", [-1, 0, 2, 4])
def test_freezing_keeps_the_stem_and_the_first_stages(faster, stages):
    faster.freeze(stages)
    frozen = {n.split(".")[0] for n, p in faster.backbone.named_parameters() if not p.requires_grad}
    free = {n.split(".")[0] for n, p in faster.backbone.named_parameters() if p.requires_grad}
    names = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]
    assert (frozen, free) == (set(names[: stages + 2 if stages >= 0 else 0]), set(names) - frozen)
    faster.freeze(-1)


# Detection


def test_detections_are_rows_the_surest_first_inside_the_picture(excited):
    images = torch.randn(2, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    found = excited.detect(images, score_threshold=0.2, max_detections=7)
    assert len(found) == 2
    for rows in found:
        assert rows.shape == (7, 6)
        assert (rows[:, 4] > 0.2).all()
        assert torch.equal(rows[:, 4].sort(descending=True).values, rows[:, 4])
        assert (rows[:, :4] >= 0).all()
        assert (rows[:, [0, 2]] <= 128).all()
        assert (rows[:, [1, 3]] <= 96).all()
        assert set(rows[:, 5].tolist()) <= {0.0, 1.0, 2.0}
    alone = excited.detect(images[1:], score_threshold=0.2, max_detections=7)[0]
    torch.testing.assert_close(alone, found[1], atol=1e-3, rtol=0)


def test_objects_of_one_class_do_not_overlap_much(excited):
    rows = excited.detect(torch.randn(1, 3, SIZE, SIZE))[0]
    for label in range(3):
        own = rows[rows[:, 5] == label, :4]
        assert (iou(own, own).fill_diagonal_(0) <= 0.5).all()


def test_thresholds_leave_out_what_is_below(excited):
    images = torch.randn(1, 3, 64, 64)
    assert excited.detect(images, score_threshold=0.999)[0].shape == (0, 6)
    assert excited.detect(images, rpn_threshold=1.1)[0].shape == (0, 6)
    assert excited.segment(images, rpn_threshold=1.1)[0][1].shape == (0, 28, 28)
    whole, half = (len(excited.rpn.propose(*only(excited, images), (64, 64), threshold)) for threshold in (0.0, 0.5))
    assert 0 < half < whole


def only(network, images):
    """Return the first stage's answers for one picture."""
    features, logits, deltas = network(images)
    return [x[0] for x in logits], [x[0] for x in deltas], network.rpn.anchors(features)


@pytest.mark.full
def test_masks_come_with_the_rows(excited):
    images = torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    for (rows, masks), found in zip(excited.segment(images), excited.detect(images), strict=True):
        assert torch.equal(rows, found)
        assert masks.shape == (len(rows), 28, 28)
        assert ((masks >= 0) & (masks <= 1)).all()


def test_masks_are_drawn_into_their_boxes():
    left = torch.zeros(3, 28, 28)
    left[..., :14] = 1
    boxes = torch.tensor([[10.0, 20, 30, 40], [-10, 5, 10, 15], [50, 50, 50, 50]])
    drawn = paste(left, boxes, (48, 40))
    want = torch.zeros(3, 48, 40, dtype=torch.uint8)
    want[0, 20:40, 10:20] = 1
    assert torch.equal(drawn, want)
    assert paste(1 - left, boxes, (48, 40))[1, 5:15, :10].all()


# Export


def run_onnx(head: nn.Module, opset: int, outputs: list[str], shape: tuple[int, int]):
    """Export and return what runs the file; not simplified, which takes longer than all the rest."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            head,
            (torch.randn(1, 3, *shape),),
            buffer,
            input_names=["input"],
            output_names=outputs,
            opset_version=opset,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(buffer.getvalue(), providers=["CPUExecutionProvider"])
    return lambda images: session.run(outputs, {"input": images.numpy()})


@pytest.mark.parametrize("opset", [11, pytest.param(16, marks=pytest.mark.full)])
def test_the_exported_form_finds_the_same(excited, opset):
    head = excited.export_head(max_detections=30, masks=True)  # masks are nearly all of the time
    run = run_onnx(head, opset, ["dets", "labels", "masks"], (96, 128))
    assert not excited.rpn.training
    for seed in range(3):
        images = torch.randn(1, 3, 96, 128, generator=torch.Generator().manual_seed(seed)) * (seed + 1) / 2
        dets, labels, masks = run(images)
        rows, probabilities = excited.segment(images, max_detections=30)[0]
        assert (dets.shape, labels.shape, labels.dtype) == ((1, len(rows), 5), (1, len(rows)), np.int64)
        assert len(rows) > 10
        same = iou(torch.from_numpy(dets[0, :, :4]), rows[:, :4]).diagonal()
        assert (same >= 0.99).all()
        np.testing.assert_allclose(dets[0, :, 4], rows[:, 4], atol=1e-3)
        np.testing.assert_array_equal(labels[0], rows[:, 5])
        np.testing.assert_allclose(masks[0], probabilities, atol=1e-3)


@pytest.mark.full
def test_the_exported_form_may_find_nothing(faster):
    run = run_onnx(faster.eval().export_head(score_threshold=0.9999), 11, ["dets", "labels"], (64, 64))
    dets, labels = run(torch.randn(1, 3, 64, 64))
    assert (dets.shape, labels.shape) == ((1, 0, 5), (1, 0))
