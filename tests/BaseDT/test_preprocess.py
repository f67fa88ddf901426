"""How pixels become a tensor: geometry, colour, numbers, and that every road gives the same bits."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import ParameterInvalid, ParameterUnknown
from BaseDT.preprocess import Preprocess

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
LENET = Preprocess((32, 32), color="gray", mean=(33.46,), std=(78.87,))
USUAL = Preprocess((224, 224), mean=MEAN, std=STD, resize="short_side", resize_to=256)
STRETCHED = Preprocess((224, 224), mean=MEAN, std=STD, resize_to=(256, 256))
DETECTOR = Preprocess((416, 416), mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0), resize="letterbox", pad_value=114)
ALL = {
    "LeNet": LENET,
    "usual": USUAL,
    "stretched": STRETCHED,
    "letterbox": DETECTOR,
    "bgr, not square": Preprocess((48, 64), color="bgr", resize="short_side", interpolation="linear"),
    "gray letterbox": dataclasses.replace(LENET, resize="letterbox", pad_value=7, interpolation="area"),
}


def photo(height: int = 480, width: int = 640) -> np.ndarray:
    coarse = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


every = pytest.mark.parametrize("preprocess", ALL.values(), ids=ALL)


# --- one result, whatever the road ---------------------------------------------------------------


@every
@pytest.mark.parametrize(
    "shape", [(480, 640), (31, 200), (640, 480), (1, 1), (224, 224), (32, 32), (257, 256), (3000, 20)]
)
def test_a_call_is_normalize_of_pixels_bit_for_bit(preprocess: Preprocess, shape: tuple[int, int]) -> None:
    source = photo(*shape)
    pixels = preprocess.pixels(source)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (*preprocess.size, preprocess.channels)
    assert pixels.flags.c_contiguous
    tensor = preprocess(source)
    assert tensor.dtype == np.float32
    assert tensor.shape == (1, preprocess.channels, *preprocess.size)
    assert tensor.flags.c_contiguous
    assert tensor.tobytes() == preprocess.normalize(pixels[None]).tobytes()


@every
def test_a_batch_holds_the_same_bits_as_its_single_images(preprocess: Preprocess) -> None:
    sources = [photo(200 + 7 * i, 300 - 5 * i) for i in range(9)]
    batch = np.stack([preprocess.pixels(source) for source in sources])
    tensor = preprocess.normalize(batch)
    assert tensor.flags.c_contiguous
    assert tensor.tobytes() == np.concatenate([preprocess(source) for source in sources]).tobytes()
    for view in (np.s_[::-1], np.s_[:, ::-1], np.s_[:, :, ::-1], np.s_[::2]):
        copied = np.ascontiguousarray(batch[view])
        assert preprocess.normalize(batch[view]).tobytes() == preprocess.normalize(copied).tobytes()


def test_many_small_images_hold_the_same_bits_too() -> None:
    batch = np.random.default_rng(0).integers(0, 256, (130, 32, 32, 1), dtype=np.uint8)
    tensor = LENET.normalize(batch)
    assert tensor.tobytes() == b"".join(LENET.normalize(one[None]).tobytes() for one in batch)


def test_normalize_is_the_formula_in_float32() -> None:
    batch = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    factor = np.float32(1) / np.float32(STD)
    expected = ((batch.astype(np.float32) - np.float32(MEAN)) * factor).transpose(0, 3, 1, 2)
    assert np.array_equal(USUAL.normalize(batch), expected)


def test_an_empty_batch_stays_empty() -> None:
    assert USUAL.normalize(np.empty((0, 224, 224, 3), np.uint8)).shape == (0, 3, 224, 224)


@every
def test_the_source_is_not_changed(preprocess: Preprocess) -> None:
    source = photo()
    before = source.copy()
    preprocess(source)
    assert np.array_equal(source, before)


def test_a_file_and_its_pixels_give_the_same_tensor(tmp_path: Path) -> None:
    path = image.write(tmp_path / "数据 集" / "图 片.jpg", photo())
    pixels = image.read(path)
    for preprocess in ALL.values():
        assert preprocess(image.read(str(path))).tobytes() == preprocess(pixels).tobytes()
    assert LENET(image.read(path, gray=True)).tobytes() == LENET(pixels).tobytes()


# --- colour --------------------------------------------------------------------------------------


def test_channels_come_in_the_order_that_was_asked_for() -> None:
    blue = np.full((8, 8, 3), (255, 10, 0), np.uint8)
    size = (8, 8)
    assert Preprocess(size, color="rgb").pixels(blue)[0, 0].tolist() == [0, 10, 255]
    assert Preprocess(size, color="bgr").pixels(blue)[0, 0].tolist() == [255, 10, 0]
    assert Preprocess(size, color="gray", mean=(0.0,), std=(1.0,)).pixels(blue)[0, 0].tolist() == [35]


@every
def test_a_gray_picture_is_accepted_with_and_without_its_channel(preprocess: Preprocess) -> None:
    level = photo()[:, :, 0]
    expected = preprocess.pixels(np.dstack([level] * 3))
    assert np.array_equal(preprocess.pixels(level), expected)
    assert np.array_equal(preprocess.pixels(level[:, :, None]), expected)


# --- geometry ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "scaled"),
    [((480, 640), (256, 341)), ((640, 480), (341, 256)), ((300, 301), (256, 257)), ((100, 999), (256, 2557))],
)
def test_short_side_keeps_the_ratio_and_crops_the_centre(shape: tuple[int, int], scaled: tuple[int, int]) -> None:
    source = photo(*shape)
    big = cv2.resize(source, scaled[::-1], interpolation=cv2.INTER_LINEAR)
    top, left = round((scaled[0] - 224) / 2), round((scaled[1] - 224) / 2)
    expected = big[top : top + 224, left : left + 224, ::-1]
    assert np.array_equal(USUAL.pixels(source), expected)


@pytest.mark.parametrize("shape", [(1, 60_000), (60_000, 1)])
def test_an_endless_strip_does_not_fill_the_memory(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    resized: list[tuple[int, int]] = []
    resize = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda s, to, **how: resized.append(to) or resize(s, to, **how))
    assert USUAL.pixels(np.zeros((*shape, 3), np.uint8)).shape == (224, 224, 3)
    assert max(resized[0]) == 32 * 256


def test_stretch_ignores_the_ratio_then_crops_the_centre() -> None:
    source = photo(300, 400)
    expected = cv2.resize(source, (256, 256), interpolation=cv2.INTER_LINEAR)[16:240, 16:240, ::-1]
    assert np.array_equal(STRETCHED.pixels(source), expected)
    gray = cv2.cvtColor(photo(28, 28), cv2.COLOR_BGR2GRAY)
    assert np.array_equal(LENET.pixels(gray)[:, :, 0], cv2.resize(gray, (32, 32), interpolation=cv2.INTER_LINEAR))


def test_without_resize_to_nothing_is_cropped() -> None:
    source = photo(300, 400)
    plain = Preprocess((96, 128), color="bgr", resize="stretch")
    assert np.array_equal(plain.pixels(source), cv2.resize(source, (128, 96), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize(
    ("shape", "inner"), [((480, 640), (312, 416)), ((640, 480), (416, 312)), ((1, 2000), (1, 416))]
)
def test_letterbox_keeps_the_ratio_and_pads_right_and_below(shape: tuple[int, int], inner: tuple[int, int]) -> None:
    pixels = DETECTOR.pixels(np.full((*shape, 3), 200, np.uint8))
    assert (pixels[: inner[0], : inner[1]] == 200).all()
    assert (pixels[inner[0] :] == 114).all()
    assert (pixels[:, inner[1] :] == 114).all()


@pytest.mark.parametrize(
    ("interpolation", "side", "expected"),
    [
        ("auto", 128, cv2.INTER_AREA),
        ("auto", 127, cv2.INTER_LINEAR),
        ("auto", 32, cv2.INTER_LINEAR),
        ("linear", 256, cv2.INTER_LINEAR),
        ("area", 100, cv2.INTER_AREA),
    ],
)
def test_interpolation_averages_areas_when_shrinking_by_two_or_more(
    interpolation: Any, side: int, expected: int
) -> None:
    source = photo(side, side)
    small = Preprocess((64, 64), color="bgr", interpolation=interpolation)
    assert np.array_equal(small.pixels(source), cv2.resize(source, (64, 64), interpolation=expected))


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    source = photo(64, 64)
    assert np.array_equal(Preprocess((64, 64), color="bgr", interpolation="area").pixels(source), source)


# --- another size --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preprocess", "size", "resize_to"),
    [(USUAL, 128, 146), (USUAL, 224, 256), (STRETCHED, 112, (128, 128)), (LENET, 64, None), (DETECTOR, 320, None)],
)
def test_with_size_scales_what_is_cropped_away(preprocess: Preprocess, size: int, resize_to: Any) -> None:
    other = preprocess.with_size(size)
    assert (other.size, other.resize_to) == ((size, size), resize_to)
    assert dataclasses.replace(other, size=preprocess.size, resize_to=preprocess.resize_to) == preprocess
    assert other(photo()).shape == (1, preprocess.channels, size, size)


@pytest.mark.parametrize("size", [1, 2, 3, 33, 500])
def test_every_size_from_one_pixel_works(size: int) -> None:
    for preprocess in ALL.values():
        assert preprocess.with_size(size)(photo()).shape[2:] == (size, size)


@pytest.mark.parametrize("size", [0, -1, 1.5, "224", None, True])
def test_with_size_refuses_what_is_no_size(size: Any) -> None:
    with pytest.raises(ParameterInvalid, match="image_size"):
        USUAL.with_size(size)


# --- JSON ----------------------------------------------------------------------------------------


@every
def test_it_survives_json(preprocess: Preprocess) -> None:
    back = Preprocess.from_dict(json.loads(json.dumps(preprocess.to_dict())))
    assert back == preprocess
    assert hash(back) == hash(preprocess)
    assert back(photo()).tobytes() == preprocess(photo()).tobytes()


def test_numpy_numbers_become_plain_ones() -> None:
    made = Preprocess(
        (np.int64(8), np.int64(9)),  # type: ignore[arg-type]
        mean=tuple(np.float32(MEAN)),
        std=list(STD),  # type: ignore[arg-type]
        resize="short_side",
        resize_to=np.int32(12),  # type: ignore[arg-type]
        pad_value=np.uint8(3),  # type: ignore[arg-type]
    )
    assert json.loads(json.dumps(made.to_dict()))["size"] == [8, 9]
    assert Preprocess.from_dict(made.to_dict()) == made


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(ParameterUnknown, match="'colour'") as caught:
        Preprocess.from_dict({"size": [8, 8], "colour": "rgb"})
    assert "'color'" in caught.value.hint


def test_a_missing_size_is_named() -> None:
    with pytest.raises(ParameterInvalid, match="size"):
        Preprocess.from_dict({"color": "rgb"})


def test_what_is_no_dictionary_is_refused() -> None:
    with pytest.raises(ParameterInvalid, match="dict"):
        Preprocess.from_dict([224, 224])  # type: ignore[arg-type]


# --- values that cannot work ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("size", bad) for bad in [224, (224,), (0, 8), (8, -1), (8.0, 8), ("8", "8"), (True, 8), None, (1, 2, 3)]),
        *(("color", bad) for bad in ["RGB", "grey", None, 3, ["rgb"]]),
        *(("mean", bad) for bad in [(1.0,), 1.0, (1.0, 2.0, float("nan")), ("a", "b", "c"), None, (True, 1.0, 1.0)]),
        *(("std", bad) for bad in [(1.0, 0.0, 1.0), (1.0, -1.0, 1.0), (1.0, float("inf"), 1.0), ()]),
        *(("resize", bad) for bad in ["crop", None, 0]),
        *(("resize_to", bad) for bad in [256, (8, 31), "256", (256,), 1.5]),
        *(("interpolation", bad) for bad in ["cubic", None]),
        *(("pad_value", bad) for bad in [-1, 256, 1.5, "0", None, True]),
    ],
)
def test_a_bad_value_is_refused_with_field_finding_and_expectation(field: str, value: Any) -> None:
    good: dict[str, Any] = {"size": (32, 32), "mean": MEAN, "std": STD}
    with pytest.raises(ParameterInvalid) as caught:
        Preprocess(**{**good, field: value})
    assert caught.value.code == -305
    assert f"{field} is {value!r}, expected " in caught.value.message
    assert field in caught.value.hint


@pytest.mark.parametrize(
    ("resize", "resize_to"),
    [
        ("short_side", 31),
        ("short_side", (40, 40)),
        ("short_side", True),
        ("short_side", 40.0),
        ("letterbox", 40),
        ("letterbox", (40, 40)),
    ],
)
def test_resize_to_must_fit_the_way_of_resizing(resize: Any, resize_to: Any) -> None:
    with pytest.raises(ParameterInvalid, match="resize_to"):
        Preprocess((32, 32), resize=resize, resize_to=resize_to)


def test_gray_wants_one_mean_and_one_std() -> None:
    with pytest.raises(ParameterInvalid, match="1 finite number"):
        Preprocess((32, 32), color="gray", mean=MEAN, std=(1.0,))


@pytest.mark.parametrize(
    "source",
    [
        None,
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
    ],
)
def test_pixels_refuses_what_the_image_module_never_makes(source: Any) -> None:
    with pytest.raises(ParameterInvalid, match="image"):
        USUAL.pixels(source)


@pytest.mark.parametrize("shape", [(224, 224, 3), (1, 3, 224, 224), (1, 224, 224, 1)])
def test_normalize_refuses_a_batch_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterInvalid, match="batch"):
        USUAL.normalize(np.zeros(shape, np.uint8))


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        USUAL.size = (1, 1)  # type: ignore[misc]


# --- and back ------------------------------------------------------------------------------------


def _ramps(height: int, width: int) -> list[np.ndarray]:
    """Pictures whose value at a pixel is its own y, and its own x, in thirds of 256 steps."""
    y = np.linspace(0, 255, height).round().astype(np.uint8)
    x = np.linspace(0, 255, width).round().astype(np.uint8)
    return [np.repeat(y[:, None], width, axis=1), np.repeat(x[None, :], height, axis=0)]


SHAPES = [(480, 640), (640, 480), (31, 200), (224, 224), (32, 32), (900, 30), (60, 1500), (60, 5000), (5000, 60)]


@every
@pytest.mark.parametrize("shape", SHAPES)
def test_points_of_the_input_are_found_again_where_the_picture_had_them(
    preprocess: Preprocess, shape: tuple[int, int]
) -> None:
    """Two ramps go forward as pixels; the values in the input tell where each of its pixels came from."""
    height, width = shape
    gray = dataclasses.replace(preprocess, color="gray", mean=(0.0,), std=(1.0,), interpolation="linear")
    ramp_y, ramp_x = (gray.pixels(ramp)[:, :, 0].astype(float) for ramp in _ramps(height, width))
    points = [(y, x) for y in (0.3, 0.5, 0.7) for x in (0.3, 0.5, 0.7)]
    for share_y, share_x in points:
        y, x = int(share_y * gray.size[0]), int(share_x * gray.size[1])
        middle = (x + 0.5, y + 0.5)
        left, top, _, _ = gray.to_original([(*middle, *middle)], shape)[0]
        if not (0.5 < left < width - 0.5 and 0.5 < top < height - 0.5):
            continue  # beside the picture: padded
        # One step of a ramp, rounded twice, and a pixel that is averaged with its neighbours.
        assert ramp_x[y, x] == pytest.approx((left - 0.5) / max(1, width - 1) * 255, abs=1.6 + 255 / width)
        assert ramp_y[y, x] == pytest.approx((top - 0.5) / max(1, height - 1) * 255, abs=1.6 + 255 / height)


def test_the_corners_of_the_input_are_what_was_cut_out() -> None:
    whole = [(0, 0, 224, 224)]
    assert STRETCHED.to_original(whole, (512, 1024)).tolist() == [[64, 32, 960, 480]]
    assert USUAL.to_original(whole, (512, 1024)).tolist() == [[288, 32, 736, 480]]
    assert DETECTOR.to_original([(0, 0, 416, 208)], (512, 1024)).tolist() == [[0, 0, 1024, 512]]


def test_of_a_long_strip_the_middle_is_what_the_network_saw() -> None:
    plain = Preprocess((32, 32), resize="short_side")
    assert plain.to_original([(0, 0, 32, 32)], (10, 1000)).tolist() == [[495, 0, 505, 10]]
    wide = Preprocess((32, 32 * 32), resize="short_side", resize_to=32 * 32)
    found = wide.to_original([(0, 0, 1024, 32)], (2, 1000))
    np.testing.assert_allclose(found, [[499, 0.96875, 501, 1.03125]])


def test_boxes_end_at_the_picture() -> None:
    found = DETECTOR.to_original([(-50, -3, 600, 416), (10, 300, 20, 400)], (512, 1024))
    assert found.tolist() == [[0, 0, 1024, 512], [pytest.approx(24.615384), 512, pytest.approx(49.230769), 512]]


def test_boxes_come_as_arrays_and_as_lists_and_may_be_none() -> None:
    boxes = np.array([[1, 2, 3, 4]], np.float32)
    found = DETECTOR.to_original(boxes, (416, 416))
    assert found.dtype == np.float64
    assert found.tolist() == boxes.tolist()
    assert boxes.tolist() == [[1, 2, 3, 4]]
    for nothing in ([], np.zeros((0, 4), np.float32)):
        assert DETECTOR.to_original(nothing, (20, 30)).shape == (0, 4)


@pytest.mark.parametrize(
    "boxes", [[1, 2, 3, 4], [[1, 2, 3]], [[1, 2, 3, 4, 5]], [[1, 2, 3, float("nan")]], [[1, 2], [3]], "box", None]
)
def test_what_are_no_boxes_is_refused(boxes: Any) -> None:
    with pytest.raises(ParameterInvalid, match="boxes is"):
        DETECTOR.to_original(boxes, (20, 30))


@pytest.mark.parametrize("picture", [(0, 5), (5,), 5, (5.0, 5.0), None])
def test_what_is_no_size_of_a_picture_is_refused(picture: Any) -> None:
    with pytest.raises(ParameterInvalid, match="picture is"):
        DETECTOR.to_original([(1, 2, 3, 4)], picture)


@every
@pytest.mark.parametrize("shape", [(60, 90), (300, 200), (20, 400)])
def test_boxes_go_into_the_input_as_they_come_back(preprocess: Preprocess, shape: tuple[int, int]) -> None:
    height, width = preprocess.size
    inner = np.array([[0.4 * width, 0.3 * height, 0.6 * width, 0.5 * height]])
    there = preprocess.to_original(inner, shape)
    back = preprocess.to_input(there, shape)
    if (np.ptp(there.reshape(2, 2), axis=0) > 0).all() and preprocess.resize != "letterbox":
        assert back[0] == pytest.approx(inner[0], abs=1e-6)
    whole = preprocess.to_input([(0, 0, shape[1], shape[0])], shape)[0]
    assert (whole >= 0).all()
    assert (whole <= [width, height, width, height]).all()


def test_boxes_stay_on_the_picture_in_a_letterbox_and_are_cut_by_a_crop() -> None:
    assert DETECTOR.to_input([(-9, 0, 2000, 512)], (512, 1024)).tolist() == [[0, 0, 416, 208]]
    assert USUAL.to_input([(0, 0, 10, 10)], (512, 1024))[0, [0, 2]].tolist() == [0, 0]
    assert DETECTOR.to_input([], (20, 30)).shape == (0, 4)
    with pytest.raises(ParameterInvalid):
        DETECTOR.to_input([(1, 2, 3)], (20, 30))


# --- fit ---------------------------------------------------------------------------------------------------------

IMAGENET = Preprocess(size=(224, 224), resize="short_side", resize_to=256)
LENET = Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,))


def test_a_fit_is_named_in_the_users_words():
    assert [IMAGENET.fit, LENET.fit, IMAGENET.with_fit("letterbox").fit] == ["crop", "stretch", "letterbox"]


def test_the_fit_that_is_there_already_changes_nothing():
    for recipe in (IMAGENET, LENET, IMAGENET.with_fit("letterbox")):
        assert recipe.with_fit(recipe.fit) is recipe


@pytest.mark.parametrize("recipe", [IMAGENET, LENET], ids=["crop", "stretch"])
@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
@pytest.mark.parametrize("picture", [(64, 192), (192, 64), (50, 50), (1, 400), (3000, 20)])
def test_letterbox_and_stretch_show_the_whole_picture(recipe, fit, picture):
    fitted = recipe.with_fit(fit)
    assert fitted.visible(picture) == 1
    height, width = picture
    corners = [[0, 0, 1, 1], [width - 1, height - 1, width, height]]
    assert np.allclose(fitted.to_original(fitted.to_input(corners, picture), picture), corners)
    assert Preprocess.from_dict(fitted.to_dict()) == fitted


def test_stretch_takes_away_the_border_of_a_recipe_that_stretches():
    bordered = Preprocess(size=(224, 224), resize="stretch", resize_to=(256, 256))
    assert bordered.visible((100, 100)) == pytest.approx((224 / 256) ** 2)
    assert bordered.with_fit("stretch").visible((100, 100)) == 1


def test_what_a_crop_leaves():
    assert IMAGENET.visible((480, 640)) == pytest.approx((224 / 256) ** 2 * 3 / 4, rel=0.01)
    assert IMAGENET.visible((64, 192)) == pytest.approx((224 / 256) ** 2 / 3, rel=0.01)
    assert LENET.with_fit("crop").visible((100, 50)) == pytest.approx(0.5)


def test_the_ground_beside_a_letterboxed_picture_is_the_mean():
    assert IMAGENET.with_fit("letterbox").pad_value == 114
    assert LENET.with_fit("letterbox").pad_value == 33


@pytest.mark.parametrize("fit", ["pad", "", None, 3, ["crop"]])
def test_another_fit_is_refused(fit):
    with pytest.raises(ParameterInvalid, match="fit"):
        IMAGENET.with_fit(fit)


def test_the_content_is_the_picture_without_the_ground():
    assert IMAGENET.with_fit("letterbox").content(np.zeros((50, 100, 3), np.uint8)).shape == (112, 224, 3)
    assert IMAGENET.content(np.zeros((50, 100, 3), np.uint8)).shape == (224, 224, 3)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.85, 1.0])
@pytest.mark.parametrize("fit", ["crop", "letterbox", "stretch"])
def test_a_smaller_input_of_the_same_recipe(fit, share):
    smaller = IMAGENET.with_fit(fit).scaled(share)
    assert smaller.size == (max(1, round(224 * share)),) * 2
    if share > 0.2:
        assert smaller.visible((64, 192)) == pytest.approx(IMAGENET.with_fit(fit).visible((64, 192)), rel=0.03)
