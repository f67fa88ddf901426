"""The sentences with which ``BaseDT.image`` refuses what it cannot read.

Only ``BaseDT.image`` and its private modules call this. Of files it reads names only, beside a missing one.
"""

from __future__ import annotations

import re
from pathlib import Path

from BaseDT.errors import ImageDamaged, ImageNotFound, ImageTypeUnsupported, ImageUnsupported, did_you_mean
from BaseDT.image import phone_formats
from BaseDT.language import english, say

IMAGE_SUFFIXES: frozenset[str] = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})

# As Path writes it; a drive of Windows has one letter.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def readable_suffixes() -> frozenset[str]:
    """Return the suffixes of pictures that are read; ``IMAGE_SUFFIXES`` are those that are written, too."""
    return IMAGE_SUFFIXES | phone_formats.readable()


def suffix_hint() -> str:
    """Return the line that lists what can be read."""
    suffixes = " ".join(sorted(readable_suffixes()))
    return say(f"Supported: {suffixes}", f"支持的格式：{suffixes}")


def not_found(path: Path) -> ImageNotFound:
    """There is nothing at this path."""
    if _ADDRESS.match(path.as_posix()):
        return _address(path)
    try:
        near = did_you_mean(path.name, [file.name for file in path.parent.iterdir() if _could_be_meant(file, path)])
    except (OSError, ValueError):
        near = ""
    folder = Path.cwd() if not path.is_absolute() else path.parent
    hint = say(f"Looked from {folder}.", f"查找位置：{folder}。")
    return ImageNotFound(say(f"No such file: {path}.", f"找不到文件：{path}。"), hint=near or hint)


def _could_be_meant(file: Path, missing: Path) -> bool:
    """Whether a file is a picture; where the missing name has no suffix, a folder of pictures may be meant as well."""
    return file.suffix.lower() in readable_suffixes() or (not missing.suffix and file.is_dir())


def _address(path: Path) -> ImageNotFound:
    """It is an address of the internet, of which ``Path`` has kept one slash."""
    return ImageNotFound(
        say(
            f"{path.as_posix().replace(':/', '://', 1)} is an address on the internet, and nothing is downloaded.",
            f"{path.as_posix().replace(':/', '://', 1)} 是网址，程序不会下载图片。",
        ),
        hint=say("Save the picture to a file first, and give its path.", "请先把图片保存为文件，再传入文件路径。"),
    )


def none_in_folder(folder: Path) -> ImageNotFound:
    """A folder without pictures; where they lie one level deeper, the sub-folders are named."""
    try:
        inner = sorted(item.name for item in folder.iterdir() if item.is_dir() and not item.name.startswith("."))
    except OSError:
        inner = []
    if not inner:
        return ImageNotFound(
            say(f"No image in the folder {folder}.", f"文件夹 {folder} 中没有图片。"), hint=suffix_hint()
        )
    listed = ", ".join(inner[:5]) + (" …" if len(inner) > 5 else "")
    example = folder / inner[0]
    return ImageNotFound(
        say(
            f"No image in the folder {folder} itself, only sub-folders: {listed}.",
            f"文件夹 {folder} 中没有图片，只有子文件夹：{listed}。",
        ),
        hint=say(
            f"Give one of them, e.g. {str(example)!r}, or a list of pictures; sub-folders are not searched.",
            f"请传入其中一个文件夹，例如 {str(example)!r}，或图片列表；不会查找子文件夹。",
        ),
    )


def passed_over(folder: Path, gifs: int, folders: int, undecodable: int = 0) -> str:
    """Say what of a folder is not looked at."""
    parts = [
        f"{count} {name if count == 1 else name + 's'}"
        for count, name in ((gifs, "GIF"), (undecodable, "HEIC or AVIF picture"), (folders, "sub-folder"))
        if count
    ]
    counted = (
        (gifs, f"{gifs} 个 GIF 文件"),
        (undecodable, f"{undecodable} 张 HEIC 或 AVIF 图片"),
        (folders, f"{folders} 个子文件夹"),
    )
    chinese = [text for count, text in counted if count]
    return say(
        f"Passed over in {folder.name}: {' and '.join(parts)}.", f"{folder.name} 中已跳过：{'、'.join(chinese)}。"
    ) + (f" {phone_formats.way_out()}" if undecodable else "")


def damaged(name: str, reason: str) -> ImageDamaged:
    """It is an image, but not a whole one."""
    name = name or say("the image", "该图片")
    return ImageDamaged(
        say(f"Damaged image file: {english(name)}, {english(reason)}.", f"图片已损坏：{name}，{reason}。"),
        hint=say("Replace the file, or save it anew with an image program.", "请更换该文件，或用图片软件重新保存。"),
    )


def unsupported(name: str, reason: str) -> ImageUnsupported:
    """It is a file, but no image that we read."""
    name = name or say("the image", "该图片")
    return ImageUnsupported(
        say(f"Unsupported file: {english(name)}, {english(reason)}.", f"不支持的文件：{name}，{reason}。"),
        hint=suffix_hint(),
    )


def undecodable(name: str, what: str) -> ImageUnsupported:
    """It is a picture of a telephone, and its decoder is not installed."""
    error = unsupported(name, say(f"it is {english(what)}", f"它是{what}"))
    error.hint = f"{phone_formats.way_out()} {suffix_hint()}"
    return error


def too_large(name: str, width: int, height: int, limit: int) -> ImageUnsupported:
    """The header claims more pixels than we decode."""
    return unsupported(
        name,
        say(
            f"it has {width}×{height} pixels, more than the limit of {limit}",
            f"它有 {width}×{height} 个像素，超过了上限 {limit}",
        ),
    )


def no_source(source: object) -> ImageTypeUnsupported:
    """The argument is no path, array or Pillow image."""
    if source is None:
        return ImageTypeUnsupported(
            say(
                "The image data is None: cv2.imread found no file, or the camera gave no frame.",
                "图片数据为 None：cv2.imread 没有找到文件，或摄像头没有画面。",
            ),
            hint=say(
                "Give the path itself instead of cv2.imread(path); of a camera use only frames that came with True.",
                "请直接传入图片路径，而不是 cv2.imread(路径)；使用摄像头时，只有返回值为 True 才有画面。",
            ),
        )
    empty = isinstance(source, (list, tuple)) and not source
    actual = (
        say("an empty list", "空列表")
        if empty
        else say(f"type {type(source).__name__}", f"类型为 {type(source).__name__}")
    )
    return ImageTypeUnsupported(
        say(f"The image argument cannot be used: {english(actual)}.", f"无法使用传入的图片：{actual}。"),
        hint=say(
            "Expected a path, a folder, a numpy array, a Pillow image, or a list of these.",
            "应为：图片路径、文件夹、numpy 数组、PIL 图像，或由它们组成的列表。",
        ),
    )
