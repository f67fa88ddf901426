"""What is taken for a picture, and with which sentence the rest is refused."""

from __future__ import annotations

import io
import struct
import time
import zlib
from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.MMEdu.studio.projects.conftest import Encoded

from BaseDT.errors import ImageDamaged, ImageUnsupported, XEduError
from MMEdu.studio.projects.intake import looked_at

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
FILM = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(500)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of some bytes that says it is that large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_picture_is_what_its_bytes_are_whatever_it_is_called(kind: str) -> None:
    looked = looked_at(saved(Image.new("RGB", (64, 48)), kind), "x.exe")
    suffix = {"JPEG": ".jpg", "TIFF": ".tif"}.get(kind, f".{kind.lower()}")
    assert (looked.suffix, looked.width, looked.height) == (suffix, 64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_odd_modes_are_taken_in(mode: str) -> None:
    picture = Image.new(mode, (32, 24))
    looked = looked_at(saved(picture, "JPEG" if mode == "CMYK" else "PNG"), "odd")
    assert (looked.width, looked.height) == (32, 24)


def test_a_camera_that_was_held_upright_gives_an_upright_thumbnail() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[:, :200] = 255  # white on the left; turned by 90° to the right it is above
    exif = Image.Exif()
    exif[0x0112] = 6
    looked = looked_at(saved(Image.fromarray(pixels), "JPEG", exif=exif), "phone.jpg")
    assert (looked.width, looked.height) == (300, 400)
    thumb = cv2.imdecode(np.frombuffer(looked.thumb, np.uint8), cv2.IMREAD_COLOR)
    assert thumb.shape[:2] == (160, 120)
    assert thumb[:70].mean() > 240
    assert thumb[90:].mean() < 15


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (FILM, "film.mp4 is an MP4 or MOV film", "camera"),
        (b"RIFF\0\0\0\0AVI LIST" + bytes(99), "an AVI film", "camera"),
        (b"\x1aE\xdf\xa3" + bytes(99), "an MKV or WEBM film", "camera"),
        (b"GIF89a" + bytes(99), "GIF", "jpg"),
        (b"%PDF-1.7", "PDF", "jpg"),
        (b"hello", "text", "jpg"),
        (claiming(8000, 5001), "8000×5001 pixels, more than 40 megapixels", "smaller"),
        (b"\xff\xd8" + bytes(21 * 1024 * 1024), "20 MB", "smaller"),
    ],
)
def test_what_is_no_picture_is_named_and_a_way_out_is_said(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(ImageUnsupported) as caught:
        looked_at(data, "film.mp4")
    assert message in caught.value.message
    assert "film.mp4" in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="here HEIC is read")
def test_a_heic_is_named_with_what_makes_it_readable() -> None:
    with pytest.raises(ImageUnsupported, match=r"IMG_1\.HEIC.*HEIC picture") as caught:
        looked_at(HEIC, "IMG_1.HEIC")
    assert "mmedu[heic]" in caught.value.hint
    assert "JPEG" in caught.value.hint


def test_a_damaged_file_is_refused_by_name(encoded: Encoded) -> None:
    whole = encoded(size=(200, 200))
    for data in (whole[: len(whole) // 2], b"", bytes(1000), claiming(10, 10)):
        with pytest.raises(XEduError, match=r"bad\.jpg") as caught:
            looked_at(data, "bad.jpg")
        assert isinstance(caught.value, (ImageDamaged, ImageUnsupported))
        assert caught.value.hint


def test_damage_that_decoders_forgive_is_found(encoded: Encoded) -> None:
    data = bytearray(encoded(suffix=".png"))
    data[data.index(b"IEND") + 4] ^= 1  # its checksum
    with pytest.raises(ImageDamaged, match="checksum"):
        looked_at(bytes(data), "bad.png")


def test_a_tiff_says_its_size_late_and_is_refused_all_the_same() -> None:
    data = saved(Image.new("1", (8000, 5001)), "TIFF", compression="group4")
    assert len(data) < 100_000
    with pytest.raises(ImageUnsupported, match="8000×5001"):
        looked_at(data, "large.tif")


def test_a_frame_of_a_camera_costs_milliseconds(encoded: Encoded) -> None:
    frame = encoded(size=(480, 640))
    took = []
    for _ in range(20):
        start = time.perf_counter()
        looked_at(frame, "")
        took.append(time.perf_counter() - start)
    assert sorted(took)[5] < 0.015
