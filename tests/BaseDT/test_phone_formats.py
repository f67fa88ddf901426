"""HEIC and AVIF: read where a decoder is there, counted and named where none is."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from PIL import Image, features

from BaseDT import image
from BaseDT.dataset import imagenet, scan
from BaseDT.dataset.coco import load
from BaseDT.dataset.directions import Head
from BaseDT.dataset.upright import head_of
from BaseDT.errors import ImageDamaged, ImageUnsupported
from BaseDT.image import phone_formats

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow decodes no AVIF")


@pytest.fixture
def _no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_formats, "readable", frozenset)
    monkeypatch.setattr(scan, "PICTURES", image.IMAGE_SUFFIXES | {".gif"})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (HEIC, "HEIF"),
        (b"\0\0\0\x18ftyphevc", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypisom", ""),
        (b"", ""),
        (b"\xff\xd8\xff", ""),
    ],
)
def test_the_kind_of_a_file(data: bytes, kind: str) -> None:
    assert phone_formats.kind_of(data) == kind


@needs_avif
@pytest.mark.parametrize("name", ["照 片.avif", "named wrongly.jpg"])
def test_avif_is_read(tmp_path: Path, name: str) -> None:
    pixels = np.full((30, 40, 3), (200, 30, 60), np.uint8)
    Image.fromarray(pixels).save(tmp_path / name, format="AVIF", quality=95)
    read = image.read(tmp_path / name)
    assert read.shape == (30, 40, 3)
    assert np.abs(read[:, :, ::-1].astype(int) - pixels).max() < 12
    (named,), _ = image.expand([tmp_path / name])
    assert named.name.endswith(".jpg")


@needs_avif
def test_a_cut_avif_is_damaged(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "a.avif")
    data = (tmp_path / "a.avif").read_bytes()
    with pytest.raises(ImageDamaged):
        image.decode(data[: len(data) // 3], name="a.avif")


@pytest.mark.usefixtures("_no_decoder")
def test_heic_without_a_decoder_names_the_way_out() -> None:
    with pytest.raises(ImageUnsupported, match="it is a HEIC picture") as caught:
        image.decode(HEIC, name="IMG_1.HEIC")
    assert phone_formats.INSTALL in caught.value.hint


@pytest.mark.usefixtures("_no_decoder")
def test_a_folder_with_heic_says_how_many(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    for name in ("b.heic", "C.HEIC", "d.avif"):
        (tmp_path / name).write_bytes(HEIC)
    assert [one.name for one in image.expand(tmp_path)[0]] == ["a.png"]
    assert "3 HEIC or AVIF pictures" in image.passed_over(tmp_path)
    assert phone_formats.INSTALL in image.passed_over(tmp_path)


@pytest.mark.usefixtures("_no_decoder")
def test_a_data_set_with_heic_says_how_many(dataset: Path) -> None:
    for number in range(2):
        (dataset / "training_set" / "猫" / f"{number}.heic").write_bytes(HEIC)
    notes = imagenet.load(dataset).notes
    assert any(note.startswith("2 HEIC or AVIF pictures cannot be read here: not used.") for note in notes)


@pytest.fixture
def _decoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that decodes the bytes above as a gray picture, as pillow-heif registers itself."""

    def opened(file: IO[bytes], name: object) -> Image.Image:
        file.close()
        return Image.new("RGB", (40, 30), (10, 20, 30))

    def register() -> None:
        Image.register_open("HEIF", opened, lambda head: head[4:8] == b"ftyp")  # type: ignore[arg-type]

    monkeypatch.setitem(sys.modules, "pillow_heif", types.SimpleNamespace(register_heif_opener=register))
    monkeypatch.setattr(phone_formats, "readable", lambda: frozenset({".heic", ".heif"}))
    phone_formats._register.cache_clear()
    before = list(Image.ID)
    yield
    phone_formats._register.cache_clear()
    Image.ID[:] = before
    Image.OPEN.pop("HEIF", None)


@pytest.mark.usefixtures("_decoder")
def test_heic_is_read_where_its_decoder_is(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(HEIC)
    assert image.read(tmp_path / "a.heic").tolist()[0][0] == [30, 20, 10]
    assert [one.name for one in image.expand(tmp_path)[0]] == ["a.heic.jpg"]
    assert image.passed_over(tmp_path) == ""


@pytest.mark.usefixtures("_decoder")
def test_the_head_of_heic_is_read_before_any_picture(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(HEIC)
    assert head_of(tmp_path / "a.heic") == Head(30, 40)


def test_pictures_of_detection_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PICTURES", image.IMAGE_SUFFIXES)
    for name in ("a.png", "b.heic"):
        path = tmp_path / "images" / "train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path, format="PNG")
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "train.json").write_text(
        '{"images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 8}], '
        '"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]}], '
        '"categories": [{"id": 1, "name": "a"}]}',
        encoding="utf-8",
    )
    assert any(note.startswith("1 HEIC or AVIF pictures cannot be read here") for note in load(tmp_path).notes)
