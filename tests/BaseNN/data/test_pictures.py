"""Class folders become pictures in memory, and what is done to them is the same for training, inference and boards."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from BaseDT.errors import ClassCountMismatch, DatasetInvalid, DatasetNotFound, ParameterInvalid
from BaseDT.image import write
from BaseNN import ImageFolderDataset, nn
from BaseNN.data import transforms
from BaseNN.prediction.numbers import as_input


def _folder(
    root: Path, sizes: tuple[tuple[int, int], ...] = ((12, 12),), classes: tuple[str, ...] = ("猫", "狗")
) -> Path:
    """Pictures whose class is their colour: the first blue, the second red."""
    for label, name in enumerate(classes):
        for number in range(6):
            height, width = sizes[number % len(sizes)]
            picture = np.full((height, width, 3), 30 + number, np.uint8)
            picture[:, :, 2 * (label % 2)] = 200
            write(root / name / f"图 {number}.png", picture)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return _folder(tmp_path / "数据 集")


def test_pictures_come_blue_first_from_0_to_1_sorted_by_their_folders(folder: Path) -> None:
    model = nn()
    batches = model.load_img_data(folder, batch_size=5, shuffle=False)
    first, labels = next(iter(batches))
    assert len(batches) == 3  # 12 pictures: 5, 5, 2
    assert (tuple(first.shape), first.dtype, labels.dtype) == ((5, 3, 12, 12), torch.float32, torch.int64)
    assert model.img_classes == sorted(("猫", "狗"))
    blue = model.img_classes.index("猫") == 0
    channel = 0 if blue else 2
    assert float(first[0, channel, 0, 0]) == pytest.approx(200 / 255)
    assert (model.color, model.batchsize, model.transform) == ("RGB", 5, None)


def test_gray_pictures_have_one_channel(folder: Path) -> None:
    x, _ = next(iter(nn().load_img_data(folder, color="grayscale")))
    assert tuple(x.shape) == (12, 1, 12, 12)


def test_names_of_classes_stand_by_their_folders_whatever_the_order(folder: Path) -> None:
    model = nn()
    x, y = next(iter(model.load_img_data(folder, classes=["猫", "狗"], shuffle=False)))
    blue = x[:, 0].mean(dim=(1, 2)) > x[:, 2].mean(dim=(1, 2))
    assert y[blue].unique().tolist() == [0]  # 猫 is blue
    assert model.img_classes == ["猫", "狗"]


def test_other_names_are_given_in_the_order_of_the_folders(folder: Path) -> None:
    model = nn()
    model.load_img_data(folder, classes={1: "b", 0: "a"})
    assert model.img_classes == ["a", "b"]


def test_more_names_than_folders_are_refused(folder: Path) -> None:
    with pytest.raises(ClassCountMismatch, match="3 classes"):
        nn().load_img_data(folder, classes=["a", "b", "c"])


def test_mixed_sizes_need_a_resize(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "混 合", ((12, 12), (20, 16)))
    with pytest.raises(ParameterInvalid, match="20×16") as caught:
        nn().load_img_data(folder)
    assert "Resize" in caught.value.hint
    x, _ = next(iter(nn().load_img_data(folder, transform={"Resize": (8, 10)})))
    assert tuple(x.shape[1:]) == (3, 8, 10)


def test_damaged_pictures_are_all_named(folder: Path) -> None:
    (folder / "狗" / "图 0.png").write_bytes(b"no picture")
    (folder / "猫" / "图 3.png").write_bytes(b"\x89PNG cut off")
    with pytest.raises(DatasetInvalid, match="2 pictures") as caught:
        nn().load_img_data(folder)
    assert "图 0.png" in str(caught.value)
    assert "图 3.png" in str(caught.value)


@pytest.mark.parametrize(("name", "error"), [("nowhere", DatasetNotFound), ("one", DatasetInvalid)])
def test_a_folder_without_classes_is_refused(tmp_path: Path, name: str, error: type[Exception]) -> None:
    _folder(tmp_path / "one", classes=("only",))
    with pytest.raises(error):
        nn().load_img_data(tmp_path / name)


def test_the_training_part_of_a_divided_set_is_read(tmp_path: Path) -> None:
    _folder(tmp_path / "set" / "training_set")
    _folder(tmp_path / "set" / "val_set")
    model = nn()
    assert len(next(iter(model.load_img_data(tmp_path / "set")))[1]) == 12
    assert model.img_classes == sorted(("猫", "狗"))


def test_a_part_is_held_out_of_every_class(folder: Path) -> None:
    model = nn()
    train, held = model.load_img_data(folder, train_val_ratio=0.67)
    labels = torch.cat([y for _, y in held])
    assert sorted(labels.tolist()) == [0, 0, 1, 1]
    assert sum(len(y) for _, y in train) == 8


def test_what_is_drawn_varies_training_alone_and_is_the_same_for_a_seed(folder: Path) -> None:
    half = np.zeros((12, 12, 3), np.uint8)
    half[:, :6] = 255
    for file in folder.rglob("*.png"):
        write(file, half)
    batches, held = nn().load_img_data(
        folder, transform={"RandomHorizontalFlip": 0.5}, shuffle=False, train_val_ratio=0.5
    )
    first, second = next(iter(batches))[0], next(iter(batches))[0]
    assert 0 < float((first[:, 0, 0, 0] == 0).float().mean()) < 1 or 0 < float((second[:, 0, 0, 0] == 0).sum()) < 6
    assert float(next(iter(held))[0][:, 0, 0, 0].min()) == 1


@pytest.mark.parametrize(
    ("transform", "shape"),
    [
        ({"Resize": 6}, (3, 6, 6)),
        ({"Resize": [9, 7], "ToTensor": ()}, (3, 9, 7)),
        ({"Resize": {"size": (9, 7)}}, (3, 9, 7)),
        ({"CenterCrop": 4}, (3, 4, 4)),
        ({"Resize": 8, "CenterCrop": (6, 4)}, (3, 6, 4)),
        ({"Grayscale": 1}, (1, 12, 12)),
        ({"RandomRotation": 15, "ColorJitter": (0.1, 0.2), "RandomVerticalFlip": 1}, (3, 12, 12)),
    ],
)
def test_transforms_by_their_names(folder: Path, transform: dict[str, object], shape: tuple[int, ...]) -> None:
    x, _ = next(iter(nn().load_img_data(folder, transform=transform)))
    assert tuple(x.shape[1:]) == shape


@pytest.mark.parametrize(
    ("transform", "hint"),
    [
        ({"resize": (8, 8)}, "Resize"),
        ({"Normalize": ((0.5,), (0.5,))}, "batchnorm2d"),
        ({"Resize": "8, 8"}, "(height, width)"),
        ({"Resize": 0}, "(height, width)"),
        ({"CenterCrop": 8, "Resize": 10}, "first"),
        ({"CenterCrop": 40}, "[12, 12]"),
        ({"RandomHorizontalFlip": 7}, "0 to 1"),
        ({"ColorJitter": {"hue": 0.5}}, "brightness"),
        (["Resize"], "dictionary"),
        ("__import__('os')", "dictionary"),
    ],
)
def test_what_is_no_transform_is_refused(folder: Path, transform: object, hint: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        nn().load_img_data(folder, transform=transform)  # type: ignore[arg-type]
    assert hint in str(caught.value)


def test_inference_sees_the_bits_that_training_saw(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "混 合", ((31, 25), (20, 16)))
    model = nn()
    batches = model.load_img_data(folder, transform={"Resize": (14, 12), "CenterCrop": 10}, shuffle=False)
    model.add("linear", size=2)
    trained, _ = next(iter(batches))
    files = [file for name in model.img_classes or () for file in sorted((folder / name).iterdir())]
    seen = np.concatenate([as_input(model.trained_network(), str(file)) for file in files])
    assert np.array_equal(trained.numpy(), seen)
    array = as_input(model.trained_network(), cv2.imdecode(np.fromfile(files[0], np.uint8), cv2.IMREAD_COLOR))
    assert np.array_equal(array[0], seen[0])


def test_short_sides_become_sizes_that_the_file_remembers() -> None:
    assert transforms.of_pictures({"Resize": 32}, (64, 100)) == {"Resize": [32, 50]}
    full = transforms.of_pictures({"CenterCrop": [8, 8]}, (20, 30))
    assert list(full.items()) == [("Resize", [20, 30]), ("CenterCrop", [8, 8])]


def test_the_folder_data_set_gives_pictures_by_number(folder: Path) -> None:
    data = ImageFolderDataset(str(folder), color="grayscale")
    picture, label = data[11]
    assert (len(data), tuple(picture.shape), int(label)) == (12, (1, 12, 12), 1)
    assert float(picture.max()) <= 1
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    assert next(iter(loader))[0].shape == (4, 1, 12, 12)


@pytest.mark.parametrize("scale", [0, "255", None])
def test_pixels_are_divided_by_a_number(folder: Path, scale: object) -> None:
    with pytest.raises(ParameterInvalid, match="scale"):
        ImageFolderDataset(folder, scale=scale)


def test_an_unknown_colour_is_refused(folder: Path) -> None:
    with pytest.raises(ParameterInvalid, match="color"):
        nn().load_img_data(folder, color="rgba")
