"""``embed`` and ``feature_map``: what a model sees of pictures, as numbers and as a map."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from BaseDT import image
from BaseDT.dataset.samples import MultiLabelSample
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    DatasetInvalid,
    DatasetNotLoaded,
    DeviceUnavailable,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ParameterInvalid,
    ParameterUnknown,
)
from MMEdu import MMClassification as cls
from MMEdu.tasks.classification import feature_map

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def model(trained):
    model = cls("LeNet")
    model.checkpoint = trained.checkpoint
    return model


@pytest.fixture
def loaded(model, trained):
    model.load_dataset(trained.dataset)
    return model


def folder_of(trained, name="猫"):
    return trained.dataset / "val_set" / name


# embed


def test_a_picture_is_a_row_of_what_the_head_gets_to_see(model, trained):
    row = model.embed(trained.cat)
    assert row.shape == (1, 84)
    assert row.dtype == np.float32
    found = model.inference(image=trained.cat, show=False)
    head = torch.load(trained.checkpoint, weights_only=True)["state_dict"]
    weight, bias = (head[f"classifier.2.{name}"].numpy() for name in ("weight", "bias"))
    scores = torch.from_numpy(row @ weight.T + bias).softmax(1).numpy()[0]
    assert int(scores.argmax()) == found["pred_label"]
    assert float(scores.max()) == pytest.approx(found["pred_score"], abs=1e-5)


def test_a_folder_is_a_row_for_each_in_the_order_of_files(model, trained):
    rows = model.embed(folder_of(trained))
    names = sorted(path.name for path in folder_of(trained).iterdir())
    assert model.files == names
    np.testing.assert_allclose(rows[1:2], model.embed(folder_of(trained) / names[1]), atol=1e-6)


def test_pictures_of_every_kind(model, trained):
    array = cv2.imdecode(np.fromfile(trained.cat, np.uint8), cv2.IMREAD_COLOR)
    rows = model.embed([str(trained.cat), array, Image.open(trained.cat), array[..., 0]])
    np.testing.assert_allclose(rows, np.repeat(rows[:1], 4, axis=0), atol=1e-6)


def test_of_several_those_that_cannot_be_read_are_left_out(model, trained, capsys):
    broken = Path("坏 的.png")
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert model.embed([trained.cat, broken, trained.dog]).shape == (2, 84)
    assert model.files == [trained.cat.name, trained.dog.name]
    assert "坏 的.png" in capsys.readouterr().out
    assert model.embed([broken]).shape == (0, 84)


def test_a_single_one_that_cannot_be_read_is_named(model, refused):
    Path("坏.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with refused(ImageDamaged, "坏.png"):
        model.embed("坏.png")
    with refused(ImageNotFound, "没有"):
        model.embed("没有.png")
    with refused(ImageTypeUnsupported):
        model.embed(None)
    with refused(ParameterUnknown, "checkpoint"):
        model.embed("图.png", chekpoint="x.pth")


@pytest.mark.parametrize("name", ["RepVGG", "ShuffleNet_v2", "squeezenet1_1"])
def test_every_kind_of_head(name, trained, tmp_path):
    """Branches, pooling in ``forward``, and a network whose head is a convolution."""
    from MMEdu.models import registry
    from MMEdu.tasks.classification.embedding import embed
    from MMEdu.tasks.classification.prediction import predictor
    from MMEdu.weights.loaded_model import LoadedModel

    torch.manual_seed(0)
    entry = registry.find(name, "classification")
    model = entry.build(3).eval()
    loaded = LoadedModel(model, entry.preprocess, ("a", "b", "c"), torch.device("cpu"), entry)
    rows, answered = embed(loaded, [trained.cat, trained.dog], lambda event: None)
    assert rows.ndim == 2
    assert len(rows) == 2
    whole = predictor(loaded).of([image.read(trained.cat)], [None])[0]
    assert answered.results[0].result.label == whole.label
    assert answered.results[0].result.score == pytest.approx(whole.score, abs=1e-5)


# feature_map


def test_a_map_of_the_loaded_data_set(loaded):
    made = loaded.feature_map()
    assert len(repr(made)) < 200, "one line below a notebook's cell"
    assert repr(made).startswith("FeatureMap(PCA, ")
    assert made.classes == ("狗", "猫")
    assert made.points.shape == (8, 2)
    assert made.features.shape == (8, 84)
    assert sorted(made.labels.tolist()) == [0] * 4 + [1] * 4
    assert made.at_home == 1
    assert made.strangers == ()
    assert made.file == Path("map_result", "feature_map.png")
    assert (image.read(made.file) == made.picture).all()
    apart = made.points[made.labels == 0].mean(axis=0) - made.points[made.labels == 1].mean(axis=0)
    assert np.linalg.norm(apart) > 3 * made.points[made.labels == 0].std(axis=0).max()


def test_the_labels_are_those_of_the_files(loaded, trained):
    made = loaded.feature_map(show=False)
    for label, name in enumerate(("狗", "猫")):
        files = {path.name for path in folder_of(trained, name).iterdir()}
        assert {file for file, number in zip(made.files, made.labels, strict=True) if number == label} == files


@pytest.mark.parametrize(("split", "count"), [(None, 8), ("train", 24), ("VAL", 8), ("all", 32)])
def test_a_part_of_the_data_set(loaded, split, count):
    assert len(loaded.feature_map(split=split, show=False).files) == count


def test_a_part_that_there_is_not_is_refused_with_those_there_are(loaded, refused):
    with refused(DatasetInvalid, "test", "train, val"):
        loaded.feature_map(split="test")


def test_a_data_set_by_its_path(model, trained):
    made = model.feature_map(trained.dataset, show=False)
    assert len(made.files) == 8
    assert made.at_home == 1
    assert not Path("map_result").exists()
    assert made.file is None


def test_a_data_set_with_a_picture_beside_its_parts_is_one(model, trained):
    copied = Path("数据")
    shutil.copytree(trained.dataset, copied)
    shutil.copy(trained.cat, copied / "封面.png")
    assert len(model.feature_map(copied, show=False).files) == 8


def test_pictures_without_labels_take_the_models_answers(model, trained, monkeypatch):
    found = model.inference(image=folder_of(trained), show=False)
    made = model.feature_map(folder_of(trained))
    assert made.labels.tolist() == [one["pred_label"] for one in found]
    assert model.files == list(made.files)
    made = model.feature_map([trained.cat, trained.dog, cv2.imdecode(np.fromfile(trained.cat, np.uint8), 0)])
    assert made.labels.tolist() == [1, 0, 1]


def test_a_wrong_label_is_found(model, trained):
    copied = Path("数据")
    shutil.copytree(trained.dataset, copied)
    dog = sorted((copied / "training_set" / "狗").iterdir())[3]
    dog.rename(copied / "training_set" / "猫" / "其实是狗.png")
    made = model.feature_map(copied, split="train", show=False)
    assert [made.files[index] for index in made.strangers] == ["其实是狗.png"]


@pytest.mark.parametrize("method", ["pca", "tsne", "t-SNE", "PCA"])
def test_the_same_pictures_give_the_same_map(loaded, method):
    first, second = (loaded.feature_map(method=method, split="train", show=False) for _ in range(2))
    assert (first.points == second.points).all()
    assert (first.picture == second.picture).all()
    assert first.method == ("PCA" if method.lower() == "pca" else "t-SNE")


def test_a_large_set_is_sampled_evenly_and_a_line_says_so(loaded, capsys):
    made = loaded.feature_map(split="train", images=10, show=False)
    assert np.bincount(made.labels).tolist() == [5, 5]
    assert "10 of 24" in capsys.readouterr().out
    assert np.bincount(loaded.feature_map(split="train", images=1, show=False).labels).tolist() == [1, 1]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_very_few_pictures(model, trained, count, capsys):
    files = [trained.cat, trained.dog, *sorted(folder_of(trained).iterdir())][:count]
    made = model.feature_map(files, method="tsne")
    assert made.points.shape == (count, 2)
    assert np.isfinite(made.points).all()
    assert made.method == "PCA"
    told = capsys.readouterr().out
    assert "t-SNE needs 5 pictures" in told
    assert ("says little" in told) == (count < 3)


def test_one_class_is_said(model, trained, capsys):
    model.feature_map(folder_of(trained), show=False)
    assert "one class" in capsys.readouterr().out


def test_the_same_picture_many_times(model, trained):
    made = model.feature_map([trained.cat] * 6, method="tsne", show=False)
    assert (made.points == 0).all()


def test_a_single_picture(model, trained):
    assert model.feature_map(trained.cat, show=False).points.tolist() == [[0, 0]]


def test_damaged_pictures_are_left_out_and_the_labels_stay_right(model, trained, capsys):
    copied = Path("数据")
    shutil.copytree(trained.dataset, copied)
    first = sorted((copied / "val_set" / "狗").iterdir())[0]
    first.write_bytes(first.read_bytes()[:40])
    made = model.feature_map(copied, show=False)
    assert np.bincount(made.labels).tolist() == [3, 4]
    assert first.name not in made.files
    assert first.name in capsys.readouterr().out


def test_only_damaged_pictures(model, refused):
    for number in range(2):
        Path(f"坏{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with refused(DatasetInvalid, "None of the pictures"):
        model.feature_map(["坏0.png", "坏1.png"])


def test_a_data_set_of_other_classes_keeps_its_own_names(model, make_imagenet, tmp_path):
    other = make_imagenet(tmp_path / "别的 数据", classes=("a", "b", "c"), train=3, val=3)
    made = model.feature_map(other, show=False)
    assert made.classes == ("a", "b", "c")
    assert sorted(set(made.labels.tolist())) == [0, 1, 2]


@pytest.mark.parametrize(
    "arguments", [{"method": "umap"}, {"method": 3}, {"split": "training"}, {"images": 0}, {"images": "many"}]
)
def test_values_that_cannot_be_used(loaded, arguments, refused):
    with refused(ParameterInvalid):
        loaded.feature_map(**arguments)


def test_a_misspelt_method_is_offered(loaded, refused):
    with refused(ParameterInvalid, "t-SNE"):
        loaded.feature_map(method="tsn")
    with refused(ParameterUnknown, "method"):
        loaded.feature_map(metod="pca")


def test_it_needs_pictures_weights_and_a_device(model, trained, refused):
    with refused(DatasetNotLoaded, "load_dataset"):
        model.feature_map()
    with refused(CheckpointNotFound):
        cls("LeNet").feature_map(trained.dataset)
    with refused(DeviceUnavailable):
        model.feature_map(trained.dataset, device="tpu")
    with refused(ImageNotFound):
        model.feature_map("没有 这个")
    Path("空").mkdir()
    with refused(ImageNotFound, "空"):
        model.feature_map("空")
    with refused(ImageTypeUnsupported):
        model.feature_map([])


def test_weights_that_are_no_numbers_are_named(trained, tmp_path, refused):
    content = torch.load(trained.checkpoint, weights_only=True)
    content["state_dict"]["features.0.weight"][:] = float("nan")
    torch.save(content, tmp_path / "坏 的.pth")
    with refused(CheckpointInvalid, "features.0.weight"):
        cls("LeNet").feature_map(trained.dataset, checkpoint=tmp_path / "坏 的.pth")


def test_at_most_so_many_pictures_of_however_many_combinations_of_labels() -> None:
    combinations = [MultiLabelSample(Path(f"{n}.jpg"), (n, n + 1)) for n in range(40)]
    assert len(feature_map._of_every_class(combinations, 10)) == 10
