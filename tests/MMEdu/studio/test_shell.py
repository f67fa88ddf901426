"""The frame around every page: coming in, the header, both languages; and that nobody else comes in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from starlette.testclient import TestClient
from tests.MMEdu.studio.conftest import OpenPage, StartStudio

from MMEdu.studio import words

PAGE = Path(words.__file__).with_name("page")


def test_a_stranger_is_told_where_to_come_in(stranger: TestClient) -> None:
    answer = stranger.get("/api/state")
    assert answer.status_code == 401
    assert "address" in answer.json()["message"]


def test_the_page_is_shown_in_the_browsers_language(start_studio: StartStudio, open_page: OpenPage) -> None:
    running = start_studio()
    with open_page(running.page(), language="zh", allow=(r"40[0-9] ",)) as page:
        assert page.locator("nav a").first.inner_text() == "首页"
        assert "token" not in page.url
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("nav a:has-text('Home')")
        page.wait_for_selector("body[data-ready]")
        page.set_viewport_size({"width": 390, "height": 844})
        assert not page.locator("nav").is_visible()  # folded away
        assert page.locator("#top").bounding_box()["height"] < 80
        page.locator("#top .fold").click()
        last = page.locator("nav a").last.bounding_box()
        assert 0 < last["x"] < last["x"] + last["width"] <= 390
        _check_what_is_told(page)


def _check_what_is_told(page) -> None:
    """Equal errors are one with a count, three are in sight, and an error goes when something goes well afterwards."""
    page.evaluate(
        """async () => {
          const { tell } = await import("/page/parts/told.js");
          for (let i = 0; i < 5; i += 1) tell(new Error("again and again"));
          for (const name of ["a", "b", "c", "d"]) tell(name);
        }"""
    )
    assert page.locator(".notice strong").all_inner_texts()[1:] == ["c", "d"]
    assert page.locator(".notice.error .times").inner_text() == "×5"
    page.keyboard.press("Tab")
    page.evaluate("async () => (await import('/page/parts/api.js')).post('/api/session', {}).catch(() => null)")
    assert page.locator(".notice.error").count() == 1
    page.evaluate("async () => (await import('/page/parts/api.js')).post('/api/projects', {kind: 'classify'})")
    page.wait_for_selector(".notice.error", state="detached")


def test_every_word_is_there_in_both_languages_and_used() -> None:
    used: set[str] = set()
    for file in PAGE.rglob("*.js"):
        used |= set(re.findall(r"\"(\w+\.\w+)\"", file.read_text(encoding="utf-8")))
    for file in sorted((PAGE / "words").glob("*.json")):
        for key, both in json.loads(file.read_text(encoding="utf-8")).items():
            assert set(both) == {"en", "zh"}, f"{file.name}: {key}"
            assert both["en"].strip(), key
            assert both["zh"].strip(), key
            assert f"{file.stem}.{key}" in used, f"{file.name}: nothing uses {key}"
            holes = [sorted(re.findall(r"\{\w+\}", both[language])) for language in ("en", "zh")]
            assert holes[0] == holes[1], f"{file.name}: {key}"
    known = words.words("en")
    for file in PAGE.rglob("*.js"):
        for key in re.findall(r"\bt\(\s*\"([\w.]+)\"", file.read_text(encoding="utf-8")):
            assert key in known, f"{file.name}: no words for {key}"
