"""The feed: order and augmentation are functions of (seed, epoch, sample); nothing else moves a number."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from BaseDT import image
from BaseDT.dataset.imagenet import load
from BaseDT.errors import DatasetInvalid, ImageDamaged
from BaseDT.language import current_language, use_language
from BaseDT.preprocess import Preprocess
from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed, ahead, fill, share_of, shuffled, split_batches
from MMEdu.engine.protocol import Batch, Cached
from MMEdu.engine.store import Budget, SampleStore
from MMEdu.models.classification.augment import Augment
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures

GRAY = Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,))
COLOUR = Preprocess(size=(24, 24), resize="short_side", resize_to=28)
VARIED = Augment(crop_scale=(0.2, 1.0), flip=0.5)
PLENTY = 1 << 30


def source(pictures, memory: int = PLENTY, messages: list[str] | None = None) -> SampleSource:
    store = SampleStore(len(pictures), Budget(memory, 0), pictures.shape)
    return SampleSource(pictures, store, (messages if messages is not None else []).append)


@pytest.fixture(scope="module")
def colour_set(make_imagenet, tmp_path_factory):
    root = tmp_path_factory.mktemp("数据 集")
    return load(make_imagenet(root, train=9, val=4, size=(40, 60), suffix=".jpg", gray=False))


def pixels_of(feed, epoch: int) -> np.ndarray:
    return np.concatenate([batch.inputs for batch in feed.epoch(epoch)])


def test_every_sample_comes_once_an_epoch(colour_set):
    feed = TrainFeed(source(VariedPictures(colour_set.train, COLOUR, VARIED)), 4, seed=1)
    indices = np.concatenate([batch.indices for batch in feed.epoch(0)])
    assert sorted(indices) == list(range(18))


def test_the_number_of_threads_changes_nothing(colour_set):
    pictures = VariedPictures(colour_set.train, COLOUR, VARIED)
    one, many = (TrainFeed(source(pictures), 4, seed=1, threads=n) for n in (1, 5))
    np.testing.assert_array_equal(pixels_of(one, 3), pixels_of(many, 3))


def test_neither_does_the_cache(colour_set):
    pictures = VariedPictures(colour_set.train, COLOUR, VARIED)
    cached, fresh = (TrainFeed(source(pictures, memory), 4, seed=1) for memory in (PLENTY, 0))
    pixels_of(cached, 0)
    np.testing.assert_array_equal(pixels_of(cached, 1), pixels_of(fresh, 1))


@pytest.mark.parametrize("change", [{"seed": 2}, {"epoch": 1}])
def test_seed_and_epoch_do(colour_set, change):
    pictures = VariedPictures(colour_set.train, COLOUR, VARIED)
    first = pixels_of(TrainFeed(source(pictures), 4, seed=1), 0)
    other = pixels_of(TrainFeed(source(pictures), 4, seed=change.get("seed", 1)), change.get("epoch", 0))
    assert not np.array_equal(first, other)


def test_a_gathered_epoch_equals_one_that_is_put_together(dataset):
    pictures = LabelledPictures(load(dataset).train, GRAY)
    filled, empty = source(pictures), source(pictures, memory=0)
    for index in range(len(pictures)):
        fill(pictures, filled.store)(index, None)
    assert filled.store.whole() is not None
    gathered, made = (list(TrainFeed(s, 5, seed=3).epoch(2)) for s in (filled, empty))
    for one, other in zip(gathered, made, strict=True):
        np.testing.assert_array_equal(one.inputs, other.inputs)
        np.testing.assert_array_equal(one.targets, other.targets)


@pytest.mark.parametrize(
    ("count", "batch_size", "sizes"),
    [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (8, 4, [4, 4]), (3, 32, [3]), (1, 4, [1]), (3, 1, [1, 1, 1]), (2, 1, [1, 1])],
)
def test_a_last_batch_of_one_joins_the_one_before(count, batch_size, sizes):
    assert [len(b) for b in split_batches(np.arange(count), batch_size)] == sizes


def test_the_promised_number_of_steps_is_kept(colour_set):
    for batch_size in (1, 4, 17, 18, 100):
        feed = TrainFeed(source(VariedPictures(colour_set.train, COLOUR, VARIED)), batch_size, seed=1)
        assert feed.steps == len(list(feed.epoch(0)))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_no_process_has_a_sample_alone(count):
    parts = [shuffled(count, seed=5, epoch=1, rank=rank, world=count) for rank in range(count)]
    assert [len(set(part)) for part in parts] == [2] * count
    assert set(np.concatenate(parts)) == set(range(count))
    assert share_of(count, count) == 2
    assert (share_of(1, 2), share_of(1, 1), share_of(7, 2)) == (1, 1, 4)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [(3, 2, [3]), (5, 2, [2, 3]), (4, 2, [2, 2]), (7, 3, [2, 2, 3]), (9, 8, [4, 5]), (3, 1, [1, 1, 1]), (1, 4, [1])],
)
def test_no_part_of_a_batch_is_one_sample_alone(count, size, sizes):
    batch = Batch(np.zeros((count, 1)), np.zeros(count), np.arange(count))
    assert [len(part) for part in batch.split(size, least=2)] == sizes
    parts = np.concatenate([part.indices for part in batch.split(size, least=2)])
    np.testing.assert_array_equal(parts, batch.indices)


def test_a_sample_whose_companions_cannot_be_read_gets_others(colour_set, tmp_path):
    samples = list(colour_set.train[:5])
    (tmp_path / "坏.jpg").write_bytes(b"no picture")
    for index in (1, 2):
        samples[index] = replace(samples[index], path=tmp_path / "坏.jpg")
    feed = TrainFeed(source(VariedPictures(samples, COLOUR, VARIED)), 2, seed=1)
    for epoch in range(6):
        batches = [batch.indices.tolist() for batch in feed.epoch(epoch)]
        assert all(len(set(batch)) > 1 for batch in batches), batches
        assert {0, 3, 4} <= {index for batch in batches for index in batch}


def test_processes_share_an_epoch_evenly_and_completely():
    parts = [shuffled(11, seed=5, epoch=1, rank=rank, world=3) for rank in range(3)]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert set(np.concatenate(parts)) == set(range(11))


def test_evaluation_deals_out_whole_batches(colour_set):
    pictures = LabelledPictures(colour_set.val, COLOUR)
    alone = [b.indices.tolist() for b in EvalFeed(source(pictures), 3).epoch()]
    dealt = [[b.indices.tolist() for b in EvalFeed(source(pictures), 3, rank=r, world=2).epoch()] for r in range(2)]
    assert sorted(dealt[0] + dealt[1]) == alone


def test_evaluation_pictures_are_what_preprocess_makes(colour_set):
    pictures = LabelledPictures(colour_set.val, COLOUR)
    (batch,) = EvalFeed(source(pictures), 100).epoch()
    for pixels, path in zip(batch.inputs, pictures.paths, strict=True):
        np.testing.assert_array_equal(pixels, COLOUR.pixels(image.read(path)))


def test_a_file_that_breaks_during_training_is_left_out_and_named_once(make_imagenet, tmp_path):
    data = load(make_imagenet(tmp_path / "数据 集", train=4))
    messages: list[str] = []
    feed = TrainFeed(source(VariedPictures(data.train, COLOUR, VARIED), memory=0, messages=messages), 4, seed=1)
    assert sum(len(b) for b in feed.epoch(0)) == 8
    broken = data.train[2].path
    broken.write_bytes(broken.read_bytes()[:40])
    assert [sum(len(b) for b in feed.epoch(epoch)) for epoch in (1, 2)] == [7, 7]
    assert len(messages) == 1
    assert str(broken) in messages[0]


def test_a_file_that_vanishes_is_left_out_too(make_imagenet, tmp_path):
    data = load(make_imagenet(tmp_path / "数据 集", train=2))
    data.train[0].path.unlink()
    messages: list[str] = []
    feed = TrainFeed(source(LabelledPictures(data.train, GRAY), messages=messages), 2, seed=1)
    assert {int(index) for b in feed.epoch(0) for index in b.indices} == {1, 2, 3}
    assert len(messages) == 1


def no_batch(indices) -> Batch:
    return Batch(None, None, indices)


def test_batches_are_made_ahead_and_in_order():
    made: list[int] = []

    def make(indices) -> Batch:
        time.sleep(0.01 * (3 - indices[0] % 3))
        made.append(int(indices[0]))
        return no_batch(indices)

    batches = ahead([np.array([n]) for n in range(6)], make, threads=3)
    assert int(next(batches).indices[0]) == 0
    time.sleep(0.1)
    assert len(made) >= 3
    assert [int(b.indices[0]) for b in batches] == [1, 2, 3, 4, 5]


def test_an_error_appears_where_its_batch_would():
    def make(indices) -> Batch:
        if indices[0] == 2:
            raise ValueError("third")
        return no_batch(indices)

    batches = ahead([np.array([n]) for n in range(5)], make, threads=2)
    assert [int(next(batches).indices[0]) for _ in range(2)] == [0, 1]
    with pytest.raises(ValueError, match="third"):
        next(batches)


def test_a_consumer_that_stops_early_leaves_no_threads():
    batches = ahead([np.array([n]) for n in range(50)], no_batch, threads=3)
    next(batches)
    batches.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("mmedu-feed")]


def test_a_large_picture_is_kept_smaller_but_not_smaller_than_crops_need(make_imagenet, tmp_path):
    data = load(make_imagenet(tmp_path / "数据 集", train=2, size=(700, 900), suffix=".jpg", gray=False))
    data_bytes = Path(data.train[0].path).read_bytes()
    small = VariedPictures(data.train, COLOUR, VARIED).decode(data_bytes, "x", strict=True)
    assert min(small.shape[:2]) == 2 * 24
    whole = VariedPictures(data.train, COLOUR, VARIED, reduce=False).decode(data_bytes, "x", strict=True)
    assert whole.shape == (700, 900, 3)


class PicturesWithMasks:
    """Samples of two files: a picture, and a map of float heights beside it."""

    shape = None
    varies = False

    def __init__(self, folder: Path, count: int) -> None:
        self.files = [(folder / f"图 {number}.png", folder / f"高 {number}.npy") for number in range(count)]
        for number, (picture, heights) in enumerate(self.files):
            image.write(picture, np.full((4 + number, 5, 3), number, np.uint8))
            np.save(heights, np.full((4 + number, 5), number / 3, np.float32))

    def __len__(self) -> int:
        return len(self.files)

    def name(self, index: int) -> str:
        return str(self.files[index][0])

    def load(self, index: int, *, strict: bool) -> Cached:
        picture, heights = self.files[index]
        pixels = image.decode(picture.read_bytes(), name=str(picture), strict=strict)
        try:
            return pixels, np.load(heights)
        except ValueError as error:
            raise ImageDamaged(f"{heights.name} is damaged.") from error

    def sample(self, index: int, cached, random):
        del index, random
        return cached

    def collate(self, indices, samples) -> Batch:
        return Batch([pixels for pixels, _ in samples], [heights for _, heights in samples], indices)

    def gather(self, indices, table) -> Batch:
        raise AssertionError("there is no one array of all")


class Numbers:
    """Samples without a file: a row of floats each, made of its number."""

    shape = None
    varies = True

    def __init__(self, count: int) -> None:
        self.count = count
        self.loaded: list[int] = []

    def __len__(self) -> int:
        return self.count

    def name(self, index: int) -> str:
        return f"row {index}"

    def load(self, index: int, *, strict: bool) -> Cached:
        self.loaded.append(index)
        if index == 3 and strict:
            raise ImageDamaged("no number")
        return np.array([index, index / 2])

    def sample(self, index: int, cached, random):
        return cached + random.random()

    def collate(self, indices, samples) -> Batch:
        return Batch(np.stack(samples), None, indices)

    def gather(self, indices, table) -> Batch:
        raise AssertionError("there is no one array of all")


def memory_of(samples, memory: int, disk: int = 0, folder: Path | None = None) -> SampleStore:
    return SampleStore(len(samples), Budget(memory, disk, folder), samples.shape)


@pytest.mark.parametrize("memory", [PLENTY, 0])
def test_a_sample_may_be_several_files_of_several_types(tmp_path, memory):
    samples = PicturesWithMasks(tmp_path, 5)
    store = memory_of(samples, memory, 1 << 27, tmp_path)
    feed = EvalFeed(SampleSource(samples, store, pytest.fail), 2)
    for _ in range(2):  # read, then cached
        for batch in feed.epoch():
            for index, pixels, heights in zip(batch.indices, batch.inputs, batch.targets, strict=True):
                assert (pixels.dtype, heights.dtype) == (np.uint8, np.float32)
                np.testing.assert_array_equal(pixels, np.full((4 + index, 5, 3), index))
                np.testing.assert_array_equal(heights, np.full((4 + index, 5), np.float32(index / 3)))
    assert all(store.get(index) is not None for index in range(5))
    assert store.whole() is None


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"?")], ids=["missing", "damaged"])
@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_a_sample_lacks_where_one_of_its_files_cannot_be_read(tmp_path, damage, which):
    samples, messages = PicturesWithMasks(tmp_path, 4), []
    damage(samples.files[2][which])
    feed = TrainFeed(SampleSource(samples, memory_of(samples, PLENTY), messages.append), 2, seed=1)
    for epoch in range(2):
        indices = np.concatenate([batch.indices for batch in feed.epoch(epoch)])
        assert set(indices) == {0, 1, 3}
    assert len(messages) == 1
    assert messages[0].startswith(str(samples.files[2][0]))


def test_samples_need_no_files(tmp_path):
    samples = Numbers(7)
    source = SampleSource(samples, memory_of(samples, PLENTY), pytest.fail)
    feed = TrainFeed(source, 3, seed=4)
    first, again, other = (
        {int(i): row for batch in feed.epoch(epoch) for i, row in zip(batch.indices, batch.inputs, strict=True)}
        for epoch in (0, 0, 1)
    )
    assert sorted(samples.loaded) == list(range(7))
    for index in range(7):
        np.testing.assert_array_equal(first[index], again[index])
        assert (first[index] != other[index]).all()
        assert 0 <= first[index][0] - index < 1


def test_a_check_names_no_sample_that_is_whole_and_caches_it():
    samples = Numbers(4)
    store = memory_of(samples, PLENTY)
    visit = fill(samples, store)
    for index in range(3):
        visit(index, None)
    with pytest.raises(ImageDamaged):
        visit(3, None)
    assert [store.get(index) is not None for index in range(4)] == [True, True, True, False]


def test_another_error_than_that_of_a_file_ends_the_epoch():
    class Faulty(Numbers):
        def load(self, index: int, *, strict: bool) -> Cached:
            raise DatasetInvalid("a mistake of the program")

    samples = Faulty(2)
    with pytest.raises(DatasetInvalid, match="a mistake"):
        list(EvalFeed(SampleSource(samples, memory_of(samples, 0), pytest.fail), 2).epoch())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_threads_speak_the_language_of_who_asks(language):
    languages = []

    def make(indices) -> Batch:
        languages.append(current_language())
        return no_batch(indices)

    with use_language(language):
        list(ahead([np.array([n]) for n in range(4)], make, threads=2))
    assert languages == [language] * 4
