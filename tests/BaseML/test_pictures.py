"""Pictures become rows of numbers: those of OpenCV 4's HOG, of local binary patterns, of pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import DatasetInvalid, DatasetNotFound, ImageDamaged, ParameterInvalid, ParameterUnknown
from BaseML import Classification, IMGLoader
from BaseML.data.picture_features import hog, lbp

RAMP = (69.05233, [0.7046156, 0.7046156, 0.0, 0.0])
DISC = (43.24037, [0.6645835, 0.5755159, 0.3394687, 0.5755718, 0.4306399])


def disc(side: int = 128, radius: int = 30) -> np.ndarray:
    y, x = np.indices((side, side))
    return np.where((x - side // 2) ** 2 + (y - side // 2) ** 2 < radius**2, 255, 0).astype(np.uint8)


def stripes(side: int, period: int) -> np.ndarray:
    return np.tile(np.where(np.arange(side) // period % 2, 220, 30).astype(np.uint8), (side, 1))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    rng = np.random.default_rng(0)
    for split in ("训练 集", "测试 集"):
        for index in range(4):
            noise = rng.integers(0, 20, (60, 80)).astype(np.uint8)
            image.write(tmp_path / split / "横 纹" / f"图 {index}.png", stripes(80, 5 + index)[:60] + noise)
            image.write(
                tmp_path / split / "竖纹" / f"{index}.png", stripes(60, 5 + index).T[:, :1].repeat(80, 1) + noise
            )
    (tmp_path / "训练 集" / "Thumbs.db").write_bytes(b"x")
    return tmp_path / "训练 集", tmp_path / "测试 集"


def test_hog_has_the_numbers_of_opencv() -> None:
    """Measured with OpenCV 4.10 on these pictures: sums, and some of the 441."""
    ramp = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    numbers = hog(ramp)
    assert numbers.shape == (441,)
    assert float(numbers.sum()) == pytest.approx(RAMP[0], abs=1e-4)
    assert numbers[[0, 8, 40, 400]] == pytest.approx(RAMP[1], abs=1e-6)
    numbers = hog(disc())
    assert float(numbers.sum()) == pytest.approx(DISC[0], abs=1e-3)
    assert numbers[[72, 107, 152, 177, 230]] == pytest.approx(DISC[1], abs=1e-6)
    assert not hog(np.full((128, 128), 7, np.uint8)).any()


def test_hog_is_always_of_441_numbers_and_lbp_of_256_that_add_to_one() -> None:
    assert hog(disc(60)).shape == hog(disc(300)).shape == (441,)
    assert lbp(disc(60)).shape == (256,)
    assert float(lbp(disc()).sum()) == pytest.approx(1)
    flat = lbp(np.full((10, 10), 9, np.uint8))
    assert flat[255] == pytest.approx(0.64)  # all neighbours as light; outside it is dark


@pytest.mark.parametrize(("method", "width"), [("hog", 441), ("lbp", 256), ("flatten", 64 * 64)])
def test_class_folders_become_rows_that_an_algorithm_tells_apart(folders, method, width) -> None:
    loader = IMGLoader.ImageLoader(*folders, size=64)
    x_train, y_train, x_test, y_test = loader.get_data(method=method)
    assert x_train.shape == x_test.shape == (8, width)
    assert y_train.tolist() == [0] * 4 + [1] * 4
    assert loader.get_label2id() == {"横 纹": 0, "竖纹": 1}
    assert loader.get_label_by_id(1) == ["竖纹"]
    assert loader.get_label_by_id(7) == []
    model = Classification("KNN", n_neighbors=1)
    model.load_dataset(x_train, y_train, split=False)
    model.train()
    assert model.valid(x=x_test, y=y_test)[0] == 1
    picture = loader.pre_process(folders[1] / "竖纹" / "0.png")
    assert picture.shape == (64, 64)
    assert model.inference(loader.get_feature(picture, method)).tolist() == [1]


def test_numbers_of_ones_own_are_kept(folders) -> None:
    loader = IMGLoader.ImageLoader(*folders, label2id={"横 纹": 5, "竖纹": 2})
    assert set(loader.get_data("flatten")[1].tolist()) == {5, 2}
    assert IMGLoader.ImageLoader(*folders).label2id == {}


def test_mistakes_are_named(folders, tmp_path: Path) -> None:
    train, test = folders
    with pytest.raises(DatasetNotFound, match="没有"):
        IMGLoader.ImageLoader(tmp_path / "没有", test).get_data()
    with pytest.raises(ParameterInvalid, match="hog"):
        IMGLoader.ImageLoader(train, test).get_data("hogg")
    with pytest.raises(ParameterUnknown, match="size"):
        IMGLoader.ImageLoader(train, test, sise=3)
    with pytest.raises(ParameterInvalid, match="label2id"):
        IMGLoader.ImageLoader(train, test, label2id=["a"])
    with pytest.raises(DatasetInvalid, match="竖纹"):
        IMGLoader.ImageLoader(train, test, label2id={"横 纹": 0}).get_data()
    (tmp_path / "空").mkdir()
    with pytest.raises(DatasetInvalid, match="空"):
        IMGLoader.ImageLoader(tmp_path / "空", test).get_data()
    whole = (train / "竖纹" / "0.png").read_bytes()
    (train / "竖纹" / "0.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageDamaged, match=r"0\.png"):
        IMGLoader.ImageLoader(train, test).get_data()
