"""The class of each pixel: what is said of it, and what is cut out of the picture by it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.errors import ParameterInvalid, ParameterUnknown
from BaseDT.results import Regions, SegmentationResult

NAMES = ("背景", "猫", "person")


def mask_of(height: int = 40, width: int = 60) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[5:15, 10:30] = 2
    mask[20:35, 40:55] = 1
    return mask


def result_of(**fields) -> SegmentationResult:
    return SegmentationResult(mask_of(), NAMES, **{"scores": (0.9, np.float32(0.75), 0.5), **fields})


def test_each_class_that_occurs_is_told_but_the_background_the_largest_first():
    entries = json.loads(json.dumps(result_of().to_chinese()))
    assert [(entry["标签"], entry["预测结果"], entry["面积"]) for entry in entries] == [
        (1, "猫", 225),
        (2, "person", 200),
    ]
    assert entries[0]["占比"] == pytest.approx(225 / 2400)
    assert entries[1]["置信度"] == 0.5
    assert sorted(entries[1]["轮廓"][0]) == [[10, 5], [10, 14], [29, 5], [29, 14]]
    assert result_of().to_prediction() == result_of().to_chinese()


def test_the_background_is_told_where_it_is_asked_for():
    (entry,) = result_of().only("背景").to_chinese()
    assert (entry["标签"], entry["面积"]) == (0, 2400 - 425)
    assert [entry["标签"] for entry in result_of(background=True).to_chinese()] == [0, 1, 2]


@pytest.mark.parametrize("name", ["background", "Background ", "_background_", "背景"])
def test_names_of_the_background(name: str):
    assert SegmentationResult(mask_of(), (name, "a", "b")).names == ("a", "b")


def test_specks_have_no_outline_unless_there_is_nothing_else():
    mask = np.zeros((200, 200), np.uint8)
    mask[50:100, 50:100] = 1
    mask[150, 150] = 1
    mask[10, 20] = 2
    result = SegmentationResult(mask, NAMES)
    assert len(result.outlines(1)) == 1
    assert result.outlines(2) == [[[20, 10]]]
    assert result.areas == (200 * 200 - 2502, 2501, 1)


def test_an_outline_of_many_pixels_has_few_corners():
    y, x = np.mgrid[:400, :600]
    circle = ((y - 200) ** 2 + (x - 300) ** 2 < 150**2).astype(np.uint8)
    (outline,) = SegmentationResult(circle, NAMES).outlines(1)
    assert 8 < len(outline) < 60
    radii = [np.hypot(x - 300, y - 200) for x, y in outline]
    assert 147 < min(radii) <= max(radii) < 151


def test_a_picture_of_one_pixel():
    assert SegmentationResult(np.ones((1, 1), np.uint8), NAMES).to_chinese()[0]["轮廓"] == [[[0, 0]]]


def test_where_no_class_is_nothing_is_told():
    result = SegmentationResult(np.full((4, 4), 255, np.uint8), NAMES, (None, None, None))
    assert result.to_chinese() == []
    assert result.areas == (0, 0, 0)


@pytest.mark.parametrize("target", ["person", 2, ["person"], ("PERSON",), np.int64(2)])
def test_one_class_alone(target: object):
    result = result_of().only(target)  # type: ignore[arg-type]
    assert result.names == ("person",)
    assert set(np.unique(result.mask)) == {2, 255}
    assert result.scores == (None, None, 0.5)


@pytest.mark.parametrize("target", ["persn", 3, -1, True, 1.5, ["猫", "dog"]])
def test_no_such_class(target: object, refused):
    with refused(ParameterInvalid, "target_class", "猫, person"):
        result_of().only(target)  # type: ignore[arg-type]
    with refused(ParameterInvalid, "Did you mean 'person'?"):
        result_of().cut_out(np.zeros((40, 60, 3), np.uint8), "persn")


def test_cutting_out_makes_all_else_transparent(tmp_path: Path):
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    cut = result_of().cut_out(picture)
    assert cut.shape == (40, 60, 4)
    assert ((cut[..., 3] == 255) == (mask_of() > 0)).all()
    assert (cut[..., :3] == picture).all()
    only = result_of().cut_out(picture[..., 0], "猫")
    assert ((only[..., 3] == 255) == (mask_of() == 1)).all()


def test_erasing_paints_with_what_lies_around():
    picture = np.full((120, 160, 3), (10, 120, 200), np.uint8)
    mask = np.zeros((120, 160), np.uint8)
    mask[40:80, 60:100] = 1
    picture[mask > 0] = 255
    result = SegmentationResult(mask, NAMES)
    assert np.abs(result.erase(picture, "猫").astype(int) - (10, 120, 200)).max() <= 1
    assert (result.erase(picture, "person") == picture).all()
    far = result.erase(picture)[:30]
    assert (far == picture[:30]).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (900, 700)])
def test_erasing_everything_leaves_one_colour(size: tuple[int, int]):
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3)).astype(np.uint8)
    erased = SegmentationResult(np.ones(size, np.uint8), NAMES).erase(picture)
    assert erased.shape == picture.shape
    assert (erased == erased[0, 0]).all()


def test_a_picture_of_another_size_is_refused(refused):
    with refused(ParameterInvalid, "40×60"):
        result_of().cut_out(np.zeros((40, 61, 3), np.uint8))
    with refused(ParameterInvalid, "NoneType"):
        result_of().erase(None)  # type: ignore[arg-type]


def test_the_documented_list_knows_its_mask_and_takes_paths(tmp_path: Path):
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    file = image.write(tmp_path / "数据 集" / "图 片.png", picture)
    regions = Regions(result_of().to_chinese(), result_of())
    assert json.loads(json.dumps(regions)) == regions == result_of().to_chinese()
    assert (regions.mask == mask_of()).all()
    assert regions.classes == NAMES
    assert (regions.cut_out(file, "person") == result_of().cut_out(picture, "person")).all()
    assert (regions.erase(file) == result_of().erase(picture)).all()


def test_one_of_many_takes_little_memory():
    mask = np.zeros((3000, 4000), np.uint8)
    mask[500:2500, 1000:3000] = 1
    result = SegmentationResult(mask, NAMES, (0.9, 0.8, None))
    packed = result.packed()
    assert (packed.mask == mask).all()
    assert packed.to_chinese() == result.to_chinese()
    assert repr(packed) == repr(result) == "SegmentationResult(3000×4000: 猫 33.3%)"
    assert len(packed._mask) < 100_000
    assert packed.packed().only("猫").areas == (0, 4_000_000, 0)


def test_cut_outs_are_written_with_their_transparent_ground(tmp_path: Path, refused):
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    regions = Regions(result_of().to_chinese(), result_of())
    cut = regions.cut_out(picture, "猫", path=tmp_path / "抠 图" / "猫.png")
    with Image.open(tmp_path / "抠 图" / "猫.png") as written:
        assert (np.asarray(written)[..., [2, 1, 0, 3]] == cut).all()
    erased = regions.erase(picture, path=str(tmp_path / "x.png"))
    assert (image.read(tmp_path / "x.png") == erased).all()
    with refused(ParameterInvalid, ".png"):
        regions.cut_out(picture, path=tmp_path / "猫.jpg")
    with refused(ParameterUnknown, "Did you mean 'target_class'?"):
        regions.erase(picture, targt_class="猫")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "fields",
    [
        {"mask": mask_of().astype(int)},
        {"mask": mask_of()[None]},
        {"mask": np.zeros((0, 4), np.uint8)},
        {"mask": [[1]]},
        {"mask": np.full((2, 2), 3, np.uint8)},
        {"classes": ()},
        {"classes": tuple(map(str, range(256)))},
        {"classes": ("a", 1, "b")},
        {"scores": (0.5,)},
        {"scores": (0.5, 2.0, 0.1)},
        {"scores": (0.5, float("nan"), 0.1)},
    ],
)
def test_what_fits_no_mask(fields: dict, refused):
    with refused(ParameterInvalid):
        SegmentationResult(**{"mask": mask_of(), "classes": NAMES, **fields})


def test_255_classes_fit():
    mask = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert sum(SegmentationResult(mask, tuple(map(str, range(255)))).areas) == 255
