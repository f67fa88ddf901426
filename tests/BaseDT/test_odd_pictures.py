"""Pictures that a decoder reads wrongly, or that end the program: who reads them is decided by their structure."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from BaseDT.dataset.upright import Head, head_of_decoded
from BaseDT.errors import ImageDamaged, ImageTypeUnsupported, MemoryExhausted, ParameterInvalid
from BaseDT.image import decode, read, write


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _pixels(level: int) -> bytes:
    return zlib.compress(b"".join(b"\0" + bytes([level] * 24) for _ in range(6)))


def _frame(number: int) -> bytes:
    return _chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 8, 6, 0, 0, 1, 10, 0, 0))


def _apng(*, default_is_a_frame: bool) -> bytes:
    """An animation of 8×6 pixels; its default picture has the level 200, the frames behind it 10 and 20."""
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 6, 8, 2, 0, 0, 0))
    first = _frame(0) if default_is_a_frame else b""
    start = int(default_is_a_frame)
    frames = b"".join(
        _frame(start + 2 * i) + _chunk(b"fdAT", struct.pack(">I", start + 2 * i + 1) + _pixels(level))
        for i, level in enumerate((10, 20))
    )
    control = _chunk(b"acTL", struct.pack(">II", 2 + start, 0))
    return head + control + first + _chunk(b"IDAT", _pixels(200)) + frames + _chunk(b"IEND", b"")


@pytest.mark.parametrize("default_is_a_frame", [False, True])
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("strict", [False, True])
def test_an_animation_is_read_as_its_default_picture(default_is_a_frame: bool, gray: bool, strict: bool) -> None:
    pixels = decode(_apng(default_is_a_frame=default_is_a_frame), gray=gray, strict=strict)
    assert pixels.shape[:2] == (6, 8)
    assert (pixels == 200).all()


def test_a_broken_animation_does_not_end_the_program() -> None:
    """The fuzzer found it: OpenCV 5.0 ends the process (SIGABRT) while it decodes these bytes."""
    file = Path(__file__).parents[1] / "fuzz" / "found" / "broken_animation.png"
    program = "import sys; from BaseDT.image import read; read(sys.argv[1])"
    command = [sys.executable, "-c", program, str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "Error Code: -205" in done.stderr


@pytest.mark.parametrize("packed", [True, False])
def test_the_orientation_that_imagemagick_wrote_is_applied(tmp_path: Path, packed: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    note = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(note):8}\n{note.hex()}\n", zip=packed)
    pixels = np.zeros((6, 8, 3), np.uint8)
    pixels[0, 0] = 250
    Image.fromarray(pixels).save(tmp_path / "竖.png", pnginfo=text)
    turned = read(tmp_path / "竖.png")
    assert turned.shape == (8, 6, 3)
    assert turned[0, 5].tolist() == [250, 250, 250]  # the stored upper left corner, a quarter to the right
    data = (tmp_path / "竖.png").read_bytes()
    assert head_of_decoded(tmp_path / "竖.png", data, (8, 6)) == Head(6, 8, 6)


def test_a_tiff_that_claims_more_than_it_holds_is_damaged() -> None:
    out = io.BytesIO()
    Image.new("RGB", (36, 24), (9, 9, 9)).save(out, "TIFF")
    data = out.getvalue()
    assert decode(data).shape == (24, 36, 3)
    height = (
        data.index(struct.pack("<HHI", 257, 4, 1))
        if struct.pack("<HHI", 257, 4, 1) in data
        else data.index(b"\x01\x01")
    )
    claimed = data[: height + 8] + struct.pack("<I", 100_000) + data[height + 12 :]
    with pytest.raises(ImageDamaged, match="strips hold 36×24 of 36×100000"):
        decode(claimed)


def test_a_picture_that_does_not_fit_into_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(self: Image.Image) -> None:
        raise MemoryError

    image = Image.new("RGB", (4, 4))
    out = io.BytesIO()
    image.save(out, "TIFF")
    monkeypatch.setattr("PIL.TiffImagePlugin.TiffImageFile.load", none_left)
    monkeypatch.setattr(Image.Image, "load", none_left)
    for source in (lambda: decode(out.getvalue()), lambda: read(image)):
        with pytest.raises(MemoryExhausted) as caught:
            source()
        assert caught.value.hint


def test_a_lazily_opened_picture_with_broken_notes_is_damaged(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG", exif=b"Exif\0\0II*\0\x08")
    with Image.open(io.BytesIO(out.getvalue())) as opened, pytest.raises(ImageDamaged):
        read(opened)


@pytest.mark.parametrize("wrong", [np.zeros(3, np.uint8), "text", None, 5, bytearray(b"a")])
def test_what_is_no_bytes_is_no_picture(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(ImageTypeUnsupported):
        decode(wrong)  # type: ignore[arg-type]


def test_flags_and_pixels_of_another_type_are_named(tmp_path: Path) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    for call in (
        lambda: read(picture, gray=np.array([1, 2])),  # type: ignore[arg-type]
        lambda: decode(b"", strict=np.array([1, 2])),  # type: ignore[arg-type]
    ):
        with pytest.raises(ParameterInvalid):
            call()
    with pytest.raises(ImageTypeUnsupported):
        write(tmp_path / "a.png", int)  # type: ignore[arg-type]
    assert not (tmp_path / "a.png").exists()


def test_a_jpeg_that_ends_within_a_marker_is_damaged() -> None:
    data = cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8))[1].tobytes()
    broken = data[:-2] + bytes.fromhex("ffc40004ffd9ffda")
    with pytest.raises(ImageDamaged):
        decode(broken, strict=True)
