"""Pictures and masks move together: in evaluation, in training, in every batch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import segmentation_data

from BaseDT.dataset import segmentation
from BaseDT.errors import DatasetInvalid, ImageDamaged, ImageNotFound
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import CachedSamples
from MMEdu.engine.feed import SampleSource, TrainFeed
from MMEdu.engine.store import Budget
from MMEdu.models.segmentation.augment import PHOTOGRAPHS, Augment
from MMEdu.tasks.segmentation.augmented_samples import VariedMaskedPictures
from MMEdu.tasks.segmentation.samples import MaskedPictures, packed, unpacked

STRETCH = Preprocess(size=(48, 64), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
LETTERBOX = Preprocess(size=(64, 64), resize="letterbox", pad_value=114)
BRIGHT, IGNORE = 180, 255


@pytest.fixture
def images(tmp_path):
    return segmentation.load(segmentation_data.write(tmp_path / "数据 集", train=7, valid=3)).train


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize("preprocess", [STRETCH, LETTERBOX], ids=["stretch", "letterbox"])
def test_in_evaluation_the_mask_lies_on_its_pixels(images, preprocess):
    pictures = MaskedPictures(images, preprocess)
    for index in range(0, 6, 2):  # bright squares
        sample = pictures.load(index, strict=True)
        assert sample.shape == pictures.shape == (*preprocess.size, 4)
        assert overlap(sample[..., 0] > BRIGHT, sample[..., 3] == 1) > 0.9


def test_what_a_letterbox_adds_is_ignored(images):
    sample = MaskedPictures(images, LETTERBOX).load(0, strict=True)
    assert (sample[48:, :, 3] == IGNORE).all()
    assert (sample[:48, :, 3] != IGNORE).all()
    assert (sample[48:, :, :3] == 114).all()


@pytest.mark.parametrize(
    "augment",
    [PHOTOGRAPHS, Augment(flip=1.0), Augment(scale=(2.0, 2.0)), Augment(scale=(0.5, 0.5))],
    ids=["photographs", "mirrored", "large", "small"],
)
def test_in_training_picture_and_mask_move_together(images, augment):
    pictures = VariedMaskedPictures(images, STRETCH, augment)
    plain = pictures.load(2, strict=True)
    seen = set()
    for seed in range(12):
        varied = pictures.sample(2, plain, np.random.default_rng(seed))
        assert varied.shape == plain.shape
        red, mask = varied[..., 0].astype(int) - varied[..., 2], varied[..., 3]
        if (mask == 1).sum() > 60 and augment.photometric == 0:
            assert overlap(red > 100, mask == 1) > 0.8
        assert set(np.unique(mask)) <= {0, 1, IGNORE}, "labels are never mixed"
        seen.add(varied.tobytes())
    assert len(seen) > 1 or augment.scale == (1.0, 1.0)


def test_beside_a_smaller_picture_there_is_ground_that_is_ignored(images):
    pictures = VariedMaskedPictures(images, STRETCH, Augment(scale=(0.5, 0.5)))
    varied = pictures.sample(0, pictures.load(0, strict=True), np.random.default_rng(3))
    ignored = varied[..., 3] == IGNORE
    assert ignored.mean() == pytest.approx(0.75, abs=0.03)
    assert (varied[..., :3][ignored] == 0).mean() > 0.97  # the mean colour of this recipe; edges are mixed


def test_a_cached_picture_is_never_written_to(images):
    pictures = VariedMaskedPictures(images, STRETCH, PHOTOGRAPHS)
    cached = pictures.load(0, strict=True)
    before = cached.copy()
    for seed in range(10):
        pictures.sample(0, cached, np.random.default_rng(seed))
    assert np.array_equal(cached, before)


def test_evaluation_gathers_from_one_table_what_it_samples(images):
    pictures = MaskedPictures(images, STRETCH)
    table = np.stack([pictures.load(index, strict=False) for index in range(len(pictures))])
    indices = np.array([4, 1])
    batch = pictures.gather(indices, table)
    again = pictures.collate(indices, [table[4], table[1]])
    assert batch.inputs.shape == (2, 48, 64, 3)
    assert batch.targets.shape == (2, 48, 64)
    assert np.array_equal(batch.inputs, again.inputs)
    assert np.array_equal(batch.targets, again.targets)


def test_the_feed_gives_the_same_batches_whatever_the_threads(images):
    batches = []
    for threads in (1, 4):
        part = CachedSamples.of(VariedMaskedPictures(images, STRETCH, PHOTOGRAPHS), Budget(10**8, 0))
        feed = TrainFeed(SampleSource(part.samples, part.store, print), 3, 5, threads=threads)
        batches.append([(batch.inputs, batch.targets) for epoch in range(2) for batch in feed.epoch(epoch)])
    for one, other in zip(*batches, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_truth_is_that_of_the_whole_picture_and_read_once(images):
    pictures = MaskedPictures(images, STRETCH)
    truth = pictures.truth(1)
    assert truth.shape == (90, 120)
    assert np.array_equal(truth, images[1].read_mask())
    images[1].mask.path.unlink()
    assert np.array_equal(pictures.truth(1), truth)
    assert np.array_equal(unpacked(packed(truth)), truth)


def test_what_is_damaged_is_named(images):
    pictures = MaskedPictures(images, STRETCH)
    mask: Path = images[0].mask.path
    mask.write_bytes(mask.read_bytes()[:60])
    with pytest.raises(ImageDamaged):
        pictures.load(0, strict=True)
    images[1].path.unlink()
    with pytest.raises((ImageNotFound, FileNotFoundError)):
        pictures.load(1, strict=True)
    images[2].mask.path.write_bytes(cv2.imencode(".png", np.zeros((5, 5), np.uint8))[1].tobytes())
    with pytest.raises(DatasetInvalid, match="5×5"):
        pictures.load(2, strict=True)


def test_a_set_can_be_read_without_torch():
    code = "import sys, MMEdu.tasks.segmentation.data; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
