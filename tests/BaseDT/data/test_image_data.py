"""Pictures as the input of a network: the documented options, and the same bits as ``Preprocess``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import BaseData
from BaseDT import display, image, legacy
from BaseDT.data import ImageData, ModelData, TextData
from BaseDT.errors import (
    BackboneUnknown,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    ParameterInvalid,
    ParameterUnknown,
)
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def _photo(height: int = 60, width: int = 90) -> np.ndarray:
    coarse = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in (("b 图.png", (40, 50)), ("a.jpg", (60, 30))):
        image.write(tmp_path / "数据 集" / name, _photo(*size))
    return tmp_path / "数据 集"


def test_without_options_the_tensor_holds_the_pixels_in_rgb() -> None:
    photo = _photo()
    tensor = ImageData(photo).to_tensor()
    assert (tensor.dtype, tensor.shape) == (np.float32, (1, 3, 60, 90))
    np.testing.assert_array_equal(tensor[0].transpose(1, 2, 0), photo[:, :, ::-1])
    np.testing.assert_array_equal(ImageData(photo, to_rgb=False).to_tensor()[0].transpose(1, 2, 0), photo)


def test_a_path_an_array_and_a_pillow_image_give_the_same(folder: Path) -> None:
    path = folder / "b 图.png"
    expected = ImageData(image.read(path)).to_tensor()
    for source in (path, str(path), Image.open(path)):
        np.testing.assert_array_equal(ImageData(source).to_tensor(), expected)


@pytest.mark.parametrize("name", ["LeNet", "MobileNet", "ResNet50", "SSD_Lite", "Yolov3"])
def test_a_backbone_has_the_preprocessing_of_the_original_tools(name: str) -> None:
    expected = legacy.preprocess_of(name, channels=1 if name == "LeNet" else 3)
    assert expected is not None
    photo = _photo(300, 400)
    assert ImageData(photo, backbone=name).to_tensor().tobytes() == expected(photo).tobytes()
    assert ImageData(photo, name.lower()).to_tensor().tobytes() == expected(photo).tobytes()


def test_the_options_say_the_same_as_the_backbone() -> None:
    photo = _photo(300, 400)
    spelt_out = ImageData(photo, size=(256, 256), crop_size=(224, 224), normalize=True)
    assert spelt_out.to_tensor().tobytes() == ImageData(photo, backbone="MobileNet").to_tensor().tobytes()
    lenet = ImageData(photo, size=32, mean=33.46, std=78.87)
    assert lenet.to_tensor().tobytes() == ImageData(photo, backbone="LeNet").to_tensor().tobytes()


def test_a_preprocess_a_model_info_and_a_models_file_are_taken_bit_for_bit() -> None:
    preprocess = Preprocess((48, 48), resize="short_side", resize_to=56)
    info = ModelInfo("classification", "MobileNet", ("a", "b"), preprocess, "classification")
    photo = _photo()
    for given in (preprocess, info, preprocess.to_dict(), json.loads(json.dumps(preprocess.to_dict()))):
        assert ImageData(photo, preprocess=given).to_tensor().tobytes() == preprocess(photo).tobytes()


def test_normalize_takes_mean_and_std_which_alone_imply_it() -> None:
    photo = _photo()
    plain = ImageData(photo).to_tensor()
    mean, std = [10.0, 20.0, 30.0], [2.0, 4.0, 5.0]
    column = np.array(mean, np.float32)[:, None, None], np.array(std, np.float32)[:, None, None]
    for values in ({"normalize": True}, {}):
        found = ImageData(photo, mean=mean, std=np.array(std), **values).to_tensor()
        np.testing.assert_allclose(found[0], (plain[0] - column[0]) / column[1], rtol=1e-6)
    np.testing.assert_array_equal(ImageData(photo, normalize=False, mean=mean).to_tensor(), plain)
    usual = ImageData(photo, normalize=True).to_tensor()
    assert usual.tobytes() == ImageData(photo, mean=MEAN, std=STD).to_tensor().tobytes()


def test_one_mean_makes_the_picture_gray() -> None:
    assert ImageData(_photo(), mean=0.0).to_tensor().shape == (1, 1, 60, 90)


def test_sizes_are_height_and_width() -> None:
    assert ImageData(_photo(), size=(20, 50)).to_tensor().shape == (1, 3, 20, 50)
    assert ImageData(_photo(), size=20).to_tensor().shape == (1, 3, 20, 20)
    assert ImageData(_photo(), crop_size=(40, 30)).to_tensor().shape == (1, 3, 40, 30)
    assert ImageData(_photo(), size=np.int64(20), pad_size_divisor=np.int64(8)).to_tensor().shape == (1, 3, 24, 24)
    assert ImageData(_photo(), size=np.array([20, 50])).to_tensor().shape == (1, 3, 20, 50)  # type: ignore[arg-type]
    np.testing.assert_array_equal(
        ImageData(_photo(), crop_size=(40, 30)).to_tensor(), ImageData(_photo()).to_tensor()[:, :, 10:50, 30:60]
    )


def test_keeping_the_ratio_the_picture_fits_into_both_sides_and_is_padded_with_zeros() -> None:
    data = ImageData(_photo(60, 90), size=(120, 200), size_keep_ratio=True, pad_size_divisor=32)
    tensor = data.to_tensor()
    assert tensor.shape == (1, 3, 128, 192)
    plain = ImageData(_photo(60, 90), size=(120, 180)).to_tensor()
    np.testing.assert_array_equal(tensor[:, :, :120, :180], plain)
    assert not tensor[:, :, 120:].any()
    assert not tensor[:, :, :, 180:].any()
    upright = ImageData(_photo(90, 60), size=(120, 200), size_keep_ratio=True)
    assert upright.to_tensor().shape == (1, 3, 180, 120)
    assert data.map_orig_coords([[0, 0, 180, 120], [90, 60, 192, 128]]).tolist() == [[0, 0, 90, 60], [45, 30, 90, 60]]


def test_many_pictures_are_one_tensor(folder: Path) -> None:
    data = ImageData(folder, backbone="LeNet")
    assert len(data) == 2
    assert data.to_tensor().shape == (2, 1, 32, 32)
    singles = [ImageData(folder / name, backbone="LeNet").to_tensor() for name in ("a.jpg", "b 图.png")]
    assert data.to_tensor().tobytes() == np.concatenate(singles).tobytes()
    assert ImageData([_photo(), folder / "a.jpg"], size=8).to_tensor().shape == (2, 3, 8, 8)
    assert ImageData([_photo()], size=8).value.shape == (1, 8, 8, 3)


def test_the_value_has_the_channels_last_and_the_raw_value_is_the_picture(folder: Path) -> None:
    data = ImageData(_photo(), size=(8, 12), normalize=True)
    assert data.value.shape == (8, 12, 3)
    np.testing.assert_array_equal(data.value, data.to_tensor()[0].transpose(1, 2, 0))
    np.testing.assert_array_equal(data.raw_value, _photo())
    many = ImageData(folder, size=8)
    assert many.value.shape == (2, 8, 8, 3)
    assert [pixels.shape[:2] for pixels in many.raw_value] == [(60, 30), (40, 50)]


def test_boxes_go_back_to_the_original_picture_and_keep_their_scores(folder: Path) -> None:
    data = ImageData(_photo(60, 90), size=30)
    assert data.map_orig_coords([[10, 10, 20, 20]]).tolist() == [[30, 20, 60, 40]]
    assert data.map_orig_coords(np.array([[10, 10, 20, 20, 0.5]])).tolist() == [[30, 20, 60, 40, 0.5]]
    assert data.map_orig_coords([]).shape == (0, 4)
    assert data.map_orig_coords(np.zeros((0, 5))).shape == (0, 5)
    assert ImageData(folder, size=10).map_orig_coords([[0, 0, 10, 10]], 1).tolist() == [[0, 0, 50, 40]]


def test_show_shows_what_the_network_sees(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda pixels: bool(shown.append(pixels) or True))
    assert ImageData(_photo(), normalize=True).show()
    np.testing.assert_array_equal(shown[0], _photo())
    ImageData(_photo(), crop_size=(20, 30), to_rgb=False).show()
    np.testing.assert_array_equal(shown[1], _photo()[20:40, 30:60])
    ImageData(_photo(), backbone="LeNet").show()
    assert shown[2].shape == (32, 32)
    ImageData(folder, size=8).show()
    assert shown[3].shape[1] > 300


def test_without_a_place_to_show_it_says_so() -> None:
    assert ImageData(_photo()).show() is False


def test_the_older_name_has_the_same_classes() -> None:
    assert (BaseData.ImageData, BaseData.TextData, BaseData.ModelData) == (ImageData, TextData, ModelData)


def test_no_runtime_and_no_learner_is_imported() -> None:
    code = (
        "import sys, BaseData, BaseDT.data; "
        "print({'torch', 'sklearn', 'onnx', 'onnxruntime', 'matplotlib'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


# Bad input


@pytest.mark.parametrize(
    "options",
    [
        {"size": 0},
        {"size": -3},
        {"size": 2.5},
        {"size": True},
        {"size": (1, 2, 3)},
        {"size": "big"},
        {"size": 10**9},
        {"crop_size": ()},
        {"crop_size": (61, 10)},
        {"size": 20, "crop_size": 30},
        {"normalize": 1},
        {"to_rgb": "yes"},
        {"mean": [1, 2]},
        {"mean": []},
        {"mean": "ab"},
        {"std": 0.0},
        {"std": [1, 1, float("nan")]},
        {"mean": 0.5, "std": [1, 1, 1]},
        {"size_keep_ratio": 1, "size": 5},
        {"size_keep_ratio": True},
        {"pad_size_divisor": -1},
        {"pad_size_divisor": 3.2},
        {"preprocess": "MobileNet"},
        {"preprocess": [3, 3]},
        {"backbone": 5},
        {"backbone": "LeNet", "preprocess": Preprocess((3, 3))},
        {"backbone": "LeNet", "size": 28},
        {"backbone": "LeNet", "normalize": False},
        {"preprocess": Preprocess((3, 3)), "to_rgb": False},
        {"preprocess": Preprocess((3, 3)), "size_keep_ratio": True},
        {"preprocess": ModelInfo("classification", "", ("a",), None, "classification")},
    ],
    ids=str,
)
def test_an_option_that_cannot_work_is_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        ImageData(_photo(), **options).to_tensor()
    assert any(name in caught.value.message for name in options) or "size=None" in caught.value.message


def test_a_misspelt_option_is_answered_with_the_right_one() -> None:
    with pytest.raises(ParameterUnknown, match=r"(?s)ImageData\(\): crop_sise.*crop_size"):
        ImageData(_photo(), crop_sise=5)  # type: ignore[call-arg]


def test_a_misspelt_backbone_is_answered_with_the_right_one() -> None:
    with pytest.raises(BackboneUnknown, match=r"(?s)'MobilNet'.*'MobileNet'"):
        ImageData(_photo(), backbone="MobilNet")


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    half = image.write(tmp_path / "半.jpg", _photo()).read_bytes()
    (tmp_path / "半.jpg").write_bytes(half[: len(half) // 2])
    for source, error in (
        (tmp_path / "missing.jpg", ImageNotFound),
        (tmp_path / "text.jpg", ImageUnsupported),
        (tmp_path / "半.jpg", ImageDamaged),
        (None, ImageTypeUnsupported),
        ([], ImageTypeUnsupported),
        (np.zeros((2, 3, 7)), ImageTypeUnsupported),
    ):
        with pytest.raises(error):
            ImageData(source)  # type: ignore[arg-type]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        ImageData(tmp_path)


def test_pictures_of_different_sizes_ask_for_one(folder: Path) -> None:
    with pytest.raises(ParameterInvalid, match=r"(?s)different sizes.*size="):
        ImageData(folder).to_tensor()


@pytest.mark.parametrize("boxes", [[1, 2, 3, 4], [[1, 2, 3]], "box", [[1, 2, 3, "x"]], [[1, 2, 3, float("inf")]]])
def test_what_are_no_boxes_is_refused(boxes: Any) -> None:
    with pytest.raises(ParameterInvalid, match="boxes"):
        ImageData(_photo()).map_orig_coords(boxes)


@pytest.mark.parametrize("index", [1, -1, 0.0, None])
def test_the_number_of_a_picture_that_is_not_there_is_refused(index: Any) -> None:
    with pytest.raises(ParameterInvalid, match="index="):
        ImageData(_photo()).map_orig_coords([[1, 2, 3, 4]], index)
