"""Pictures whose values are numbers: read as they are stored, and written with a palette."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.errors import ImageDamaged, ImageUnsupported
from BaseDT.image.values import decode_values, palette_of, write_values

NUMBERS = (np.arange(12 * 16) % 7).astype(np.uint8).reshape(12, 16)


def png(drawn: Image.Image, **how: object) -> bytes:
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG", **how)
    return buffer.getvalue()


def test_a_palette_and_gray_of_any_depth_are_numbers() -> None:
    drawn = Image.fromarray(NUMBERS)
    assert (decode_values(png(drawn)) == NUMBERS).all()
    assert (decode_values(png(drawn.convert("LA"))) == NUMBERS).all()
    drawn.putpalette([value for number in range(7) for value in (200 - number, 9, number)])
    assert (decode_values(png(drawn)) == NUMBERS).all()
    assert (decode_values(png(drawn, transparency=0)) == NUMBERS).all()
    wide = NUMBERS.astype(np.uint16) * 9000
    assert (decode_values(png(Image.fromarray(wide))) == wide).all()


def test_colours_stay_colours() -> None:
    colours = np.stack([NUMBERS, NUMBERS * 2, NUMBERS * 3], axis=-1)
    assert (decode_values(png(Image.fromarray(colours))) == colours).all()


def test_colours_of_a_palette_where_they_mean_something() -> None:
    palette = [(0, 0, 0), (9, 9, 200), (200, 9, 9)]
    drawn = Image.fromarray(NUMBERS % 3)
    drawn.putpalette([value for colour in palette for value in colour])
    data = png(drawn)
    assert decode_values(data, among=palette).shape == (12, 16, 3)
    assert decode_values(data, among=palette[:2]).shape == (12, 16)
    assert palette_of(data)[:3] == tuple(palette)
    assert palette_of(b"no picture") == ()


def test_what_is_rotated_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (decode_values(png(Image.fromarray(NUMBERS), exif=exif)) == np.rot90(NUMBERS, -1)).all()


@pytest.mark.parametrize("colours", [(), ((1, 2, 3),), tuple((i, 0, 0) for i in range(256))])
def test_numbers_are_written_as_they_are(tmp_path: Path, colours: tuple[tuple[int, int, int], ...]) -> None:
    path = write_values(tmp_path / "数据 集" / "图 片.png", NUMBERS, colours)
    assert (decode_values(path.read_bytes(), strict=True) == NUMBERS).all()
    with Image.open(path) as opened:
        assert opened.mode == "P"


def test_what_is_no_whole_picture_is_refused() -> None:
    data = png(Image.fromarray(NUMBERS))
    with pytest.raises(ImageDamaged):
        decode_values(data[:-20])
    spoiled = bytearray(data)
    spoiled[50] ^= 255
    with pytest.raises(ImageDamaged):
        decode_values(bytes(spoiled), strict=True)
    with pytest.raises(ImageUnsupported):
        decode_values(b"GIF89a")
