"""Image files: whatever a user brings becomes the same upright BGR pixels, or is refused by name."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from BaseDT import image
from BaseDT.errors import (
    DiskFull,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    PathNotWritable,
    XEduError,
)
from BaseDT.image import file_structure, reading

ORIENTATION = 0x0112


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name is Chinese and has a space."""
    path = tmp_path / "数据 集"
    path.mkdir()
    return path


def picture(width: int = 80, height: int = 60) -> Image.Image:
    """A smooth coloured picture without symmetry."""
    coarse = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def bgr(picture: Image.Image) -> np.ndarray:
    """What Pillow says that the picture looks like on white paper."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB"))[:, :, ::-1]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def with_chunk(png: bytes, name: bytes, payload: bytes, before: bytes) -> bytes:
    """Put one more chunk into a PNG."""
    chunk = struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))
    place = png.index(before) - 4
    return png[:place] + chunk + png[place:]


def see_through(mode: str) -> Image.Image:
    """The picture with an alpha channel that runs from clear to opaque."""
    alpha = np.tile(np.linspace(0, 255, 80).astype(np.uint8), (60, 1))
    coloured = picture().convert("RGBA" if mode == "RGBA" else "LA")
    coloured.putalpha(Image.fromarray(alpha))
    return coloured


def assert_close(found: np.ndarray, expected: np.ndarray, tolerance: int = 0) -> None:
    assert found.dtype == np.uint8
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= tolerance


def sixteen_bit() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 65536, (12, 10), dtype=np.uint16)


# --- what is read ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", sorted(image.IMAGE_SUFFIXES))
def test_a_file_under_a_chinese_path_with_spaces_is_written_and_read_back(folder: Path, suffix: str) -> None:
    pixels = bgr(picture())
    path = image.write(folder / "子 目录" / f"图 片{suffix}", pixels)
    assert path.is_file()
    lossless = suffix in (".png", ".bmp", ".tif", ".tiff")
    assert np.abs(image.read(path).astype(int) - pixels).mean() <= (0 if lossless else 4)
    assert_close(image.read(str(path)), image.read(path))


ODD_FILES = {
    "PNG": (picture(), "PNG", {}),
    "JPEG": (picture(), "JPEG", {}),
    "1-bit PNG": (picture().convert("1"), "PNG", {}),
    "gray PNG": (picture().convert("L"), "PNG", {}),
    "palette PNG": (picture().convert("P"), "PNG", {}),
    "palette PNG with one clear colour": (picture().convert("P"), "PNG", {"transparency": 7}),
    "gray PNG with one clear level": (picture().convert("L"), "PNG", {"transparency": 100}),
    "gray and alpha PNG": (see_through("LA"), "PNG", {}),
    "RGBA PNG": (see_through("RGBA"), "PNG", {}),
    "WEBP": (picture(), "WEBP", {"lossless": True}),
    "WEBP with alpha": (see_through("RGBA"), "WEBP", {"lossless": True, "exact": True}),
    "lossy WEBP with alpha": (see_through("RGBA"), "WEBP", {}),
    "BMP": (picture(), "BMP", {}),
    "1-bit BMP": (picture().convert("1"), "BMP", {}),
    "gray BMP": (picture().convert("L"), "BMP", {}),
    "palette BMP": (picture().convert("P"), "BMP", {}),
    "32-bit BMP": (see_through("RGBA"), "BMP", {}),
    "1-bit TIFF": (picture().convert("1"), "TIFF", {}),
    "gray TIFF": (picture().convert("L"), "TIFF", {}),
    "palette TIFF": (picture().convert("P"), "TIFF", {}),
    "RGBA TIFF": (see_through("RGBA"), "TIFF", {}),
    "gray and alpha TIFF": (see_through("LA"), "TIFF", {}),
    "CMYK TIFF": (picture().convert("CMYK"), "TIFF", {}),
    "LZW TIFF": (picture(), "TIFF", {"compression": "tiff_lzw"}),
    "gray JPEG": (picture().convert("L"), "JPEG", {}),
    "progressive JPEG": (picture(), "JPEG", {"progressive": True}),
    "CMYK JPEG": (picture().convert("CMYK"), "JPEG", {}),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("what", ODD_FILES)
def test_every_kind_of_file_looks_as_it_does_in_pillow(what: str, strict: bool) -> None:
    source, kind, options = ODD_FILES[what]
    data = encoded(source, kind, **options)
    tolerance = 2 if kind == "JPEG" else 1
    assert_close(image.decode(data, strict=strict), bgr(opened(data)), tolerance)


def test_gray_of_a_jpeg_is_exactly_the_conversion_even_where_the_decoder_would_differ() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = cv2.imencode(".jpg", noise)[1].tobytes()
    expected = cv2.cvtColor(image.decode(data), cv2.COLOR_BGR2GRAY)
    assert not np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), expected)
    assert_close(image.decode(data, gray=True), expected)


@pytest.mark.parametrize("what", ODD_FILES)
def test_gray_is_exactly_the_conversion_of_the_coloured_result(what: str) -> None:
    source, kind, options = ODD_FILES[what]
    data = encoded(source, kind, **options)
    coloured = image.decode(data)
    assert_close(image.decode(data, gray=True), cv2.cvtColor(coloured, cv2.COLOR_BGR2GRAY))
    assert_close(image.read(coloured, gray=True), image.decode(data, gray=True))


def test_an_adobe_cmyk_jpeg_is_not_inverted() -> None:
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    data = encoded(red, "JPEG", quality=95)
    assert b"Adobe" in data
    assert_close(image.decode(data), np.full((32, 32, 3), (0, 0, 255), np.uint8), 6)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_become_eight_by_the_high_byte(suffix: str, channels: int) -> None:
    wide = np.random.default_rng(1).integers(0, 65536, (12, 10, channels), dtype=np.uint16)
    if channels == 4:
        wide[:, :, 3] = 65535
    data = cv2.imencode(suffix, wide)[1].tobytes()
    expected = (wide[:, :, :3] >> 8).astype(np.uint8)
    assert_close(image.decode(data), np.broadcast_to(expected, (12, 10, 3)))


def test_a_sixteen_bit_png_with_a_clear_level_shows_white_there() -> None:
    wide = sixteen_bit()
    clear = struct.pack(">H", wide[3, 4])
    data = with_chunk(cv2.imencode(".png", wide)[1].tobytes(), b"tRNS", clear, before=b"IDAT")
    expected = (wide >> 8).astype(np.uint8)
    expected[3, 4] = 255
    assert_close(image.decode(data, gray=True), expected)


def test_content_decides_and_not_the_suffix(folder: Path) -> None:
    data = encoded(picture(), "WEBP", lossless=True)
    for name in ("图 片.png", "图 片.txt", "图 片"):
        (folder / name).write_bytes(data)
        assert_close(image.read(folder / name), bgr(picture()))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    lossless = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}}.get(kind, {})
    data = encoded(picture(), kind, exif=exif, **lossless)
    upright = ImageOps.exif_transpose(opened(data))
    assert_close(image.decode(data), bgr(upright), 2 if kind == "JPEG" else 0)
    assert_close(image.decode(data, gray=True), cv2.cvtColor(image.decode(data), cv2.COLOR_BGR2GRAY))
    assert_close(image.read(opened(data)), bgr(upright))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_exif_rotation_is_applied_to_transparent_pictures(mode: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    source = picture().convert("P") if mode == "P" else see_through(mode)
    options = {"transparency": 7} if mode == "P" else {}
    data = encoded(source, "PNG", exif=exif, **options)
    assert_close(image.decode(data), bgr(ImageOps.exif_transpose(opened(data))), 1)


def test_exif_behind_the_pixels_of_a_png_counts_too() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = with_chunk(encoded(picture(), "PNG"), b"eXIf", exif.tobytes()[6:], before=b"IEND")
    assert_close(image.decode(data), bgr(ImageOps.exif_transpose(picture().transpose(Image.Transpose.ROTATE_270))))


def test_data_behind_the_end_is_tolerated_as_phones_write_it() -> None:
    for kind in ("JPEG", "PNG"):
        data = encoded(picture(), kind)
        for tail in (b"\0" * 64, b"SEFH" + bytes(range(256)) * 40):
            assert_close(image.decode(data + tail, strict=True), image.decode(data))


def test_stray_bytes_between_the_segments_of_a_jpeg_are_skipped_as_decoders_do() -> None:
    data = encoded(picture(), "JPEG")
    table = data.index(b"\xff\xdb")
    assert_close(image.decode(data[:table] + b"stray" + data[table:], strict=True), image.decode(data))
    with pytest.raises(ImageDamaged, match="cut off"):
        image.decode(data[:table] + bytes(3_000_000))


# --- alpha: the same everywhere --------------------------------------------------------------------


def test_alpha_is_composed_onto_white_in_the_same_way_everywhere(folder: Path) -> None:
    source = see_through("RGBA")
    array = np.asarray(source)[:, :, [2, 1, 0, 3]]
    data = encoded(source, "PNG")
    expected = image.decode(data)
    assert_close(expected, bgr(source), 1)
    assert expected[:, 0].min() == 255, "clear is white"
    for other in (
        source,
        opened(data),
        array,
        encoded(source, "TIFF"),
        encoded(source, "WEBP", lossless=True, exact=True),
    ):
        found = image.decode(other) if isinstance(other, bytes) else image.read(other)
        assert_close(found, expected)


def bmp_with_alpha(bgra: np.ndarray) -> bytes:
    """The kind of BMP that states its alpha mask (header version 4)."""
    height, width = bgra.shape[:2]
    masks = (0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, bgra.nbytes, 2835, 2835, 0, 0)
    header += struct.pack("<4I", *masks) + b"BGRs" + bytes(48)
    file_header = b"BM" + struct.pack("<IHHI", 14 + len(header) + bgra.nbytes, 0, 0, 14 + len(header))
    return file_header + header + bgra[::-1].tobytes()


def test_composing_rounds_to_the_nearest_value() -> None:
    value, alpha = np.meshgrid(np.arange(256), np.arange(256))
    bgra = np.dstack([value, value, value, alpha]).astype(np.uint8)
    exact = np.rint((value * alpha + 255 * (255 - alpha)) / 255).astype(np.uint8)
    assert_close(image.read(bgra), np.dstack([exact] * 3))
    assert_close(image.decode(bmp_with_alpha(bgra)), np.dstack([exact] * 3))


# --- arrays and Pillow images ----------------------------------------------------------------------


def test_arrays_are_taken_as_opencv_gives_them() -> None:
    coloured = np.ascontiguousarray(bgr(picture()))
    level = coloured[:, :, 0]
    assert image.read(coloured) is coloured
    assert_close(image.read(coloured[:, ::-1]), coloured[:, ::-1])
    assert_close(image.read(level), np.dstack([level] * 3))
    assert_close(image.read(level, gray=True), level)
    assert_close(image.read(level[:, :, None], gray=True), level)
    assert image.read(coloured[::2, ::2]).flags.c_contiguous


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[True, False]]), [255, 0]),
        (np.array([[0, 128, 255]]), [0, 128, 255]),
        (np.array([[0, 1]]), [0, 1]),
        (np.array([[255, 256, 65535]], np.uint16), [0, 1, 255]),
        (np.array([[255, 256, 65535]], ">u2"), [0, 1, 255]),
        (np.array([[0.0, 0.5, 1.0]]), [0, 128, 255]),
        (np.array([[0.0, 1.0 + 1e-6]], np.float32), [0, 255]),
        (np.array([[0.0, 127.6, 255.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 0.25]], np.float16), [0, 64]),
    ],
)
def test_other_number_types_become_eight_bits(array: np.ndarray, expected: list[int]) -> None:
    assert image.read(array, gray=True).tolist() == [expected]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr", "HSV", "RGBX", "RGBa"])
def test_pillow_images_of_every_mode_are_read(mode: str) -> None:
    via = {"PA": "P", "RGBa": "RGBA"}.get(mode)
    source = (picture().convert(via) if via else picture()).convert(mode)
    assert_close(image.read(source), bgr(source), 1)


def test_wide_pillow_images_are_read_like_arrays() -> None:
    wide = sixteen_bit()
    high = (wide >> 8).astype(np.uint8)
    assert_close(image.read(Image.fromarray(wide), gray=True), high)
    assert_close(image.read(Image.fromarray(wide.astype(np.int32)), gray=True), high)
    assert_close(image.read(Image.fromarray(high.astype(np.float32)), gray=True), high)


def test_a_pillow_image_stays_as_it_was() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    source = opened(encoded(picture(), "JPEG", exif=exif))
    image.read(source)
    assert source.size == (80, 60)
    assert source.getexif()[ORIENTATION] == 6


@pytest.mark.parametrize(
    "source",
    [
        None,
        7,
        b"\xff\xd8\xff",
        object(),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((3, 8, 9), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.array(3),
        np.array([["a", "b"]]),
        np.array([[0.0, np.nan]]),
        np.array([[0.0, np.inf]]),
        np.array([[-1.0, 0.5]]),
        np.array([[-1, 5]]),
        np.array([[0, 256]]),
        np.array([[0.0, 300.0]]),
        np.array([[0.0, 1.5]]),
        np.array([[1j]]),
        Image.new("RGB", (0, 4)),
        Image.new("La", (4, 4)),
        Image.fromarray(np.array([[-5.0, 3.0]], np.float32)),
    ],
    ids=lambda value: f"{type(value).__name__}{getattr(value, 'shape', '')}",
)
def test_what_holds_no_image_is_refused(source: Any) -> None:
    with pytest.raises(ImageTypeUnsupported) as caught:
        image.read(source)
    assert caught.value.code == -304
    assert caught.value.hint


def test_a_pillow_image_that_is_closed_or_damaged_is_refused(folder: Path) -> None:
    closed = picture()
    closed.close()
    with pytest.raises(ImageTypeUnsupported):
        image.read(closed)
    with pytest.raises(ImageDamaged):
        image.read(opened(encoded(picture(400, 300), "JPEG")[:3000]))


# --- files that are refused ------------------------------------------------------------------------


FOREIGN = {
    "GIF": (encoded(picture(), "GIF"), "a GIF"),
    "text": ("这不是图片\nno picture\n".encode(), "text"),
    "gbk text": ("这不是图片".encode("gbk"), "text"),
    "HTML": (b"\n<!doctype html><html></html>", "an HTML page"),
    "PDF": (b"%PDF-1.7\n\x00\x01", "a PDF document"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0", "an MP4 or MOV video"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
    "AVI": (b"RIFF\x10\0\0\0AVI LIST", "an AVI video"),
    "noise": (b"\x01\x02\x03\x04" * 8, "data of an unknown kind"),
}


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".txt", ".mp4"])
@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_image_is_refused_and_named(folder: Path, what: str, suffix: str) -> None:
    data, name = FOREIGN[what]
    path = folder / f"图 片{suffix}"
    path.write_bytes(data)
    with pytest.raises(ImageUnsupported, match=name) as caught:
        image.read(path)
    assert caught.value.code == -203
    assert "图 片" in caught.value.message
    assert ".jpg" in caught.value.hint


def test_a_folder_is_no_image(folder: Path) -> None:
    with pytest.raises(ImageUnsupported, match="it is a folder"):
        image.read(folder)


def test_a_missing_file_is_refused_with_the_nearest_name(folder: Path) -> None:
    image.write(folder / "猫咪 01.jpg", bgr(picture()))
    with pytest.raises(ImageNotFound) as caught:
        image.read(folder / "猫咪 01.jpeg")
    assert caught.value.code == -103
    assert "猫咪 01.jpg" in caught.value.hint
    for missing in (folder / "xyzxyz.png", folder / "no" / "a.png", "a\0b.png", folder / ("x" * 300)):
        with pytest.raises(ImageNotFound):
            image.read(missing)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0" * 5000])
def test_an_empty_file_is_damaged(folder: Path, data: bytes) -> None:
    path = folder / "图 片.jpg"
    path.write_bytes(data)
    with pytest.raises(ImageDamaged, match=r"(0|zero) bytes") as caught:
        image.read(path)
    assert caught.value.code == -205


def test_an_unreadable_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = image.write(folder / "图 片.jpg", bgr(picture()))

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(ImageDamaged, match=r"图 片.*Permission denied"):
            image.read(path)


WHOLE = {
    "JPEG": encoded(picture(), "JPEG"),
    "JPEG with a thumbnail": encoded(picture(), "JPEG", comment=encoded(picture(16, 16), "JPEG")),
    "progressive JPEG": encoded(picture(), "JPEG", progressive=True),
    "CMYK JPEG": encoded(picture().convert("CMYK"), "JPEG"),
    "PNG": encoded(picture(), "PNG"),
    "palette PNG": encoded(picture().convert("P"), "PNG", transparency=3),
    "RGBA PNG": encoded(see_through("RGBA"), "PNG"),
    "BMP": encoded(picture(), "BMP"),
    "WEBP": encoded(picture(), "WEBP"),
    "WEBP with alpha": encoded(see_through("RGBA"), "WEBP"),
    "TIFF": encoded(picture(), "TIFF"),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("what", WHOLE)
def test_a_file_that_is_cut_off_anywhere_is_damaged(what: str, strict: bool) -> None:
    data = WHOLE[what]
    image.decode(data, strict=strict)
    for length in {*range(16, len(data) - 1, max(1, len(data) // 40)), len(data) - 2, len(data) - 9}:
        with pytest.raises(ImageDamaged):
            image.decode(data[:length], strict=strict)


@pytest.mark.parametrize("what", ["JPEG", "PNG", "BMP", "WEBP", "TIFF"])
def test_changed_bytes_never_raise_anything_but_named_errors(what: str) -> None:
    data, random = WHOLE[what], np.random.default_rng(0)
    for _ in range(150):
        changed = bytearray(data)
        for place in random.integers(0, len(data), 3):
            changed[place] = random.integers(0, 256)
        with contextlib.suppress(ImageDamaged, ImageUnsupported):
            image.decode(bytes(changed), strict=True)


def scan_of(data: bytes) -> int:
    return data.rindex(b"\xff\xda") + 14


def test_the_end_marker_of_a_thumbnail_is_not_the_end_of_the_file() -> None:
    data = WHOLE["JPEG with a thumbnail"]
    header = file_structure.read_header(data)
    assert header is not None
    assert file_structure.fault(data, header, strict=False) == ""
    assert file_structure.fault(data[:-2], header, strict=False) == "the end is missing"


@pytest.mark.parametrize("what", ["BMP", "WEBP"])
def test_strict_asks_a_second_decoder_where_there_is_no_structure_to_walk(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("the second decoder says no")

    monkeypatch.setattr(Image, "open", refuse)
    image.decode(WHOLE[what])
    with pytest.raises(ImageDamaged, match="second decoder"):
        image.decode(WHOLE[what], strict=True)


def test_strict_finds_foreign_data_inside_a_jpeg() -> None:
    data = encoded(picture(400, 300), "JPEG")
    middle = (scan_of(data) + len(data)) // 2
    broken = data[:middle] + b"\xff\x13 something else \xff\x77" + data[middle:]
    with pytest.raises(ImageDamaged, match="foreign data"):
        image.decode(broken, strict=True)


def test_strict_finds_a_missing_part_between_restart_markers() -> None:
    data = cv2.imencode(".jpg", bgr(picture(400, 300)), (cv2.IMWRITE_JPEG_RST_INTERVAL, 20))[1].tobytes()
    second, third = data.index(b"\xff\xd1", scan_of(data)), data.index(b"\xff\xd2", scan_of(data))
    image.decode(data, strict=True)
    with pytest.raises(ImageDamaged, match="missing or repeated"):
        image.decode(data[:second] + data[third:], strict=True)


def test_strict_finds_a_jpeg_whose_tail_was_lost_before_a_thumbnails_end() -> None:
    data = encoded(picture(400, 300), "JPEG")
    with pytest.raises(ImageDamaged, match="foreign data"):
        image.decode(data[: len(data) // 2] + encoded(picture(), "JPEG"), strict=True)


def test_strict_finds_a_wrong_checksum_in_any_part_of_a_png() -> None:
    data = bytearray(encoded(picture().convert("P"), "PNG"))
    place = data.index(b"PLTE") + 5
    data[place] ^= 1
    with pytest.raises(ImageDamaged, match=r"checksum.*PLTE"):
        image.decode(bytes(data), strict=True)


def test_a_png_that_went_through_a_text_mode_transfer_is_damaged() -> None:
    with pytest.raises(ImageDamaged, match="text mode"):
        image.decode(WHOLE["PNG"].replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "WEBP lossless", "WEBP with alpha", "TIFF"])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"WEBP lossless": {"lossless": True}}.get(kind, {})
    source = see_through("RGBA") if "alpha" in kind else picture()
    data = encoded(source, kind.split()[0], **options)
    monkeypatch.setattr(reading, "MAX_PIXELS", 80 * 60 - 1)
    with pytest.raises(ImageUnsupported, match="80×60") as caught:
        image.decode(data)
    assert str(80 * 60 - 1) in caught.value.message
    monkeypatch.setattr(reading, "MAX_PIXELS", 80 * 60)
    image.decode(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_server_refuses_what_is_larger_than_it_wants(kind: str) -> None:
    data = encoded(picture(), kind)
    with pytest.raises(ImageUnsupported, match="80×60"):
        image.decode(data, most_pixels=80 * 60 - 1)
    assert image.decode(data, most_pixels=80 * 60).shape == (60, 80, 3)


def test_a_real_decompression_bomb_is_refused() -> None:
    data = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = struct.pack(">II", 50_000, 50_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(ImageUnsupported, match="50000×50000"):
        image.decode(bytes(data), strict=True)


# --- decoding at reduced size ----------------------------------------------------------------------


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize(
    ("short_side", "expected"),
    [(None, 240), (0, 30), (30, 30), (31, 60), (60, 60), (61, 120), (120, 120), (121, 240), (999, 240)],
)
def test_a_jpeg_is_reduced_only_while_the_short_side_stays_long_enough(
    short_side: int | None, expected: int, gray: bool
) -> None:
    for source in (picture(320, 240), picture(320, 240).convert("L")):
        found = image.decode(encoded(source, "JPEG"), short_side=short_side, gray=gray)
        assert found.shape[:2] == (expected, expected * 4 // 3)


def test_a_reduced_jpeg_is_upright_too() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(picture(320, 240), "JPEG", exif=exif)
    assert image.decode(data, short_side=60).shape == (80, 60, 3)
    assert image.decode(encoded(picture(320, 240), "PNG"), short_side=60).shape == (240, 320, 3)


# --- writing ---------------------------------------------------------------------------------------


def test_jfif_holds_a_jpeg(folder: Path) -> None:
    assert image.write(folder / "图 片.JFIF", bgr(picture())).read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["图 片.gif", "图 片.mp4", "图 片"])
def test_other_suffixes_are_not_written(folder: Path, name: str) -> None:
    with pytest.raises(ImageUnsupported, match="suffix"):
        image.write(folder / name, bgr(picture()))
    assert list(folder.iterdir()) == []


def test_a_picture_that_the_format_cannot_hold_is_refused(folder: Path) -> None:
    with pytest.raises(ImageUnsupported, match="20000×1"):
        image.write(folder / "图 片.webp", np.zeros((1, 20000, 3), np.uint8))


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").write_bytes(b"")
    with pytest.raises(PathNotWritable, match="file") as caught:
        image.write(folder / "file" / "图 片.jpg", bgr(picture()))
    assert caught.value.code == -104
    assert caught.value.hint


@pytest.mark.parametrize(
    ("number", "error"), [(errno.EACCES, PathNotWritable), (errno.EROFS, PathNotWritable), (errno.ENOSPC, DiskFull)]
)
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[XEduError]
) -> None:
    path = image.write(folder / "图 片.png", bgr(picture()))
    before = path.read_bytes()

    def fail(self: Path, target: Path) -> Path:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(error) as caught:
        image.write(path, np.zeros((9, 9, 3), np.uint8))
    assert caught.value.hint
    assert path.read_bytes() == before
    assert list(folder.iterdir()) == [path]


# --- which images an argument means ----------------------------------------------------------------


def test_is_image_file_goes_by_the_name_and_leaves_out_junk() -> None:
    yes = ["a.jpg", "图 片.JPG", "a.jfif", "a.b.tiff", "/x/a.webp"]
    no = ["a.gif", "a.txt", "a", ".jpg", "._a.jpg", ".hidden.png", "Thumbs.db", ".DS_Store"]
    assert [name for name in yes + no if image.is_image_file(name)] == yes


def names(source: Any) -> list[str]:
    return [item.name for item in image.expand(source)[0]]


def test_a_folder_means_its_own_images_in_sorted_order(folder: Path) -> None:
    for name in ("b.png", "a.jpg", "._a.jpg", "c.txt", "子/d.jpg", "Thumbs.db", "图 片.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    (folder / "folder.jpg").mkdir()
    images, many = image.expand(folder)
    assert [item.name for item in images] == ["a.jpg", "b.png", "图 片.jpg"]
    assert [item.source for item in images] == [folder / "a.jpg", folder / "b.png", folder / "图 片.jpg"]
    assert many


def test_a_folder_of_folders_names_them(folder: Path) -> None:
    for name in ("猫", "狗", ".cache"):
        image.write(folder / "训练" / name / "1.png", bgr(picture()))
    with pytest.raises(ImageNotFound, match=r"(?s)only sub-folders: 狗, 猫\..*训练/狗'".replace("/", r"\W+")) as caught:
        image.expand(folder / "训练")
    assert ".cache" not in str(caught.value)


def test_what_a_folder_holds_beside_its_pictures_is_counted(folder: Path) -> None:
    image.write(folder / "a.png", bgr(picture()))
    assert image.passed_over(folder) == image.passed_over(folder / "a.png") == image.passed_over([folder]) == ""
    (folder / "动 图.GIF").write_bytes(b"GIF89a")
    (folder / ".DS_Store").write_bytes(b"")
    for name in ("猫", "狗", ".cache"):
        (folder / name).mkdir()
    assert image.passed_over(str(folder)) == f"Passed over in {folder.name}: 1 GIF and 2 sub-folders."


def test_an_address_of_the_internet_is_no_missing_file() -> None:
    for read in (image.read, image.expand):
        with pytest.raises(ImageNotFound, match=r"(?s)https://x\.org/猫\.jpg.*nothing is downloaded.*Save"):
            read("https://x.org/猫.jpg")


def test_only_pictures_are_offered_for_a_missing_one(folder: Path) -> None:
    (folder / "猫咪.jpg.txt").write_text("", "utf-8")
    with pytest.raises(ImageNotFound) as caught:
        image.read(folder / "猫咪.jpg")
    assert "mean" not in caught.value.hint
    image.write(folder / "照 片" / "a.png", bgr(picture()))
    with pytest.raises(ImageNotFound, match="'照 片'"):
        image.expand(folder / "照片")


@pytest.mark.parametrize("read", [image.read, image.expand, lambda data: image.expand([data])])
def test_none_is_what_opencv_gives_for_a_missing_file(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ImageTypeUnsupported, match=r"data is None: cv2\.imread found no file, or the camera"):
        read(None)


def test_one_image_is_not_many_but_a_list_of_one_is(folder: Path) -> None:
    path = image.write(folder / "图 片.jpg", bgr(picture()))
    array = np.zeros((4, 4, 3), np.uint8)
    for source, name in ((path, "图 片.jpg"), (str(path), "图 片.jpg"), (array, "image.jpg"), (picture(), "image.jpg")):
        images, many = image.expand(source)
        assert ([item.name for item in images], many) == ([name], False)
        assert image.expand([source])[1]
    assert image.expand(folder)[1]


def test_a_list_may_mix_everything(folder: Path) -> None:
    path = image.write(folder / "图 片.jpg", bgr(picture()))
    array = np.zeros((4, 4, 3), np.uint8)
    assert names([array, path, picture(), folder]) == ["image_0.jpg", "图 片.jpg", "image_2.jpg", "图 片_2.jpg"]
    assert names((str(path), array)) == ["图 片.jpg", "image_1.jpg"]


def test_four_dimensions_are_many_images() -> None:
    images, many = image.expand(np.zeros((3, 4, 4, 3), np.uint8))
    assert [item.name for item in images] == ["image_0.jpg", "image_1.jpg", "image_2.jpg"]
    assert many
    assert all(image.read(item.source).shape == (4, 4, 3) for item in images)


def test_names_are_unique_whatever_their_letter_case(folder: Path) -> None:
    wanted = ["1/a.png", "2/a.png", "3/A.PNG", "4/a_2.png", "5/b.png"]
    for name in wanted:
        image.write(folder / name, bgr(picture()))
    found = names([folder / name for name in wanted])
    assert found == ["a.png", "a_3.png", "A_4.PNG", "a_2.png", "b.png"]
    for one, other in itertools.combinations(found, 2):
        assert one.lower() != other.lower()


def test_the_name_of_a_result_can_always_be_written(folder: Path) -> None:
    (folder / "图 片.txt").write_bytes(WHOLE["PNG"])
    assert names(folder / "图 片.txt") == ["图 片.txt.jpg"]


def test_a_folder_without_images_says_so(folder: Path) -> None:
    (folder / "a.gif").write_bytes(b"")
    with pytest.raises(ImageNotFound, match="No image in the folder"):
        image.expand(folder)
    with pytest.raises(ImageNotFound, match="No image in the folder"):
        image.expand([folder])


def test_a_missing_path_in_a_list_is_named_before_anything_is_done(folder: Path) -> None:
    path = image.write(folder / "图 片.jpg", bgr(picture()))
    with pytest.raises(ImageNotFound, match="图 片_"):
        image.expand([path, folder / "图 片_.jpg"])


@pytest.mark.parametrize("source", [7, [], (), [[1, 2]], {}, np.zeros((0, 4, 4, 3), np.uint8)], ids=repr)
def test_what_can_mean_no_image_is_refused(source: Any) -> None:
    with pytest.raises(ImageTypeUnsupported) as caught:
        image.expand(source)
    assert "list" in caught.value.hint


def test_hints_are_chinese_where_the_user_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    with pytest.raises(ImageTypeUnsupported, match="图片路径"):
        image.read(None)  # type: ignore[arg-type]
    with pytest.raises(ImageUnsupported, match="支持的格式"):
        image.decode(FOREIGN["GIF"][0])
    with pytest.raises(ImageDamaged, match="重新保存"):
        image.decode(b"")
