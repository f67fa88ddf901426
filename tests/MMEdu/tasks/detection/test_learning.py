"""The torch side: tensors of a batch, losses, boxes back on the original picture, COCO's metrics."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from BaseDT.geometry import masks as mask_codes
from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import Augment
from MMEdu.tasks.detection.augmented_samples import VariedBoxedPictures
from MMEdu.tasks.detection.learning import DetectionTask, on_picture
from MMEdu.tasks.detection.samples import BoxedPictures
from MMEdu.tasks.detection.targets import Detections

LETTERBOX = Preprocess((96, 96), resize="letterbox", pad_value=114)
CPU = torch.device("cpu")


class Knowing(nn.Module):
    """A network that finds what it is told, in pixels of its input."""

    def __init__(self, targets, score=0.9):
        super().__init__()
        self.targets, self.score = list(targets), score
        self.asked: dict[str, object] = {}

    def losses(self, images, targets):
        return {"loss_cls": images.sum() * 0 + 2.0, "loss_bbox": targets[0].boxes.sum() * 0 + 1.0}

    def detect(self, images, **options):
        self.asked = options
        return [rows for rows, _ in self.segment(images)]

    def segment(self, images, **options):
        found, self.targets = self.targets[: len(images)], self.targets[len(images) :]
        return [(self._rows(one), torch.ones(len(one), 28, 28)) for one in found]

    def _rows(self, target):
        scores = torch.full((len(target), 1), self.score)
        return torch.cat([torch.from_numpy(target.boxes), scores, torch.from_numpy(target.labels)[:, None].float()], 1)


def batch_of(pictures):
    table = np.stack([pictures.decode(path.read_bytes(), str(path), strict=True) for path in pictures.paths])
    return pictures.gather(np.arange(len(table)), table)


@pytest.mark.parametrize("size", [(90, 120), (130, 50)])
@pytest.mark.parametrize("preprocess", [LETTERBOX, Preprocess((64, 80))])
def test_boxes_come_back_to_the_original_picture(make_images, preprocess, size):
    pictures = BoxedPictures(make_images(5, size), preprocess)
    batch = batch_of(pictures)
    task = DetectionTask(preprocess, pictures, 2)
    found = task.predict(Knowing(batch.targets), batch, CPU)
    assert (found.shape, found.dtype) == ((5,), object)
    for index, one in enumerate(found):
        assert isinstance(one, Detections)
        assert one.rows[0, :4] == pytest.approx(pictures.images[index].boxes[0].corners, abs=1e-3)
    measured = task.metrics(found, np.arange(5))
    assert list(measured) == [f"bbox_{name}" for name in ("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l")]
    assert measured["bbox_mAP"] == 1.0


def test_predictions_join_and_slice_as_rows(make_images):
    pictures = BoxedPictures(make_images(5), LETTERBOX)
    batch = batch_of(pictures)
    task, network = DetectionTask(LETTERBOX, pictures, 2), Knowing(batch.targets)
    parts = [task.predict(network, part, CPU) for part in batch.split(2)]
    order = np.array([4, 3, 2, 1, 0])
    assert task.metrics(np.concatenate(parts)[order], order)["bbox_mAP"] == 1.0
    assert task.metrics(np.concatenate(parts)[order], np.arange(5))["bbox_mAP"] < 0.5


def test_the_networks_own_limits_are_left_alone_unless_others_are_given(make_images):
    pictures = BoxedPictures(make_images(1), LETTERBOX)
    batch = batch_of(pictures)
    for given in ({}, {"score_threshold": 0.3, "max_detections": 7}):
        network = Knowing(batch.targets)
        DetectionTask(LETTERBOX, pictures, 2, **given).predict(network, batch, CPU)
        assert network.asked == given


def test_nothing_found_and_nothing_there(make_images):
    images = make_images(3)
    empty = [dataclasses.replace(one, boxes=()) for one in images]
    nothing = np.empty(3, dtype=object)
    nothing[:] = [Detections(np.zeros((0, 6), np.float32))] * 3
    task = DetectionTask(LETTERBOX, BoxedPictures(images, LETTERBOX), 2)
    assert task.metrics(nothing, np.arange(3))["bbox_mAP"] == 0.0
    task = DetectionTask(LETTERBOX, BoxedPictures(empty, LETTERBOX), 2)
    assert task.metrics(nothing, np.arange(3))["bbox_mAP"] == 0.0
    some = nothing.copy()
    some[0] = Detections(np.array([[1, 1, 9, 9, 0.9, 1]], np.float32))
    assert task.metrics(some, np.arange(3))["bbox_mAP_50"] == 0.0


def test_what_is_not_finite_is_left_out(make_images):
    pictures = BoxedPictures(make_images(1), LETTERBOX)
    batch = batch_of(pictures)
    found = DetectionTask(LETTERBOX, pictures, 2).predict(Knowing(batch.targets, float("nan")), batch, CPU)
    assert len(found[0]) == 0


def test_boxes_in_the_padding_are_left_out_with_their_masks():
    rows = np.array([[4, 80, 40, 96, 0.9, 0], [4, 4, 40, 40, 0.5, 1]], np.float32)  # 96×96 holds 72 lines of picture
    masks = np.stack([np.zeros((28, 28), np.float32), np.ones((28, 28), np.float32)])
    found = on_picture(rows, masks, LETTERBOX, (90, 120))
    assert found.rows.tolist() == [[5, 5, 50, 50, 0.5, 1]]
    (mask,) = found.masks
    assert mask_codes.decoded(mask, 90, 120).sum() == 45 * 45
    assert len(on_picture(rows[:1], None, LETTERBOX, (90, 120))) == 0


def test_masks_are_predicted_in_the_original_picture_and_measured(make_images):
    pictures = BoxedPictures(make_images(3, masks=True), LETTERBOX, masks=True)
    batch = batch_of(pictures)
    task = DetectionTask(LETTERBOX, pictures, 2)
    found = task.predict(Knowing(batch.targets), batch, CPU)
    assert mask_codes.decoded(found[0].masks[0], 90, 120).shape == (90, 120)
    measured = task.metrics(found, np.arange(3))
    assert measured["bbox_mAP"] == measured["segm_mAP"] == 1.0
    assert "segm_mAP_75" in measured


def test_losses_are_summed_and_inputs_normalised(make_images):
    augment = Augment(flip=0.5, expand=2.0)
    pictures = VariedBoxedPictures(make_images(2), LETTERBOX, augment)
    kept = [pictures.decode(path.read_bytes(), str(path), strict=False) for path in pictures.paths]
    random = np.random.default_rng(0)
    batch = pictures.collate(np.arange(2), [pictures.sample(i, one, random) for i, one in enumerate(kept)])
    task = DetectionTask(LETTERBOX, BoxedPictures(make_images(1), LETTERBOX), 2)
    images, targets = task.inputs(batch, CPU)
    assert images.numpy() == pytest.approx(LETTERBOX.normalize(batch.inputs), abs=1e-5)
    assert [type(t.boxes) for t in targets] == [torch.Tensor] * 2
    assert targets[0].masks is None
    losses = task.losses(Knowing([]), (images, targets))
    assert {name: float(value) for name, value in losses.items()} == {"loss_cls": 2.0, "loss_bbox": 1.0, "loss": 3.0}
    assert task.weight(batch) == 2.0


@pytest.mark.parametrize("masks", [False, True])
def test_made_up_inputs_are_as_real_ones(make_images, masks):
    pictures = BoxedPictures(make_images(1, masks=True), LETTERBOX, masks=masks)
    images, targets = DetectionTask(LETTERBOX, pictures, 1).dummy_inputs(3, CPU)
    assert images.shape == (3, 3, 96, 96)
    assert len(targets) == 3
    assert (targets[0].boxes[:, 2:] > targets[0].boxes[:, :2]).all()
    assert targets[0].labels.max() == 0
    assert (targets[0].masks is not None) == masks


def test_better_is_by_the_key_then_by_the_mean_then_by_the_half_overlap(make_images):
    task = DetectionTask(LETTERBOX, BoxedPictures(make_images(1), LETTERBOX), 2)
    base = {"bbox_mAP": 0.5, "bbox_mAP_50": 0.7, "bbox_mAP_75": 0.4}
    assert task.better({**base, "bbox_mAP_75": 0.5, "bbox_mAP": 0.1}, base, "bbox_mAP_75")
    assert task.better({**base, "bbox_mAP": 0.6}, base, "bbox_mAP_75")
    assert task.better({**base, "bbox_mAP_50": 0.8}, base, "bbox_mAP")
    assert not task.better(base, base, "bbox_mAP")
    nothing = dict.fromkeys(base, 0.0)
    assert task.better(nothing, nothing, "bbox_mAP")  # the later one has learned for longer
    assert not task.better(nothing, base, "bbox_mAP")
