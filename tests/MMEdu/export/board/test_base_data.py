"""``BaseData.py`` of a board means the same tensors as ``BaseDT.data.ImageData`` of the library."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT import image, legacy
from BaseDT.data import ImageData
from BaseDT.preprocess import Preprocess

NOISE = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)


@pytest.fixture(scope="module")
def board() -> ModuleType:
    place = str(files("MMEdu.export.board") / "BaseData.py")
    spec = importlib.util.spec_from_file_location("BaseData_of_a_board", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("size", [(90, 130), (600, 500), (20, 33)], ids=str)
@pytest.mark.parametrize("name", legacy.names())
def test_a_backbone_means_the_same_tensor(board: ModuleType, tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    for source in (noise, str(image.write(tmp_path / "数据 集" / "图 片.png", noise))):
        ours = ImageData(source, backbone=name).to_tensor()
        assert board.ImageData(source, backbone=name.lower()).to_tensor().tobytes() == ours.tobytes()


def test_the_names_are_the_same(board: ModuleType) -> None:
    assert list(board._BY_NAME) == legacy.names()


ARRAYS = {
    "uint16": NOISE.astype(np.uint16) * 257,
    "big endian": (NOISE.astype(np.uint16) * 257).astype(">u2"),
    "bool": NOISE[:, :, 0] > 127,
    "int64": NOISE.astype(np.int64),
    "float 0 to 1": NOISE / np.float32(255),
    "float 0 to 255": NOISE.astype(np.float64) * 0.99,
    "bgra": np.dstack([NOISE, NOISE[:, :, :1]]),
    "bgra uint16": np.dstack([NOISE, NOISE[:, :, :1]]).astype(np.uint16) * 257,
    "gray": NOISE[:, :, :1],
}


@pytest.mark.parametrize("name", ["LeNet", "MobileNet"])
@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_every_type_mean_the_same(board: ModuleType, kind: str, name: str) -> None:
    ours = ImageData(ARRAYS[kind], backbone=name).to_tensor()
    assert board.ImageData(ARRAYS[kind], backbone=name).to_tensor().tobytes() == ours.tobytes()


@pytest.mark.parametrize(("depth", "channels"), [(np.uint16, 4), (np.uint16, 3), (np.uint16, 1), (np.uint8, 4)])
def test_png_files_of_every_depth_mean_the_same(board: ModuleType, tmp_path: Path, depth: type, channels: int) -> None:
    pixels = np.random.default_rng(2).integers(0, np.iinfo(depth).max + 1, (40, 50, channels), depth)
    path = tmp_path / "数据 集.png"
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    ours = ImageData(path, backbone="MobileNet").to_tensor()
    assert board.ImageData(str(path), backbone="MobileNet").to_tensor().tobytes() == ours.tobytes()


def test_a_dictionary_means_the_same_in_the_library(board: ModuleType) -> None:
    given = Preprocess((48, 64), resize="letterbox", pad_value=9).to_dict()
    ours = ImageData(NOISE, preprocess=given).to_tensor()
    assert board.ImageData(NOISE, preprocess=given).to_tensor().tobytes() == ours.tobytes()


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (None, TypeError, "None: cv2.imread found no file, or the camera gave no frame"),
        (Image.new("RGB", (4, 4)), TypeError, r"np\.array\(image\.convert"),
        (5, TypeError, "not int"),
        (NOISE[:0], ValueError, "shape"),
        (NOISE / 255 * 1.5, ValueError, "Values from"),
        (NOISE * float("nan"), ValueError, "nan"),
        (NOISE.astype(np.int32) - 200, ValueError, "Values from"),
        (NOISE.astype(complex), ValueError, "complex"),
    ],
    ids=range(8),
)
def test_what_is_no_picture_says_what_to_do(board: ModuleType, source: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        board.ImageData(source, backbone="LeNet")


def test_a_gif_is_refused(board: ModuleType, tmp_path: Path) -> None:
    Image.fromarray(NOISE).save(tmp_path / "动 图.gif")
    (tmp_path / "动 图.gif").rename(tmp_path / "动 图.png")
    with pytest.raises(ValueError, match=r"GIF.*动 图\.png"):
        board.ImageData(str(tmp_path / "动 图.png"), backbone="LeNet")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_twelve_bits_mean_the_same(board: ModuleType, tmp_path: Path, channels: int) -> None:
    given = Preprocess((32, 32), color="gray", mean=(33.0,), std=(78.0,), bits=12).to_dict()
    pixels = np.random.default_rng(2).integers(0, 4096, (40, 50, channels), np.uint16)
    path = tmp_path / "十二 位.png"
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    for source in (pixels, str(path)):
        ours = ImageData(source, preprocess=given).to_tensor()
        assert board.ImageData(source, preprocess=given).to_tensor().tobytes() == ours.tobytes()
    assert ours.max() > 0.5
