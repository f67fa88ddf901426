"""What the data of every task of pictures do alike: another input, fewer pictures, what was decoded once."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import detection_data
import pytest

from BaseDT.errors import DatasetInvalid
from MMEdu.engine.events import Notice, silent
from MMEdu.models import registry as models
from MMEdu.tasks import registry


@pytest.fixture(params=[("classification", "LeNet"), ("detection", "SSD_Lite")], ids=lambda pair: pair[0])
def loaded(request, tmp_path, make_imagenet):
    """The entry of a model, and small data for it."""
    task, backbone = request.param
    folder = tmp_path / "数据 集"
    if task == "classification":
        make_imagenet(folder, train=4, val=2)
    else:
        detection_data.write(folder, train=4, valid=2)
    entry = models.find(backbone, task)
    return entry, registry.find(task).part("load_data")(entry, folder)


def with_size(entry, side: int):
    return dataclasses.replace(entry, preprocess=entry.preprocess.with_size(side))


def test_another_input_gives_other_samples_of_the_same_files(loaded):
    entry, data = loaded
    assert data.prepared_for(entry) is data
    other = data.prepared_for(with_size(entry, 64))
    assert other.val.samples.shape[:2] == (64, 64)
    assert data.val.samples.shape[:2] != (64, 64)
    assert [other.fingerprint, other.classes, other.size] == [data.fingerprint, data.classes, data.size]
    assert other.val.samples.load(0, strict=True).shape[:2] == (64, 64)


def test_data_without_some_pictures_keep_what_was_decoded(loaded):
    _, data = loaded
    assert data.check(silent) == ()
    gone, left = data.dataset.train[0].path, [picture.path for picture in data.dataset.train[1:]]
    less = data.without([gone])
    assert less.left_out == (gone,)
    assert [str(path) for path in left] == [less.train.samples.name(index) for index in range(less.size)]
    assert less.size == data.size - 1
    assert less.fingerprint != data.fingerprint
    assert all(less.train.store.get(index) is not None for index in range(less.size))
    assert all(less.val.store.get(index) is not None for index in range(len(less.val.samples)))


def test_pictures_that_were_not_taken_from_training_stay_for_validation(loaded):
    _, data = loaded
    assert data.without_validation() is data


@pytest.mark.parametrize("memory", ["0", "100"], ids=["nothing cached", "cached"])
@pytest.mark.parametrize("backbone", ["LeNet", "MobileNet"])
def test_without_validation_what_was_kept_for_it_is_trained_on(make_imagenet, tmp_path, monkeypatch, backbone, memory):
    monkeypatch.setenv("MMEDU_CACHE", memory)
    make_imagenet(tmp_path, train=5, val=0, gray=False)
    data = registry.find("classification").part("load_data")(models.find(backbone, "classification"), tmp_path)
    data.check(silent)
    taken = data.budget.memory
    whole = data.without_validation()
    assert (data.size, len(data.dataset.val)) == (8, 2)
    assert (whole.size, len(whole.dataset.val)) == (10, 0)
    assert whole.dataset.counts("train") == (5, 5)
    assert [Path(whole.train.samples.name(i)).parent.name for i in range(10)] == ["狗"] * 5 + ["猫"] * 5
    cached = sum(whole.train.store.get(index) is not None for index in range(10))
    assert cached == (0 if memory == "0" else 8), "what was decoded is not decoded again"
    assert data.budget.memory == taken or backbone == "LeNet", "nor kept twice"
    assert whole.without_validation() is whole
    assert data.without([data.dataset.train[0].path]).without_validation().size == 9


def test_data_without_any_training_picture_are_refused(loaded):
    _, data = loaded
    with pytest.raises(DatasetInvalid) as caught:
        data.without([picture.path for picture in data.dataset.train])
    assert caught.value.code == -201


def test_the_check_of_a_training_names_the_same_picture_in_training_and_validation(loaded):
    _, data = loaded
    shutil.copy(data.dataset.train[0].path, data.dataset.val[0].path)
    events = []
    assert data.check(events.append) == ()
    (told,) = [event.text for event in events if isinstance(event, Notice)]
    assert "The same picture is in more than one part, 1 times" in told
