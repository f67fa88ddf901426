"""The pages of a class in a browser: the desk, the wall while it changes, a phone, a pupil's own studio."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from tests.MMEdu.studio.classroom.conftest import StartClass, make_set
from tests.MMEdu.studio.classroom.test_server import Caller
from tests.MMEdu.studio.conftest import OpenPage, StartStudio, wait_until

import models_on_disk

PHONE = (390, 844)


def stays_within(page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.slow
def test_a_lesson_at_the_desk_and_on_the_wall(
    start_class: StartClass, open_page: OpenPage, models: Path, tmp_path: Path
) -> None:
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    test = make_set(tmp_path / "隐 藏", each=2, wrong=1)
    with open_page(running.desk, allow=("404",)) as page:
        assert page.locator(".come-in .pin strong").inner_text() == "4821"
        assert page.locator(".come-in img").evaluate("image => image.naturalWidth") > 0
        assert "token" not in page.url
        wall = page.context.new_page()
        wall.goto(f"{running.address}/wall")
        wall.wait_for_selector("body[data-ready=wall] .wall-door.empty")
        page.bring_to_front()  # a page behind another one is drawn once a second
        pupil, other = Caller(running.address), Caller(running.address)
        pupil.post("/api/join", {"pin": "4821", "name": "<b>李雷</b>"})
        other.post("/api/join", {"pin": "4821", "name": "محمد"})
        page.wait_for_selector(".people tbody tr:nth-child(2)")
        # By keyboard alone: the test set.
        page.get_by_role("button", name="Choose the test set").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.type(str(tmp_path / "nowhere"))
        page.keyboard.press("Enter")
        page.wait_for_selector(".notice.error:has-text('There is nothing at')")
        field = page.locator("dialog[open] input").first
        field.fill(str(test))
        field.press("Enter")
        page.wait_for_selector(".good:has-text('6 pictures')")
        pupil.hand_in((models / "good.onnx").read_bytes())
        other.hand_in((models / "part.onnx").read_bytes())
        wall.wait_for_selector(".league li:nth-child(2) .points:has-text('50%')")
        assert wall.locator(".league .name").all_inner_texts() == ["<b>李雷</b>", "محمد"]
        assert wall.locator(".league .points").first.inner_text() == "83%"
        assert wall.locator(".mistakes").count() == 0
        page.locator("summary:has-text('took for something else')").first.click()
        page.wait_for_selector(".thumbs-strip img")
        page.get_by_label("The wall shows hidden pictures").click()
        wall.wait_for_selector(".mistakes img")
        other.hand_in((models / "good.onnx").read_bytes())
        wall.wait_for_selector(".league li:nth-child(2) .points:has-text('83%')")
        page.get_by_label("The hand-in is open").click()
        wall.wait_for_selector(".wall-head:has-text('closed')")
        assert page.evaluate("document.activeElement.dataset.key") == "open"  # redrawn, and the focus is where it was
        page.get_by_role("button", name="Rename").first.click()
        page.locator("dialog[open] input").fill("李雷")
        page.keyboard.press("Enter")
        wall.wait_for_selector(".league .name:text-is('李雷')")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Remove").last.click()
        wall.wait_for_selector(".league li:only-child")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert "李雷,9,0.8333" in Path(download.value.path()).read_text(encoding="utf-8-sig")
        for size in (PHONE, (1366, 768)):
            for one in (page, wall):
                one.set_viewport_size({"width": size[0], "height": size[1]})
                stays_within(one)


@pytest.mark.full
def test_a_phone_comes_in_and_sends_photographs(start_class: StartClass, open_page: OpenPage, tmp_path: Path) -> None:
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    teacher.post("/api/teacher/photos", {"name": "石头剪刀布", "classes": ["石头", "剪刀"]})
    Caller(running.address).post("/api/join", {"pin": "4821", "name": "小 明"})
    photos = [tmp_path / f"{number}.png" for number in range(3)]
    for photo in photos:
        cv2.imwrite(str(photo), models_on_disk.picture("red", (300, 400)))
    (tmp_path / "no.jpg").write_bytes(b"no picture")
    allow = (r"409 \(Conflict\)", r"400 \(Bad Request\)", r"ERR_")
    with open_page(f"{running.address}/#pin=4821", size=PHONE, language="zh", allow=allow) as page:
        assert page.evaluate("document.activeElement.id") == "name"  # the PIN came with the QR code
        page.keyboard.type("小 明")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="以“小 明 2”进入").click()
        page.get_by_role("link", name="发送照片：石头剪刀布").click()
        page.wait_for_selector("body[data-ready=photos]")
        stays_within(page)
        camera = page.locator("input[capture]").first
        assert camera.get_attribute("accept") == "image/*"
        camera.set_input_files(photos[0])
        page.wait_for_selector("text=已发送 1 张")
        page.locator("input[multiple]").last.set_input_files([*photos, tmp_path / "no.jpg"])
        page.wait_for_selector("text=已发送 4 张")
        assert page.locator(".notice.error").count() == 1
        assert page.locator(".photo-class .row").all_inner_texts() == ["石头\n1 张照片", "剪刀\n3 张照片"]
        # The network goes, and comes back: the photograph arrives.
        page.context.set_offline(True)
        camera.set_input_files(photos[1])
        page.wait_for_selector("text=网络断开，正在重试")
        page.context.set_offline(False)
        page.wait_for_selector("text=已发送 5 张", timeout=30_000)
        # A page of this very computer may have the camera without https.
        page.get_by_role("button", name="连续拍多张").first.click()
        wait_until(lambda: page.evaluate("document.querySelector('dialog video')?.videoWidth"))
        for _ in range(2):
            page.locator("dialog button.primary").click()
        page.wait_for_selector("dialog h2:has-text('2')")
        page.keyboard.press("Escape")
        page.wait_for_selector("text=已发送 7 张")
        assert page.locator("dialog").count() == 0
    shown = teacher.get("/api/teacher")["photos"]["classes"]
    assert [one["count"] for one in shown] == [4, 3]


@pytest.mark.full
def test_a_model_is_handed_in_by_browser(
    start_class: StartClass, open_page: OpenPage, models: Path, tmp_path: Path
) -> None:
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "test", each=2))})
    teacher.post("/api/teacher/shelf", {"path": str(make_set(tmp_path / "颜色", each=2))})
    with open_page(running.address) as page:
        page.get_by_label("PIN").fill("4821")
        page.get_by_label("Your name").fill("Zoë")
        page.get_by_role("button", name="Come in").click()
        page.wait_for_selector("body[data-ready=pupil]")
        page.get_by_label("Your model").set_input_files(models / "other.onnx")
        page.get_by_role("button", name="Hand in").click()
        page.wait_for_selector("text=knows none of the classes")
        page.get_by_label("Your model").set_input_files(models / "good.onnx")
        page.get_by_role("button", name="Hand in").click()
        page.wait_for_selector(".handed li:first-child .score:text-is('100%')")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "颜色.zip"
        teacher.post("/api/teacher/settings", {"open": False})
        page.wait_for_selector("text=The hand-in is closed")
        for size in (PHONE, (1366, 768)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            stays_within(page)


@pytest.mark.slow
@pytest.mark.full
def test_a_pupils_studio_joins_in_the_browser(
    start_class: StartClass, start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "test", each=2))})
    teacher.post("/api/teacher/shelf", {"path": str(make_set(tmp_path / "颜色", each=4))})
    own = start_studio()
    with open_page(own.page("class"), allow=(r"404", r"409")) as page:
        for size in (PHONE, (1366, 768)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            stays_within(page)
        page.get_by_label("Address on the board").fill(running.address.removeprefix("http://"))
        page.get_by_label("PIN").fill("1234")
        page.get_by_label("Your name").fill("李雷")
        page.keyboard.press("Enter")
        page.wait_for_selector(".notice.error:has-text('not the PIN')")
        page.get_by_label("PIN").fill("4821")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Fetch 颜色").click()
        page.wait_for_url("**/teach/*")
        page.goto(f"{own.address}/class")
        page.wait_for_selector("option:has-text('颜色 (12)')", state="attached")
        page.get_by_role("button", name="Hand in").click()
        page.wait_for_selector(".handed .score:text-is('100%')", timeout=60_000)
        stays_within(page)
        running.kill()
        page.reload()
        page.wait_for_selector("[role=alert]:has-text('does not answer')")
