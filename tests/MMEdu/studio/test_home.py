"""Home in a browser: from nothing to a project, and what can be done with those that are there."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.MMEdu.studio.conftest import OpenPage, StartStudio, wait_until

LONG = "一个很长很长的项目名称" * 20
EVIL = '<img src=x onerror="alert(1)"> & \u202e"'


def make_project(folder: Path, name: str, **more: object) -> Path:
    """Write a project as one finds it on a disk."""
    place = folder / "projects" / name[:20].strip('<>"')
    for number, inner in enumerate(("a", "b")):
        (place / "pictures" / inner).mkdir(parents=True)
        pixels = np.full((60, 80, 3), 80 + 90 * number, np.uint8)
        (place / "pictures" / inner / "1.jpg").write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
    content = {"format": 1, "id": f"p{abs(hash(name)) % 16**12:012x}", "kind": "classify", "name": name} | more
    (place / "project.json").write_text(json.dumps(content), encoding="utf-8")
    return place


def test_from_nothing_to_a_project_with_the_keyboard_alone(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    running = start_studio()
    with open_page(running.page()) as page:
        assert "no project yet" in page.locator("#recent").inner_text()
        assert page.locator(".start").count() >= 3
        for _ in range(30):
            page.keyboard.press("Tab")
            if "Tell pictures apart" in (page.evaluate("document.activeElement.textContent") or ""):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/teach/p[0-9a-f]{12}$"))
        page.goto(running.page())
        page.locator(".start", has_text="Happy or sad").get_by_role("button").click()
        page.wait_for_url(re.compile(r"/teach/p[0-9a-f]{12}$"))
    projects = sorted((running.folder / "projects").iterdir())
    assert [path.name for path in projects] == ["Happy or sad", "My pictures"]
    assert len(list(projects[0].rglob("pictures/*/*.jpg"))) == 90


@pytest.mark.full
def test_projects_are_shown_renamed_and_deleted(start_studio: StartStudio, open_page: OpenPage, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    make_project(folder, LONG)
    make_project(folder, EVIL)
    make_project(folder, "newer", format=9)
    damaged = make_project(folder, "damaged")
    (damaged / "project.json").write_text("{", encoding="utf-8")
    for number in range(14):
        make_project(folder, f"project {number}")
    running = start_studio(folder)
    with open_page(running.page(), size=(390, 844)) as page:
        page.get_by_role("button", name="Show all 18").click()
        cards = page.locator(".project")
        assert cards.count() == 18
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert "Update mmedu" in cards.filter(has_text="newer").inner_text()
        assert cards.filter(has_text="newer").get_by_role("link").count() == 0
        assert "project.damaged.json" in cards.filter(has_text="damaged").first.inner_text()
        card = cards.filter(has_text="project 3")
        wait_until(lambda: card.locator("img").first.evaluate("image => image.naturalWidth") == 80)
        assert "2 classes · 2 pictures" in card.inner_text()

        card.get_by_role("button", name="Rename").click()
        page.locator("dialog input").fill("我的 “猫” 😀")
        page.keyboard.press("Enter")
        renamed = page.locator(".project", has_text="我的 “猫” 😀")
        renamed.wait_for()
        assert page.evaluate("document.activeElement.id").startswith("rename-")

        renamed.get_by_role("button", name="Delete").click()
        assert "2 pictures and everything" in page.locator("dialog").inner_text()
        page.keyboard.press("Escape")
        assert renamed.count() == 1
        renamed.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete it").click()
        page.locator(".notice.done").wait_for()
        assert renamed.count() == 0
        assert page.evaluate("document.activeElement.id") == "recent-title"
        assert not (folder / "projects" / "project 3").exists()
        assert (folder / "projects" / "project 4").exists()

        zipped = tmp_path / "带走.zip"
        with zipfile.ZipFile(zipped, "w") as archive:
            for path in (folder / "projects" / "project 4").rglob("*"):
                archive.write(path, f"p/{path.relative_to(folder / 'projects' / 'project 4')}")
            archive.writestr("p/pictures/a/bad.jpg", b"bad")
        page.set_input_files("input[type=file]", zipped)
        page.locator(".notice", has_text="bad.jpg").wait_for()
        page.locator(".project", has_text="project 4 2").wait_for()
        with zipped.open("r+b") as file:
            file.truncate(22_000_000)
        page.set_input_files("input[type=file]", zipped)
        page.locator(".notice.error", has_text="20 MB").wait_for()

        make_project(folder, "by another tab")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.locator(".project", has_text="by another tab").wait_for()


def test_the_page_speaks_chinese(start_studio: StartStudio, open_page: OpenPage) -> None:
    with open_page(start_studio().page(), language="zh") as page:
        page.locator(".start").first.wait_for()
        assert "认图片" in page.locator(".choice").first.inner_text()
        assert "开心还是难过" in page.locator(".starts").inner_text()
        assert not re.search(
            "[A-Za-z]{5,}", page.locator(".home").inner_text().replace("Python", "").replace("projects", "")
        )
