"""A detector's pictures: boxes and masks go where the pixels go, in evaluation and however training varies them."""

from __future__ import annotations

import dataclasses
import sys
from subprocess import run

import numpy as np
import pytest

from BaseDT.dataset.boxes import Box
from BaseDT.errors import AnnotationMissing, ImageDamaged
from BaseDT.geometry import masks as mask_codes
from BaseDT.preprocess import Preprocess
from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed
from MMEdu.engine.store import Budget, SampleStore
from MMEdu.models.detection.augment import Augment
from MMEdu.tasks.detection.augmented_samples import VariedBoxedPictures
from MMEdu.tasks.detection.box_augment import View
from MMEdu.tasks.detection.samples import BoxedPictures

STRETCH = Preprocess((64, 80))
LETTERBOX = Preprocess((96, 96), resize="letterbox", pad_value=114)
SSD = Augment(flip=0.5, photometric=0.5, expand=3.0, iou_crop=(0.1, 0.5, 0.9))
YOLO = Augment(flip=0.5, multi_scale=(0.6, 1.0), mosaic=0.7)


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def bright(pixels: np.ndarray, box: np.ndarray, edge: int = 2) -> tuple[float, float]:
    """The mean of a box's inside, and that of a frame around it."""
    x1, y1, x2, y2 = np.round(box).astype(int)
    inside = pixels[y1 + edge : y2 - edge, x1 + edge : x2 - edge]
    lit = pixels.max(axis=2) > 180
    lit[max(0, y1 - edge) : y2 + edge, max(0, x1 - edge) : x2 + edge] = False
    return float(inside.mean()) if inside.size else 240.0, float(lit.sum())


@pytest.mark.parametrize("preprocess", [STRETCH, LETTERBOX, Preprocess((60, 60), resize="short_side", resize_to=64)])
@pytest.mark.parametrize("size", [(90, 120), (130, 50)])
def test_in_evaluation_the_box_lies_on_its_pixels(make_images, preprocess, size):
    pictures = BoxedPictures(make_images(4, size, masks=True), preprocess, masks=True)
    for index, path in enumerate(pictures.paths):
        pixels = pictures.decode(path.read_bytes(), str(path), strict=True)
        assert pixels.shape == pictures.shape
        pixels, target = pictures.sample(index, pixels, generator(0))
        for box, mask in zip(target.boxes, target.masks, strict=True):
            inside, outside = bright(pixels, box)
            assert inside > 230
            assert outside == 0
            assert abs(int((pixels.max(axis=2) > 128).sum()) - int(mask.sum())) < 50
            assert mask[tuple(np.argwhere(mask).mean(axis=0).astype(int))] == 1


@pytest.mark.parametrize("augment", [SSD, YOLO, Augment(flip=0.5, photometric=0.3)], ids=["ssd", "yolo", "flip"])
@pytest.mark.parametrize("preprocess", [STRETCH, LETTERBOX], ids=["stretch", "letterbox"])
def test_in_training_boxes_and_masks_lie_on_their_pixels(make_images, preprocess, augment):
    plain = dataclasses.replace(augment, photometric=0.0)
    pictures = VariedBoxedPictures(make_images(8, (180, 240), masks=True), preprocess, plain, masks=True)
    cached = [pictures.decode(path.read_bytes(), str(path), strict=False) for path in pictures.paths]
    pictures.see(lambda index: cached[index])
    seen = 0
    for seed in range(60):
        pixels, target = pictures.sample(seed % 8, cached[seed % 8], generator(seed))
        assert pixels.shape == (*preprocess.size, 3)
        assert (target.boxes[:, 2:] > target.boxes[:, :2]).all()
        assert (target.boxes >= 0).all()
        assert (target.boxes <= [*preprocess.size[::-1]] * 2).all()
        assert target.masks.shape == (len(target), *preprocess.size)
        for box, mask in zip(target.boxes, target.masks, strict=True):
            assert bright(pixels, box)[0] > 200
            y, x = np.nonzero(mask)
            corners = [x.min(), y.min(), x.max() + 1, y.max() + 1]
            assert np.abs(corners - box).max() <= 1.5
            seen += 1
    assert seen > 40


def test_the_kept_picture_is_at_most_twice_the_input_and_never_written_to(make_images):
    images = make_images(1, (600, 800), suffix=".jpg")
    pictures = VariedBoxedPictures(images, STRETCH, SSD)
    assert pictures.shape is None
    cached = pictures.decode(images[0].path.read_bytes(), "图", strict=False)
    assert cached.shape == (120, 160, 3)
    before = cached.copy()
    for seed in range(20):
        pictures.sample(0, cached, generator(seed))
    assert (cached == before).all()
    flips = VariedBoxedPictures(images, STRETCH, Augment(flip=0.5, photometric=0.5))
    assert flips.shape == (64, 80, 3)
    assert flips.decode(images[0].path.read_bytes(), "图", strict=False).shape == (64, 80, 3)


