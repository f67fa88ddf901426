"""What the bytes of an image file say about themselves: kind, size, and whether the file is whole.

Only ``BaseDT.image`` calls this. Nothing is decoded here, and no path, array or error class of ours comes in.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Literal, NamedTuple

from BaseDT.language import say

Kind = Literal["JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF", "AVIF"]

# fast: OpenCV gives the right colours by itself; alpha: OpenCV, then compose; careful: Pillow knows better.
Way = Literal["fast", "alpha", "careful"]


class Malformed(ValueError):
    """The bytes begin like an image but contradict themselves; the text says where."""


class Header(NamedTuple):
    """What the first bytes of a file tell.

    Attributes:
        kind: The format.
        width: In pixels, before any EXIF rotation; 0 where only Pillow can tell.
        height: Likewise.
        gray: One channel, no palette, no alpha.
        way: Which decoder gives the right pixels.
        scan: Where the first scan of a JPEG begins; 0 for other formats.
    """

    kind: Kind
    width: int
    height: int
    gray: bool
    way: Way
    scan: int = 0


_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_END = b"\xff\xd9"
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# What may follow a scan: tables, comments, application data, the next scan. Anything else is foreign data.
_BETWEEN_SCANS = frozenset({0xC4, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
# In compressed data 0xFF is followed by 0x00 (a stuffed byte) or by a restart marker; all else is a real marker.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")

_FOR_PILLOW = frozenset({b"tRNS", b"eXIf", b"acTL", b"fcTL", b"fdAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_OLD_NOTE = b"Raw profile type exif\0"
"""Where ImageMagick wrote EXIF before PNG had a chunk for it."""
_CHUNK = struct.Struct(">I4s")
_PNG_HEADER = struct.Struct(">IIBB")
_CRC = struct.Struct(">I")
_FRAME = struct.Struct(">BHHB")

_FOREIGN: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"GIF8", "a GIF", " GIF 动图"),
    (4, b"ftypavif", "an AVIF picture", " AVIF 图片"),
    (4, b"ftypavis", "an AVIF picture", " AVIF 图片"),
    (4, b"ftyphei", "a HEIC picture", " HEIC 图片"),
    (4, b"ftyphev", "a HEIC picture", " HEIC 图片"),
    (4, b"ftypmsf1", "a HEIC picture", " HEIC 图片"),
    (4, b"ftypmif1", "a HEIC picture", " HEIC 图片"),
    (4, b"ftyp", "an MP4 or MOV video", " MP4 或 MOV 视频"),
    (8, b"AVI ", "an AVI video", " AVI 视频"),
    (8, b"WAVE", "a WAV sound", " WAV 音频"),
    (0, b"\x1aE\xdf\xa3", "an MKV or WEBM video", " MKV 或 WEBM 视频"),
    (0, b"%PDF", "a PDF document", " PDF 文档"),
    (0, b"PK\x03\x04", "a ZIP archive or Office document", " ZIP 压缩包或 Office 文档"),
    (0, b"8BPS", "a Photoshop file", " Photoshop 文件"),
    (0, b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture", " JPEG 2000 图片"),
    (0, b"\x00\x00\x01\x00", "an ICO icon", " ICO 图标"),
    (0, b"<svg", "an SVG drawing", " SVG 矢量图"),
    (0, b"<!DOCTYPE", "an HTML page", " HTML 网页"),
    (0, b"<html", "an HTML page", " HTML 网页"),
)


def read_header(data: bytes) -> Header | None:
    """Read kind and size from the first bytes.

    Args:
        data: The whole file.

    Returns:
        The header, or None where the bytes are of no kind that we read.

    Raises:
        Malformed: If the header is cut off or contradicts itself (PNG: any part).
    """
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg_header(data)
        if data.startswith(b"\x89PNG"):
            return _png_header(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_header(data)
        if data.startswith(b"BM"):
            return _bmp_header(data)
        if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
            return Header("TIFF", 0, 0, False, "careful")
    except (IndexError, struct.error):
        raise Malformed(say("it is cut off", "文件不完整")) from None
    return None


def _jpeg_header(data: bytes) -> Header:
    position, width, height, components = 2, 0, 0, 0
    while True:
        # Decoders skip stray bytes between segments, so we do as well.
        if data[position] != 0xFF and (position := data.find(b"\xff", position)) < 0:
            raise Malformed(say("it is cut off", "文件不完整"))
        marker = data[position + 1]
        if marker == _START_OF_SCAN:
            break
        if marker == _END_OF_IMAGE:
            raise Malformed(say("there is no picture before the end marker", "结束标记之前没有图像"))
        if marker == 0xFF:  # any number of these may fill up before a marker
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        else:
            if marker in _START_OF_FRAME:
                _, height, width, components = _FRAME.unpack_from(data, position + 4)
            position += 2 + (data[position + 2] << 8 | data[position + 3])
    if not components:
        raise Malformed(say("the frame header is missing", "缺少图像的头信息"))
    # Older decoders of OpenCV take every CMYK file for an inverted one.
    return Header("JPEG", width, height, components == 1, "careful" if components == 4 else "fast", position)


def _png_header(data: bytes) -> Header:
    if not data.startswith(_PNG_SIGNATURE):
        raise Malformed(
            say(
                "the PNG signature is changed, as by a transfer in text mode",
                "PNG 文件头被改动，可能是用文本方式传输造成的",
            )
        )
    width, height, _, colour = _PNG_HEADER.unpack_from(data, 16)
    position, chunks, told = 8, set(), False
    while b"IEND" not in chunks:
        length, name = _CHUNK.unpack_from(data, position)
        chunks.add(name)
        told = told or (name in _TEXTS and data.startswith(_OLD_NOTE, position + 8))
        position += 12 + length
    if position > len(data):
        raise Malformed(say("it is cut off", "文件不完整"))
    if b"IDAT" not in chunks:
        raise Malformed(say("there are no pixels in it", "其中没有像素"))
    way: Way = "fast"
    # A transparent colour, or a rotation: OpenCV's versions differ in what they make of these. Pillow does both. Of an
    # animation OpenCV reads black where the first picture is none of its frames; a broken one ends the program.
    if told or chunks & _FOR_PILLOW:
        way = "careful"
    elif colour & 4:  # the bit of an alpha channel
        way = "alpha"
    return Header("PNG", width, height, colour == 0 and way == "fast", way)


def _webp_header(data: bytes) -> Header:
    # Three layouts: lossy, lossless, and extended, whose own header holds the size of the canvas. Numbers are written
    # less one in the last two, in 14 and in 24 bits (RFC 9649).
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF, False, "fast")
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        way: Way = "careful" if bits >> 28 & 1 else "fast"
        return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False, way)
    if form == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        alpha_exif_or_animation = data[20] & 0x1A  # bits 4, 3 and 1
        return Header("WEBP", width, height, False, "careful" if alpha_exif_or_animation else "fast")
    raise Malformed(say(f"the chunk {form!r} is no WEBP picture", f"数据块 {form!r} 不是 WEBP 图像"))


def _bmp_header(data: bytes) -> Header:
    # 12 bytes: the header of OS/2, with numbers of 16 bits. A negative height: the rows are stored from the top.
    (header_size,) = struct.unpack_from("<I", data, 14)
    width, height, _, bits = struct.unpack_from("<HHHH" if header_size == 12 else "<iiHH", data, 18)
    return Header("BMP", abs(width), abs(height), False, "careful" if bits == 32 else "fast")  # 32: there may be alpha


def fault(data: bytes, header: Header, *, strict: bool) -> str:
    """Say what is wrong with the structure of a file, or return an empty text.

    Args:
        data: The whole file.
        header: What ``read_header`` found.
        strict: Walk the structure to its end; otherwise only look for the end marker.
    """
    if header.kind == "JPEG":
        # Phones append data (a second picture, a video) behind the end marker.
        if not data.endswith(_JPEG_END) and data.rfind(_JPEG_END, header.scan) < 0:
            return say("the end is missing", "文件不完整，缺少结尾")
        try:
            return _jpeg_fault(data, header.scan) if strict else ""
        except IndexError:  # a marker is the last that there is
            return say("the end is missing", "文件不完整，缺少结尾")
    return _png_fault(data) if strict and header.kind == "PNG" else ""


def _jpeg_fault(data: bytes, position: int) -> str:
    """Walk from the first scan to the end marker."""
    while True:
        # Behind the segment's own length: for a scan its compressed data, for all others the next marker at once.
        body = position + 2 + (data[position + 2] << 8 | data[position + 3])
        marker_match = _MARKER.search(data, body)
        if marker_match is None:
            return say("the end is missing", "文件不完整，缺少结尾")
        if data[position + 1] == _START_OF_SCAN and not _restarts_in_order(data, body, marker_match.start()):
            return say(
                f"a part is missing or repeated between bytes {body} and {marker_match.start()}",
                f"在字节 {body} 和 {marker_match.start()} 之间有一部分缺失或重复",
            )
        position, marker = marker_match.start(), data[marker_match.start() + 1]
        if marker == _END_OF_IMAGE:
            return ""
        if marker not in _BETWEEN_SCANS:
            return say(f"there is foreign data at byte {position}", f"字节 {position} 处有不属于图片的数据")


def _restarts_in_order(data: bytes, begin: int, end: int) -> bool:
    """Tell whether the restart markers of a scan count 0 to 7 and round again.

    Decoders start anew at each, and so hide that a part of the file is missing or was written twice.
    """
    return all(number[0] == 0xD0 + i % 8 for i, number in enumerate(_RESTART.findall(data, begin, end)))


def _png_fault(data: bytes) -> str:
    """Compare the checksum of every chunk; ``read_header`` found that they are all there."""
    view, position, name = memoryview(data), 8, b""
    while name != b"IEND":
        length, name = _CHUNK.unpack_from(data, position)
        (expected,) = _CRC.unpack_from(data, position + 8 + length)
        if zlib.crc32(view[position + 4 : position + 8 + length]) != expected:
            return say(
                f"the checksum of the part {name!r} at byte {position} is wrong",
                f"字节 {position} 处的 {name!r} 部分校验和不正确",
            )
        position += 12 + length
    return ""


def describe(data: bytes) -> str:
    """Name what the bytes are when they are no image that we read, for a message."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for offset, magic, en, zh in _FOREIGN:
        if (start if offset == 0 else data)[offset : offset + len(magic)].lower() == magic.lower():
            return say(en, zh)
    return say("text", "文本") if _looks_like_text(data[:4096]) else say("data of an unknown kind", "未知类型的数据")


def _looks_like_text(head: bytes) -> bool:
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return False
    for encoding in ("utf-8", "gbk"):
        try:
            # A character cut at the end of the sample is no reason to doubt.
            head.decode(encoding, errors="strict" if len(head) < 4096 else "ignore")
        except UnicodeDecodeError:
            continue
        return True
    return False
