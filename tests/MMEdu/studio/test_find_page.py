"""Find in a browser: boxes drawn by mouse and by keys, copied, kept; a set goes out that the reader of sets loads."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.MMEdu import detection_data
from tests.MMEdu.studio.conftest import OpenPage, RunningStudio, StartStudio, make_film, wait_until

from BaseDT.dataset import coco
from BaseDT.image import write


def pictures_in(folder: Path, count: int = 3) -> list[Path]:
    """Write pictures of 120×90."""
    files = [folder / f"图 {number}.png" for number in range(count)]
    for number, file in enumerate(files):
        write(file, detection_data.picture(number % 2, number)[0][:, :, ::-1].copy())
    return files


def new_project(running: RunningStudio, page: Any, name: str = "找 杯子") -> str:
    """Make a project through the page that is open; return its id."""
    made = page.evaluate(
        "name => fetch('/api/projects', {method: 'POST', headers: {'X-MMEdu': 'studio', 'Content-Type':"
        " 'application/json'}, body: JSON.stringify({kind: 'find', name})}).then(answer => answer.json())",
        name,
    )
    page.goto(f"{running.address}/find/{made['id']}")
    page.wait_for_selector("body[data-ready=find]")
    return str(made["id"])


def boxes_on_disk(running: RunningStudio) -> dict[str, list[list[float]]]:
    """Return what the project's file says: boxes by picture."""
    files = list(running.folder.glob("projects/*/annotations.json"))
    if not files:
        return {}
    document = json.loads(files[0].read_text("utf-8"))
    found: dict[str, list[list[float]]] = {entry["picture"]: [] for entry in document["images"]}
    names = {entry["id"]: entry["picture"] for entry in document["images"]}
    for entry in document["annotations"]:
        found[names[entry["image_id"]]].append(entry["bbox"])
    return found


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag on the picture; shares of its width and height."""
    x, y, width, height = page.evaluate(
        "() => { const r = document.querySelector('.board_svg image').getBoundingClientRect();"
        " return [r.x, r.y, r.width, r.height]; }"
    )
    page.mouse.move(x + start[0] * width, y + start[1] * height)
    page.mouse.down()
    for share in (0.5, 1):
        page.mouse.move(
            x + (start[0] + (end[0] - start[0]) * share) * width, y + (start[1] + (end[1] - start[1]) * share) * height
        )
    page.mouse.up()


def test_boxes_are_drawn_copied_kept_and_given_out(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    running = start_studio()
    files = pictures_in(tmp_path / "来 源", 5)
    with open_page(running.page()) as page:
        new_project(running, page)
        page.get_by_role("heading", name="First, some pictures").wait_for()
        page.locator("input[type=file]").first.set_input_files(files)
        page.get_by_text("1 of 5").wait_for()

        # By mouse: drawn, a name for it, moved, resized.
        drag(page, (0.2, 0.2), (0.5, 0.6))
        page.locator(".box.chosen").wait_for()
        assert page.get_by_label("Its name").input_value() == "thing"
        page.keyboard.insert_text("杯子")
        page.keyboard.press("Enter")
        page.locator(".box text", has_text="杯子").wait_for()
        (box,) = wait_until(lambda: list(boxes_on_disk(running).values()))[0]
        assert box == pytest.approx([24, 18, 36, 36], abs=1)
        drag(page, (0.35, 0.4), (0.55, 0.4))
        wait_until(lambda: next(iter(boxes_on_disk(running).values()))[0][0] == pytest.approx(48, abs=1))
        drag(page, (0.7, 0.6), (0.8, 0.7))
        wait_until(lambda: next(iter(boxes_on_disk(running).values()))[0] == pytest.approx([48, 18, 48, 45], abs=1.5))

        # By keys alone: another thing, a box of it, moved and made larger.
        page.get_by_label("Another thing").fill("笔")
        page.keyboard.press("Enter")
        page.locator(".thing", has_text="笔").wait_for()
        page.locator(".board_svg").focus()
        page.keyboard.press("Escape")
        # The boxes are read anew for the new thing: a key that comes meanwhile does nothing.
        wait_until(lambda: page.locator(".box.chosen").count() or page.keyboard.press("b"))
        page.keyboard.press("2")
        before = wait_until(lambda: [b for b in boxes_on_disk(running).values() if len(b) == 2])[0][1]
        for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Control+ArrowDown"):
            page.keyboard.press(key)
        wait_until(
            lambda: (
                next(iter(boxes_on_disk(running).values()))[1]
                == pytest.approx([before[0] - 2, before[1], before[2] + 1, before[3]], abs=0.11)
            )
        )
        assert "笔" in page.locator(".find_middle > .unseen[role=status]").inner_text()
        page.keyboard.press("Delete")
        wait_until(lambda: len(next(iter(boxes_on_disk(running).values()))) == 1)
        page.keyboard.press("Control+z")
        wait_until(lambda: len(next(iter(boxes_on_disk(running).values()))) == 2)
        page.keyboard.press("Control+y")
        wait_until(lambda: len(next(iter(boxes_on_disk(running).values()))) == 1)

        # The same boxes on the next ones; the last has nothing.
        for number in (2, 3, 4):
            page.get_by_role("button", name="Same boxes on the next").click()
            page.get_by_text(f"{number} of 5").first.wait_for()
            wait_until(lambda number=number: len(boxes_on_disk(running)) == number)
        page.keyboard.press("n")
        page.get_by_text("5 of 5").first.wait_for()
        page.keyboard.press("e")
        wait_until(lambda: [] in boxes_on_disk(running).values())
        page.get_by_text("Drawn: 4 of 5 pictures.").wait_for()
        kept = boxes_on_disk(running)

        page.reload()
        page.wait_for_selector("body[data-ready=find]")
        page.get_by_text("1 of 5").wait_for()
        assert page.locator(".box").count() == 1
        assert page.locator(".strip_cell .mark").all_inner_texts() == ["1", "1", "1", "1", "∅"]
        assert boxes_on_disk(running) == kept

        page.get_by_label("More", exact=True).first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Save all as COCO").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            archive.extractall(tmp_path / "出 来")
    data = coco.load(tmp_path / "出 来")
    assert sum(len(image.boxes) for image in (*data.train, *data.val)) == 4


@pytest.mark.full
def test_two_tabs_a_phone_and_a_studio_that_comes_back(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    with socket.socket() as free:  # none of those that other studios take
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    running = start_studio(None, "--port", port)
    files = pictures_in(tmp_path, 2)
    film = make_film(tmp_path / "film.y4m", [detection_data.picture(0, 9)[0]])
    refused = ("Failed to load resource", "ERR_")
    with open_page(running.page(), film=film, language="zh", size=(390, 844), allow=refused) as page:
        new_project(running, page)
        page.locator("input[type=file]").first.set_input_files(files)
        page.get_by_text("第 1 / 2 张").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("更多", exact=True).first.click()
        page.get_by_role("button", name="拍照").last.click()
        page.get_by_role("button", name="拍一张").click()
        page.get_by_text("已拍 1 张").wait_for()
        page.get_by_role("button", name="完成").click()
        page.get_by_text("第 3 / 3 张").wait_for()

        other = page.context.new_page()
        other.goto(page.url)
        other.wait_for_selector("body[data-ready=find]")
        other.get_by_text("第 1 / 3 张").wait_for()
        other.keyboard.press("PageDown")
        other.keyboard.press("PageDown")
        other.get_by_text("第 3 / 3 张").wait_for()
        page.locator(".board").scroll_into_view_if_needed()
        drag(page, (0.1, 0.1), (0.6, 0.6))
        other.locator(".box").wait_for()
        other.close()

        running.kill()
        page.get_by_text("studio 没有响应。你画的框").wait_for()
        page.keyboard.press("Escape")  # the name of the thing keeps
        page.keyboard.press("b")
        page.get_by_text("还没保存，正在重试。").wait_for()
        start_studio(None, "--port", port)
        page.get_by_text("已保存").wait_for(timeout=20_000)
    assert sorted(map(len, boxes_on_disk(running).values())) == [2]


@pytest.mark.full
def test_a_set_is_dropped_and_a_long_name_has_room(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    running = start_studio()
    root = detection_data.write(tmp_path / "集", train=4, valid=1)
    files = [*sorted((root / "images" / "train").iterdir()), root / "annotations" / "train.json"]
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0")
    with open_page(running.page()) as page:
        project = new_project(running, page, "<b>'\"&" + "很长的名字" * 30)
        page.locator("input[type=file]").first.set_input_files(files)
        page.get_by_text("4 pictures with 3 boxes came in.").wait_for()
        page.get_by_text("Drawn: 3 of 4 pictures.").wait_for()
        page.get_by_text("Training needs 4 pictures with boxes.").wait_for()
        assert page.get_by_role("button", name="Train a finder").is_disabled()
        page.locator("input[type=file]").first.set_input_files(film)
        page.get_by_text("not a picture").wait_for()
        page.evaluate(
            """async path => { for (let n = 0; n < 40; n++) await fetch(`${path}/classes`, {method: 'POST', headers:
            {'X-MMEdu': 'studio'}, body: JSON.stringify({name: `特别特别特别特别特别特别长的类别名称 ${n}`})}) }""",
            f"/api/projects/{project}",
        )
        page.locator(".thing").nth(41).wait_for(state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        page.locator(".thing").nth(2).get_by_label("Change this thing").click()
        page.get_by_role("button", name="Rename").first.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text("猫")
        page.keyboard.press("Enter")
        page.locator(".thing_name", has_text=re.compile("^猫$")).wait_for()


@pytest.mark.full
def test_a_project_that_is_gone_is_said(start_studio: StartStudio, open_page: OpenPage) -> None:
    running = start_studio()
    with open_page(running.page("find/p000000000000"), allow=("404",)) as page:
        page.get_by_role("heading", name="This project is not here any more.").wait_for()
        page.get_by_role("link", name="To the first page").wait_for()
    assert urllib.request.urlopen(f"{running.address}/find/x").status == 200