def test_an_object_whose_centre_was_cropped_away_is_gone(make_images, monkeypatch):
    boxes = (Box(0, (0, 0, 50, 50)), Box(1, (40, 0, 100, 50)))
    image = dataclasses.replace(make_images(1)[0], boxes=boxes)
    pictures = VariedBoxedPictures([image], STRETCH, dataclasses.replace(SSD, flip=0.0))
    monkeypatch.setattr(pictures, "_view", lambda *_: View((0, 0, 60, 90), (0, 0, 80, 64)))
    cached = pictures.decode(image.path.read_bytes(), "图", strict=True)
    _, target = pictures.sample(0, cached, generator(0))
    assert target.labels.tolist() == [0]


def test_crowds_are_not_learned_but_measured(make_images):
    (image,) = make_images(1)
    image = dataclasses.replace(image, boxes=(*image.boxes, Box(1, (0, 0, 100, 80), crowd=True, area=5.0)))
    pictures = BoxedPictures([image], STRETCH)
    assert len(pictures.target(0)) == 1
    truth = pictures.truth(0)
    assert (truth.labels.tolist(), truth.crowd.tolist(), truth.areas[1]) == ([0, 1], [False, True], 5.0)


def test_a_picture_without_boxes_stays_a_picture(make_images):
    image = dataclasses.replace(make_images(1)[0], boxes=())
    for pictures in (
        BoxedPictures([image], STRETCH, masks=True),
        VariedBoxedPictures([image], STRETCH, SSD, masks=True),
    ):
        cached = pictures.decode(image.path.read_bytes(), "图", strict=True)
        for seed in range(10):
            _, target = pictures.sample(0, cached, generator(seed))
            assert (target.boxes.shape, target.masks.shape) == ((0, 4), (0, 64, 80))
            assert (target.boxes.dtype, target.labels.dtype) == (np.float32, np.int64)
        assert pictures.truth(0).boxes.shape == (0, 4)


def test_masks_of_a_set_that_has_none_are_refused(make_images):
    with pytest.raises(AnnotationMissing, match="none of the 2 boxes has a segmentation") as caught:
        BoxedPictures(make_images(2), STRETCH, masks=True)
    assert caught.value.hint


def test_run_length_codes_are_drawn_as_polygons_are(make_images):
    (image,) = make_images(1, masks=True)
    code = mask_codes.encoded(mask_codes.decoded(image.boxes[0].segmentation, 90, 120))
    coded = dataclasses.replace(image, boxes=(dataclasses.replace(image.boxes[0], segmentation=code),))
    one, other = (BoxedPictures([i], STRETCH, masks=True) for i in (image, coded))
    assert (one.target(0).masks != other.target(0).masks).mean() < 0.02
    assert one.truth(0).masks == other.truth(0).masks


def test_the_feed_gives_the_same_batches_whatever_the_threads(make_images):
    images = make_images(7, masks=True)
    batches = []
    for threads in (1, 3):
        pictures = VariedBoxedPictures(images, LETTERBOX, dataclasses.replace(YOLO, photometric=0.5), masks=True)
        source = SampleSource(pictures, SampleStore(7, Budget(10**8, 0), pictures.shape), lambda text: None)
        pictures.see(source.cached)
        batches.append(list(TrainFeed(source, 3, 5, threads=threads).epoch(2)))
    for one, other in zip(*batches, strict=True):
        assert (one.inputs == other.inputs).all()
        assert one.indices.tolist() == other.indices.tolist()
        for a, b in zip(one.targets, other.targets, strict=True):
            assert (a.boxes == b.boxes).all()
            assert (a.masks == b.masks).all()
    assert [len(part.targets) for part in batches[0][0].split(2)] == [1, 2]


def test_evaluation_gathers_the_same_as_it_samples(make_images):
    pictures = BoxedPictures(make_images(5), STRETCH)
    store = SampleStore(5, Budget(10**8, 0), pictures.shape)
    feed = EvalFeed(SampleSource(pictures, store, lambda text: None), 2)
    first, second = list(feed.epoch()), list(feed.epoch())
    assert store.whole() is not None
    for one, other in zip(first, second, strict=True):
        assert (one.inputs == other.inputs).all()
        assert [t.boxes.tolist() for t in one.targets] == [t.boxes.tolist() for t in other.targets]


def test_a_damaged_file_is_refused(make_images):
    pictures = VariedBoxedPictures(make_images(1), STRETCH, SSD)
    with pytest.raises(ImageDamaged):
        pictures.decode(pictures.paths[0].read_bytes()[:-30], "坏 的.png", strict=True)


def test_a_set_can_be_read_without_torch():
    code = "import sys, MMEdu.tasks.detection; print('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"False"
