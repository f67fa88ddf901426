"""16-bit pictures with values of fewer bits: found in a set, said, and read stretched."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.errors import ParameterInvalid


def write(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())
    return path


def ramp(highest: int, dtype: type = np.uint16) -> np.ndarray:
    return np.linspace(0, highest, 30 * 40).reshape(30, 40).astype(dtype)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize(
    ("highest", "bits"),
    [
        ([199, 199], 8),
        ([0], 8),
        ([256], 9),
        ([900, 4095], 12),
        ([4096], 13),
        ([16383], 14),
        ([16384], 16),
        ([9, 60000], 16),
    ],
)
def test_the_brightest_picture_of_a_set_decides(tmp_path: Path, suffix: str, highest: list[int], bits: int) -> None:
    paths = [write(tmp_path / f"图 {i}{suffix}", ramp(value)) for i, value in enumerate(highest)]
    assert stored_bits(paths) == bits
    assert len(list(depth_notes(bits))) == (bits < 16)


def test_what_has_no_16_bits_or_cannot_be_read_is_no_matter(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.png", ramp(9, np.uint8)),
        *(tmp_path / f"{name}" for name in ("no.png", "b.png", "c.jpg")),
    ]
    paths[2].write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 16 + b"\x10")
    Image.new("L", (8, 8)).save(paths[3])
    assert stored_bits(paths) is None
    assert stored_bits([]) is None
    assert list(depth_notes(None)) == []


def test_an_alpha_channel_says_nothing_of_the_light(tmp_path: Path) -> None:
    opaque = np.dstack([ramp(4000)] * 3 + [np.full((30, 40), 65535, np.uint16)])
    assert stored_bits([write(tmp_path / "a.png", opaque)]) == 12


def test_among_pictures_of_8_bits_few_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    monkeypatch.setattr("BaseDT.dataset.depth._brightest", looked.append)
    stored_bits([tmp_path / f"{number}.png" for number in range(10_000)])
    assert len(looked) == 8
    assert looked[0].name == "0.png"
    assert looked[-1].name == "9999.png"


def test_a_check_and_a_new_set_say_it(tmp_path: Path) -> None:
    for name in ("猫", "狗"):
        for number in range(3):
            write(tmp_path / "源" / name / f"{number}.png", ramp(4095))
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源", "IMAGENET", 1, 0, 0)
    assert any("use 12 of them" in note for note in report.notes)
    assert any("use 12 of them" in note for note in DataSet(tmp_path / "新").check().notes)


def _turned(path: Path) -> Path:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(path).save(path.with_name("turned.png"), exif=exif)
    return path.with_name("turned.png")


@pytest.mark.parametrize("gray", [False, True])
def test_every_door_reads_the_same_twelve_bits(tmp_path: Path, gray: bool) -> None:
    wide = ramp(4095)
    coloured, opaque = np.dstack([wide] * 3), np.dstack([wide] * 3 + [np.full((30, 40), 65535, np.uint16)])
    path = write(tmp_path / "a.png", wide)
    sources: list[image.ImageSource] = [wide, coloured, opaque, Image.open(path), path]
    sources += [write(tmp_path / "b.tif", wide), write(tmp_path / "c.png", coloured), write(tmp_path / "d.png", opaque)]
    expected = (wide >> 4).astype(np.uint8)
    for source in sources:
        pixels = image.read(source, gray=gray, bits=12)
        assert pixels.dtype == np.uint8
        assert (pixels == (expected if gray else expected[:, :, None])).all(), source
    turned = image.read(_turned(path), gray=gray, bits=12)
    assert (turned == image.read(np.rot90(wide, -1), gray=gray, bits=12)).all()


def test_what_is_brighter_is_white_and_eight_bits_stay(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", np.full((4, 4), 5000, np.uint16))
    assert (image.read(path, bits=12) == 255).all()
    small = ramp(199, np.uint8)
    for suffix in (".png", ".bmp", ".tif"):
        assert (image.read(write(tmp_path / f"b{suffix}", small), gray=True, bits=12) == small).all()


def test_half_transparent_is_half_transparent(tmp_path: Path) -> None:
    half = np.dstack([np.zeros((4, 4, 3), np.uint16), np.full((4, 4), 32768, np.uint16)])
    assert abs(int(image.read(half, bits=12)[0, 0, 0]) - 127) <= 1


@pytest.mark.parametrize("bits", [7, 17, 12.5, "12", True, None])
def test_bits_that_cannot_be(bits: object) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        image.read(ramp(9), bits=bits)  # type: ignore[arg-type]
    assert "from 8 to 16" in caught.value.hint


def test_pictures_that_differ_in_their_low_bits_are_not_the_same(tmp_path: Path) -> None:
    """Where the short mark of a picture does not look, too."""
    for name, value in (("猫", 200), ("狗", 10)):
        pixels = ramp(250)
        pixels[3:6] = value
        write(tmp_path / "集" / "training_set" / name / "0.png", pixels)
        write(tmp_path / "集" / "training_set" / name / "1.png", ramp(3000 + value))
    assert not [note for note in DataSet(tmp_path / "集").check().notes if "the same" in note]
