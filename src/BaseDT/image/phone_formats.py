"""HEIC and AVIF, as telephones write them: read where a decoder is installed, else counted and named.

``BaseDT.image`` and the readers of data sets call this. No decoder is loaded before a picture needs it.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec

from BaseDT.language import say

INSTALL = 'pip install "mmedu[heic]"'
SUFFIXES = {".heic": "HEIF", ".heif": "HEIF", ".avif": "AVIF"}
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"mif1": "HEIF", b"msf1": "HEIF", b"hei": "HEIF", b"hev": "HEIF"}


def kind_of(data: bytes) -> str:
    """Return ``'HEIF'`` or ``'AVIF'`` by the first bytes of a file; empty for every other one."""
    if data[4:8] != b"ftyp":
        return ""
    kind = next((kind for brand, kind in _BRANDS.items() if data[8:12].startswith(brand)), "")
    # A general brand in front: the compatible ones tell what is in it.
    return "AVIF" if kind == "HEIF" and data[8:12] in (b"mif1", b"msf1") and b"avif" in data[16:64] else kind


@functools.cache
def readable() -> frozenset[str]:
    """Return the suffixes of these formats that this computer can read."""
    heif = find_spec("pillow_heif") is not None
    avif = find_spec("PIL._avif") is not None
    return frozenset(s for s, kind in SUFFIXES.items() if (heif if kind == "HEIF" else avif))


def is_readable(kind: str) -> bool:
    """Tell whether pictures of a kind can be read here; loads the decoder of HEIC."""
    if not any(SUFFIXES[suffix] == kind for suffix in readable()):
        return False
    if kind == "HEIF":
        _register()
    return True


def load_decoder(suffix: str) -> None:
    """Load what Pillow needs to open files of a suffix."""
    if kind := SUFFIXES.get(suffix.lower()):
        is_readable(kind)


@functools.cache
def _register() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def way_out() -> str:
    """Return the command that makes them readable."""
    return say(
        f"HEIC pictures need a decoder: {INSTALL}, AVIF a newer Pillow; or save them as JPEG.",
        f"读取 HEIC 图片需要安装：{INSTALL}，读取 AVIF 需要较新的 Pillow；或另存为 JPEG。",
    )
