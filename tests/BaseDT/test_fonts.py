"""A font with Chinese characters is found where there is one; where there is none, that is said and nothing breaks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from BaseDT import fonts
from BaseDT.errors import ParameterInvalid


def _make_font(path: Path, characters: str) -> Path:
    """Write a TrueType font that has a bar of another width for each character, and a box for all others."""
    names = {ord(character): f"glyph{number}" for number, character in enumerate(characters)}
    glyphs, order = {}, [".notdef", *names.values()]
    for number, name in enumerate(order):
        pen = TTGlyphPen(None)
        for point in ((0, 0), (0, 700), (300 + 50 * number, 700), (300 + 50 * number, 0)):
            (pen.lineTo if pen.points else pen.moveTo)(point)
        pen.closePath()
        glyphs[name] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Test", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path


@pytest.fixture(autouse=True)
def _no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MMEDU_FONT", raising=False)


def test_the_users_font_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = _make_font(tmp_path / "数据 集" / "字 体.ttf", "图猫")
    monkeypatch.setenv("MMEDU_FONT", str(font))
    assert fonts.cjk_font() == font
    assert fonts.can_draw("图 猫")
    assert not fonts.can_draw("图 狗")


@pytest.mark.parametrize("content", [None, b"", b"this is no font"])
def test_a_users_font_that_is_none_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"{content!r:.3}.ttf"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("MMEDU_FONT", str(path))
    with pytest.raises(ParameterInvalid, match="MMEDU_FONT is") as caught:
        fonts.cjk_font()
    assert ".ttf" in caught.value.hint


def test_a_folder_as_the_users_font_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_FONT", str(tmp_path))
    with pytest.raises(ParameterInvalid, match="MMEDU_FONT is"):
        fonts.cjk_font()


def test_the_best_known_font_of_all_folders_is_found(tmp_path: Path) -> None:
    _make_font(tmp_path / "a" / "uming.ttc", "图")
    best = _make_font(tmp_path / "b" / "深 处" / "NotoSansCJK-Regular.ttc", "图")
    assert fonts.find_font([tmp_path / "a", tmp_path / "b"]) == best


def test_files_that_cannot_serve_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "msyh.ttc").write_bytes(b"half a download")
    _make_font(tmp_path / "simhei.ttf", "abc")
    good = _make_font(tmp_path / "ukai.ttc", "图")
    assert fonts.find_font([tmp_path]) == good


def test_no_folder_and_no_font_is_no_error(tmp_path: Path) -> None:
    _make_font(tmp_path / "Arial.ttf", "abc")
    assert fonts.find_font([tmp_path, tmp_path / "missing"]) is None
    assert fonts.find_font([]) is None


def test_linux_folders_are_those_of_the_system_and_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", "/opt/share")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    expected = {Path("/opt/share/fonts"), Path("/usr/share/fonts"), tmp_path / "data" / "fonts", tmp_path / ".fonts"}
    assert expected < set(fonts.font_folders())


def test_windows_folders_are_those_of_the_system_and_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("WINDIR", "W")
    monkeypatch.setenv("LOCALAPPDATA", "L")
    assert fonts.font_folders() == [Path("W", "Fonts"), Path("L", "Microsoft", "Windows", "Fonts")]


def test_a_user_without_a_home_has_the_systems_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", no_home)
    assert fonts.font_folders() == [Path("/System/Library/Fonts"), Path("/Library/Fonts")]


def test_without_a_chinese_font_pillows_own_draws_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    assert fonts.can_draw("cat 0.94 #3")
    assert not fonts.can_draw("猫")
    assert fonts.truetype(20).getlength("cat") > 10


def test_pictures_speak_chinese_only_where_it_can_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    monkeypatch.setenv("MMEDU_FONT", str(_make_font(tmp_path / "f.ttf", "轮次")))
    assert fonts.picture_text("epoch", "轮次") == "轮次"
    assert fonts.picture_text("loss", "损失") == "loss"


@pytest.mark.parametrize(("platform", "way_out"), [("linux", "apt install"), ("win32", "MMEDU_FONT")])
def test_the_hint_is_one_line_with_the_way_out(platform: str, way_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "字体" in fonts.font_hint()
    assert way_out in fonts.font_hint()
    assert fonts.font_hint(plain=True).isascii()
    assert len(fonts.font_hint().splitlines()) == 1
