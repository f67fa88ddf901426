"""Which font draws text into pictures, and which text it can draw: Chinese where the system has a font for it.

Drawing and reports call it, and the doctor. Pillow is imported when a font is first opened; no font is shipped.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Files that hold the Chinese characters, the best first. PingFang comes last of Apple's: newer systems keep its
# outlines in a form that FreeType cannot draw.
_FILES = (
    *("msyh.ttc", "msyh.ttf", "deng.ttf", "simhei.ttf", "msjh.ttc", "simsun.ttc", "simkai.ttf"),
    *("hiragino sans gb.ttc", "stheiti medium.ttc", "stheiti light.ttc", "arial unicode.ttf", "songti.ttc"),
    *("pingfang.ttc",),
    *("notosanscjk-regular.ttc", "notosanscjk.ttc", "notosanscjksc-regular.otf", "notosanssc-regular.otf"),
    *("notosanssc-regular.ttf", "notosanssc[wght].ttf", "notosanscjk-vf.otf.ttc", "notosanscjk-vf.ttf.ttc"),
    *("sourcehansanscn-regular.otf", "sourcehansanssc-regular.otf", "sourcehansans.ttc", "sourcehansans-regular.ttc"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "harmonyos_sans_sc_regular.ttf"),
    *("droidsansfallbackfull.ttf", "droidsansfallback.ttf", "notoserifcjk-regular.ttc", "uming.ttc", "ukai.ttc"),
)
_RANKS = {name: rank for rank, name in enumerate(_FILES)}
# Unicode will never give this number a character: what a font draws for it is its box for "not there".
_NO_CHARACTER = "\U0010ffff"


def cjk_font() -> Path | None:
    """Return the file of a font with Chinese characters, or ``None`` where the system has none.

    ``MMEDU_FONT``, the path of a font file, wins. The search is done once.

    Raises:
        ParameterInvalid: ``MMEDU_FONT`` names no font.
    """
    file = os.environ.get("MMEDU_FONT", "").strip()
    return _font_of_environment(file) if file else _installed_font()


def font_hint(*, plain: bool = False) -> str:
    """Return one line that says how to get a font with Chinese characters.

    Args:
        plain: In English whatever the user's language: for a picture, where no font could draw anything else.
    """
    if sys.platform.startswith("linux"):
        en = "Chinese text needs a font: sudo apt install fonts-wqy-microhei (or set MMEDU_FONT to a font file)."
        zh = "显示中文需要字体：sudo apt install fonts-wqy-microhei（或将 MMEDU_FONT 设为字体文件的路径）。"
    else:
        en = "Chinese text needs a font: set MMEDU_FONT to the path of a font file with Chinese characters."
        zh = "显示中文需要字体：请将 MMEDU_FONT 设为一个中文字体文件的路径。"
    return en if plain else say(en, zh)


def lacking_for(names: Iterable[str]) -> bool:
    """Whether a picture shows one of these names by its number for want of a font with Chinese characters."""
    return cjk_font() is None and not all(can_draw(" ".join(name.split())) for name in names)


def truetype(size: int) -> FreeTypeFont:
    """Return the font for text in pictures: the Chinese one, otherwise the one that comes with Pillow.

    Args:
        size: Height of a line in pixels, about.
    """
    font = cjk_font()
    return _default(size) if font is None else _open(font, size)


def can_draw(text: str) -> bool:
    """Tell whether the font for pictures has every character of a text."""
    return all(_has_character(cjk_font(), character) for character in text)


def picture_text(en: str, zh: str) -> str:
    """Return the text in the user's language, or in English where no font can draw the Chinese one."""
    text = say(en, zh)
    return text if can_draw(text) else en


def find_font(folders: Iterable[Path]) -> Path | None:
    """Return the best known font with Chinese characters below some folders, or ``None``.

    A file that has the name of such a font but cannot be opened, or lacks the characters, is passed over.
    """
    files = {path for folder in folders for path in _font_files(folder)}
    by_rank = sorted(files, key=lambda path: (_RANKS[path.name.lower()], path))
    return next((path for path in by_rank if _has_character(path, "图")), None)


def font_folders() -> list[Path]:
    """Return the folders in which this system keeps fonts, its own and the user's."""
    if sys.platform == "win32":
        local_folder = os.environ.get("LOCALAPPDATA", "")
        fonts = Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")
        return [fonts, Path(local_folder, "Microsoft", "Windows", "Fonts")] if local_folder else [fonts]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), *_at_home("Library/Fonts")]
    shared = os.environ.get("XDG_DATA_DIRS", "") or "/usr/local/share:/usr/share"
    local_folder = os.environ.get("XDG_DATA_HOME", "")
    folders = [Path(part, "fonts") for part in (*shared.split(":"), "/usr/share", local_folder) if part]
    return list(dict.fromkeys([*folders, *_at_home(".local/share/fonts"), *_at_home(".fonts")]))


@lru_cache(maxsize=8)
def _font_of_environment(file: str) -> Path:
    path = Path(file)
    try:
        _open(path, 16)
    except OSError as error:
        raise ParameterInvalid(
            say(
                f"MMEDU_FONT is {file!r}, which cannot be opened as a font.",
                f"MMEDU_FONT 是 {file!r}，无法作为字体打开。",
            ),
            hint=say(
                "Set it to the path of a .ttf, .ttc or .otf file, or unset it.",
                "请设为 .ttf、.ttc 或 .otf 字体文件的路径，或取消该环境变量。",
            ),
        ) from error
    return path


@lru_cache(maxsize=1)
def _installed_font() -> Path | None:
    return find_font(font_folders())


def _font_files(folder: Path) -> Iterator[Path]:
    # A folder that is missing or may not be read yields nothing.
    for directory, _, names in os.walk(folder):
        yield from (Path(directory, name) for name in names if name.lower() in _RANKS)


def _at_home(folder: str) -> list[Path]:
    try:
        return [Path.home() / folder]
    except RuntimeError:  # a service without a home
        return []


@lru_cache(maxsize=32)
def _open(path: Path, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    # BASIC: shaping is only needed for scripts that join letters, and costs a library more.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=32)
def _default(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType.")
    return font


@lru_cache(maxsize=8192)
def _has_character(font: Path | None, character: str) -> bool:
    if character == " ":
        return True
    try:
        drawn = _default(16) if font is None else _open(font, 16)
    except OSError:
        return False
    mask, missing = drawn.getmask(character), drawn.getmask(_NO_CHARACTER)
    return mask.getbbox() is not None and (mask.size != missing.size or bytes(mask) != bytes(missing))
