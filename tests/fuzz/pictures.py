"""Broken pictures: read alone, checked as a data set's, put into a network's form."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from BaseDT.dataset.check import check_images
from BaseDT.dataset.samples import Sample
from BaseDT.image import decode, read
from BaseDT.preprocess import Preprocess
from fuzz.mutate import Rng, pick, spoiled


class Pictures:
    """Small pictures of every kind and mode, spoiled."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "图 片.jpg"
        self._seeds = [data for _, data in sorted(seeds().items())]
        self._preprocess = Preprocess((16, 16), resize="letterbox", pad_value=9)
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        data = spoiled(rng, pick(rng, self._seeds))
        if data.startswith(b"\x89PNG") and rng.integers(2):
            data = with_right_checksums(data)
        if rng.integers(20) == 0:
            data += pick(rng, self._seeds)
        self.thrown = data
        gray = bool(rng.integers(2))
        match int(rng.integers(5)):
            case 0:
                decode(data, name="x", gray=gray, strict=True)
            case 1:
                decode(data, name="x", gray=gray, short_side=int(rng.integers(1, 40)))
            case 2:
                self._file.write_bytes(data)
                check_images([Sample(self._file, 0)])
            case 3:
                self._file.write_bytes(data)
                self._preprocess(read(self._file, gray=gray))
            case _:
                with Image.open(io.BytesIO(_openable(data))) as opened:
                    read(opened, gray=gray)


def _openable(data: bytes) -> bytes:
    """What Pillow cannot open, the user's own call refuses: nothing of ours is asked then."""
    try:
        with Image.open(io.BytesIO(data)):
            return data
    except Exception:  # noqa: BLE001 — Pillow's, not ours
        return _encoded(Image.new("RGB", (8, 8)), "PNG")


def seeds() -> dict[str, bytes]:
    """Return small pictures by name: every format, mode and odd feature that is read or refused."""
    rng = np.random.default_rng(0)
    colour = Image.fromarray(rng.integers(0, 255, (24, 36, 3), dtype=np.uint8))
    gray, alpha = colour.convert("L"), colour.convert("RGBA")
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [colour.rotate(90), colour.rotate(180)]}
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", "\nexif\n      10\n45786966000049492a00\n", zip=True)
    made = {
        "jpeg": _encoded(colour, "JPEG"),
        "jpeg progressive": _encoded(colour, "JPEG", progressive=True, exif=exif),
        "jpeg gray": _encoded(gray, "JPEG"),
        "jpeg cmyk": _encoded(colour.convert("CMYK"), "JPEG"),
        "png": _encoded(colour, "PNG", exif=exif),
        "png gray": _encoded(gray, "PNG", pnginfo=text),
        "png alpha": _encoded(alpha, "PNG"),
        "png palette": _encoded(colour.convert("P"), "PNG", transparency=3),
        "png one bit": _encoded(gray.convert("1"), "PNG"),
        "png 16": _encoded(Image.fromarray(rng.integers(0, 65535, (24, 36), dtype=np.uint16)), "PNG"),
        "apng": _encoded(colour, "PNG", **frames),
        "gif": _encoded(colour, "GIF", **frames),
        "webp": _encoded(colour, "WEBP"),
        "webp lossless": _encoded(alpha, "WEBP", lossless=True, exif=exif),
        "webp animated": _encoded(colour, "WEBP", **frames),
        "bmp": _encoded(colour, "BMP"),
        "bmp palette": _encoded(colour.convert("P"), "BMP"),
        "bmp 32": _encoded(alpha, "BMP"),
        "tiff": _encoded(colour, "TIFF", exif=exif),
        "tiff lzw": _encoded(colour, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": _encoded(colour, "TIFF", compression="jpeg"),
        "tiff float": _encoded(gray.convert("F"), "TIFF"),
        "tiff packbits": _encoded(gray.convert("1"), "TIFF", compression="packbits"),
        "ico": _encoded(alpha.resize((32, 32)), "ICO"),
        "nothing": b"",
        "text": "不是图片\n".encode("gbk"),
    }
    for brand in (b"heic", b"mif1", b"avif", b"isom"):
        box = struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, brand)
        made[f"container {brand.decode()}"] = box + struct.pack(">I4sI", 12, b"meta", 0) + rng.bytes(200)
    return made


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_right_checksums(data: bytes) -> bytes:
    """Mend the checksums of a PNG's chunks, so that the damage reaches the decoder behind them."""
    out, position = bytearray(data[:8]), 8
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        body = data[position + 4 : position + 8 + length]
        if length > len(data):
            break
        out += struct.pack(">I", length) + body + struct.pack(">I", zlib.crc32(body))
        position += 12 + length
    return bytes(out) + data[position:]
