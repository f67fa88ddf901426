"""The page that teaches: recorded by a camera that shows films, corrected, without a camera, by keyboard."""

from __future__ import annotations

import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.MMEdu.studio.conftest import OpenPage, RunningStudio, StartStudio, make_film, wait_until

SIZES = ((1366, 768), (390, 844))
LONG = "一只在阳光下慢慢走过操场的非常非常大的橘色猫咪" * 6
REFUSED = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")


def drawn(kind: int, number: int) -> np.ndarray:
    """Draw a disc, a square or stripes, somewhere."""
    rng = np.random.default_rng((kind, number))
    picture = np.full((240, 320, 3), (200, 205, 200), np.uint8)
    x, y = (int(value) for value in np.add((160, 120), rng.integers(-30, 30, 2)))
    size = int(rng.integers(45, 65))
    if kind == 0:
        cv2.circle(picture, (x, y), size, (40, 40, 200), -1)
    elif kind == 1:
        cv2.rectangle(picture, (x - size, y - size), (x + size, y + size), (180, 90, 20), -1)
    else:
        for shift in range(-60, 61, 20):
            cv2.line(picture, (x + shift - 30, y - size), (x + shift + 30, y + size), (30, 120, 30), 6)
    return picture


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What the camera shows of each thing."""
    folder = tmp_path_factory.mktemp("films")
    return [make_film(folder / f"{kind}.y4m", [drawn(kind, n) for n in range(12)]) for kind in range(3)]


def jpeg(kind: int, number: int) -> bytes:
    return cv2.imencode(".jpg", drawn(kind, number))[1].tobytes()


def ask(page: Any, method: str, path: str, data: Any = None) -> Any:
    """Ask the server, as the page does."""
    address = page.url.split("/", 3)
    headers = {"X-MMEdu": "studio"}
    if isinstance(data, bytes):
        headers["Content-Type"] = "image/jpeg"
    answer = page.request.fetch(f"{address[0]}//{address[2]}{path}", method=method, headers=headers, data=data)
    assert answer.ok, answer.text()
    return answer.json()


def make_project(page: Any, classes: list[str], pictures: int = 0, name: str = "形状 shapes") -> Any:
    """Make a project with some pictures of each class."""
    made = ask(page, "POST", "/api/projects", {"kind": "classify", "name": name})
    for kind, called in enumerate(classes):
        one = ask(page, "POST", f"/api/projects/{made['id']}/classes", {"name": called})
        for number in range(pictures):
            path = f"/api/projects/{made['id']}/classes/{one['id']}/pictures"
            ask(page, "POST", path, jpeg(kind % 3, number))
    return ask(page, "GET", f"/api/projects/{made['id']}")


def visit(page: Any, running: RunningStudio, project: str) -> None:
    """Go to a project's page."""
    page.goto(running.page(f"teach/{project}"))
    page.wait_for_selector("body[data-ready=teach]")


def turn_on(page: Any) -> None:
    """Turn the camera on: in a new tab it is off."""
    page.locator(".start_camera").click()
    page.wait_for_selector(".seen video:visible")


def counts(page: Any, project: str) -> list[int]:
    return [one["count"] for one in ask(page, "GET", f"/api/projects/{project}")["classes"]]


def hold(page: Any, card: int, pictures: int) -> None:
    """Hold the button of a card down until so many pictures were taken."""
    page.locator(".record").nth(card).hover()
    before = taken(page)
    page.mouse.down()
    wait_until(lambda: taken(page) >= before + pictures)
    page.mouse.up()
    until(page, "document.body.dataset.waiting === '0'")


def until(page: Any, holds: str) -> None:
    """Wait until something is so in the page; its policy lets nobody evaluate a text there."""
    wait_until(lambda: page.evaluate(holds))


def taken(page: Any) -> int:
    return int(page.evaluate("performance.getEntriesByName('mmedu:picture').length"))


def data(page: Any, key: str) -> str:
    return str(page.evaluate(f"document.body.dataset.{key} ?? ''"))


def no_sideways(page: Any) -> None:
    """Nothing stands out at the side."""
    wide, there = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= there


def test_three_things_are_taught_by_the_camera(
    start_studio: StartStudio, open_page: OpenPage, films: list[Path], tmp_path: Path
) -> None:
    running = start_studio()
    names = ["Disc", "Square", "Grass"]
    with open_page(running.page(), film=films[0], allow=("409",)) as page:
        project = make_project(page, [])["id"]
        visit(page, running, project)
        for name in names:
            page.keyboard.type(name)  # the field for it has the focus, and keeps it
            page.keyboard.press("Enter")
            page.keyboard.press("Enter")  # of an empty field nothing comes
        until(page, "document.querySelectorAll('.class_name').length === 3")
        assert [one.input_value() for one in page.locator(".class_name").all()] == names
        page.keyboard.type(names[0])
        page.keyboard.press("Enter")
        page.wait_for_selector(".new_class .field_error:visible")
        page.keyboard.press("Backspace")
        assert page.locator(".field_error:visible, .notice.error").count() == 0
        page.locator("#new_class").fill("")
        turn_on(page)
        hold(page, 0, 8)
    with open_page(running.page(f"teach/{project}"), film=films[1]) as page:
        turn_on(page)
        hold(page, 1, 8)
        page.wait_for_selector(".verdict bdi:text-is('Square')")  # bars after the second class
    with open_page(running.page(f"teach/{project}"), film=films[2], size=(390, 844)) as page:
        turn_on(page)
        hold(page, 2, 8)
        no_sideways(page)
        page.set_viewport_size({"width": 1366, "height": 768})
        page.wait_for_selector(".verdict bdi:text-is('Grass')")
        assert page.locator(".bar.first .name").inner_text() == "Grass"
        assert float(data(page, "livePerSecond")) > 0
        assert min(counts(page, project)) >= 8
        no_sideways(page)
        _why(page)
        _wrong(page, project)
        _mistakes_put_right(page, project)
        _taken_back(page, project)
        _tried(page, tmp_path)
        _taken_away(page, tmp_path)


def _why(page: Any) -> None:
    page.get_by_role("button", name="Why?").click()
    until(page, "document.querySelector('.heat:not([hidden])')?.naturalWidth > 0")
    page.get_by_role("button", name="Why?").click()
    assert page.locator(".heat:visible").count() == 0


def _wrong(page: Any, project: str) -> None:
    before = counts(page, project)
    page.get_by_role("button", name="Wrong: it is").click()
    page.wait_for_selector(".correction:visible")
    page.keyboard.press("Escape")
    assert page.locator(".correction:visible").count() == 0
    page.get_by_role("button", name="Wrong: it is").click()
    page.locator(".chip", has_text="Square").click()
    wait_until(lambda: counts(page, project)[1] == before[1] + 1)
    page.wait_for_selector(".seen video:visible")
    page.wait_for_selector(".undo:has-text('Thank you')")
    page.locator(".undo button").click()
    wait_until(lambda: counts(page, project) == before)
    page.get_by_role("button", name="Wrong: it is").click()
    page.locator(".chip", has_text="Square").click()
    wait_until(lambda: counts(page, project)[1] == before[1] + 1)


def _mistakes_put_right(page: Any, project: str) -> None:
    """The striped picture among the squares is found in the matrix, and moved to where it belongs."""
    cell = page.locator("[data-cell='1,2']")
    cell.wait_for(timeout=20_000)
    before = counts(page, project)
    cell.click()
    page.wait_for_selector(".opened .thumb:visible")
    page.locator(".opened .target", has_text="Grass").click()
    wait_until(lambda: counts(page, project) == [before[0], before[1] - 1, before[2] + 1])
    page.locator(".undo button").click()
    wait_until(lambda: counts(page, project) == before)
    page.locator("[data-cell='1,2']").wait_for()
    if page.locator("[data-cell='1,2'][aria-expanded=true]").count() == 0:
        page.locator("[data-cell='1,2']").click()
    page.drag_and_drop(".opened .thumb", ".opened .target:has-text('Grass')")
    wait_until(lambda: counts(page, project) == [before[0], before[1] - 1, before[2] + 1])
    assert page.locator(".map circle").count() >= 20
    page.locator(".map circle").first.focus()
    until(page, "document.querySelector('.map_preview:not([hidden])')?.naturalWidth > 0")


def _taken_back(page: Any, project: str) -> None:
    """A deleted picture and a deleted class come back."""
    before = counts(page, project)
    thumb = page.locator(".class_card").first.locator(".thumb").first
    thumb.focus()
    page.keyboard.press("Delete")
    wait_until(lambda: counts(page, project)[0] == before[0] - 1)
    page.wait_for_selector(".undo:has-text('A picture of')")
    page.keyboard.press("Control+z")
    wait_until(lambda: counts(page, project)[0] == before[0])
    page.drag_and_drop(".class_card:nth-child(1) .thumb", ".class_card:nth-child(2) .class_head .count")
    wait_until(lambda: counts(page, project)[:2] == [before[0] - 1, before[1] + 1])
    page.locator(".undo button").click()
    wait_until(lambda: counts(page, project) == before)
    page.locator(".class_card").first.locator("summary").click()
    page.get_by_role("button", name="Delete this class").click()
    wait_until(lambda: len(counts(page, project)) == 2)
    page.locator(".undo button").click()
    wait_until(lambda: sorted(counts(page, project)) == sorted(before))


def _tried(page: Any, tmp_path: Path) -> None:
    """A picture from a file is answered in the camera's place."""
    file = tmp_path / "试 试.jpg"
    file.write_bytes(jpeg(1, 99))
    page.locator(".stage input[type=file]").set_input_files(str(file))
    page.wait_for_selector(".verdict bdi:text-is('Square')")
    letter = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    page.locator(".stage input[type=file]").set_input_files(letter)
    page.wait_for_selector(".notice.error:has-text('letter.txt')")
    assert page.evaluate("document.querySelector('.still_picture').naturalWidth > 0")  # the one before is still there
    page.locator(".notice.error button").click()
    page.get_by_role("button", name="Back to the camera").click()
    page.wait_for_selector(".verdict bdi:text-is('Grass')")


def _taken_away(page: Any, tmp_path: Path) -> None:
    """The project as a zip, until something changes; the lines of code are there to copy."""
    page.wait_for_selector(".take_lines .code:has-text('import')")
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the zip").click()
    download.value.save_as(tmp_path / "taken.zip")
    with zipfile.ZipFile(tmp_path / "taken.zip") as taken_away:
        assert sum(name.endswith(".jpg") for name in taken_away.namelist()) >= 24
    page.locator("#new_class").fill("Sky")
    page.keyboard.press("Enter")
    page.wait_for_selector(".take_told .hint:has-text('make it again')")
    assert page.locator(".take_told a").count() == 0


@pytest.mark.parametrize(
    ("camera", "text"),
    [("refuse", "does not give the camera"), pytest.param("missing", "No camera was found", marks=pytest.mark.full)],
)
def test_without_a_camera_pictures_come_from_files(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path, camera: str, text: str
) -> None:
    running = start_studio()
    file, no_picture = tmp_path / "a b 图.jpg", tmp_path / "letter.jpg"
    file.write_bytes(jpeg(0, 0))
    no_picture.write_text("no picture", encoding="utf-8")
    film = make_film(tmp_path / "film.mp4", [drawn(0, 0)])
    with open_page(running.page(), camera=camera) as page:
        project = make_project(page, ["Disc"])["id"]
        visit(page, running, project)
        page.locator(".start_camera").click()
        page.wait_for_selector(f".off.problem:has-text('{text}')")
        page.locator(".class_card input[type=file]").first.set_input_files([str(file), str(no_picture), str(film)])
        wait_until(lambda: counts(page, project) == [1])
        page.wait_for_selector(".class_card .refused:has-text('letter.jpg'):has-text('A film is not a picture')")
        page.wait_for_selector(".class_card .thumb")
        for name in ("cat", "猫 2"):
            (tmp_path / "set" / name).mkdir(parents=True)
            (tmp_path / "set" / name / "1.jpg").write_bytes(jpeg(1, 1))
        page.locator(".show > input[type=file]").set_input_files(str(tmp_path / "set"))
        wait_until(lambda: counts(page, project) == [1, 1, 1])
        assert page.locator(".class_name").nth(2).input_value() == "猫 2"


@pytest.mark.full
def test_what_is_recorded_while_the_server_is_gone_arrives_later(
    start_studio: StartStudio, open_page: OpenPage, films: list[Path]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    running = start_studio(None, "--port", port)
    with open_page(running.page(), film=films[0], allow=REFUSED) as page:
        project = make_project(page, ["Disc"])["id"]
        visit(page, running, project)
        turn_on(page)
        page.locator(".record").hover()
        page.mouse.down()
        wait_until(lambda: int(data(page, "pictures")) >= 2)
        running.kill()
        wait_until(lambda: int(data(page, "waiting")) >= 5)
        page.wait_for_selector(".banner.lost:has-text('kept here')")
        page.mouse.up()
        start_studio(running.folder, "--port", port)
        until(page, "document.body.dataset.waiting === '0'")
        until(page, "document.querySelector('.banner').hidden")
        assert counts(page, project)[0] >= taken(page)
        assert page.locator(".count").inner_text() == f"{counts(page, project)[0]} pictures"


@pytest.mark.full
def test_the_keyboard_alone_is_enough(start_studio: StartStudio, open_page: OpenPage, films: list[Path]) -> None:
    running = start_studio()
    with open_page(running.page(), film=films[2], language="zh") as page:
        project = make_project(page, ["圆", "方"], 3)["id"]
        visit(page, running, project)
        turn_on(page)
        _tab_to(page, "#new_class")
        page.keyboard.type("草")
        page.keyboard.press("Enter")
        until(page, "document.querySelectorAll('.class_name').length === 3")
        _tab_to(page, "[data-record]", "Shift+Tab")  # the next name may come first, the button is near
        page.keyboard.down(" ")
        wait_until(lambda: taken(page) >= 5)
        page.keyboard.up(" ")
        until(page, "document.body.dataset.waiting === '0'")
        assert counts(page, project)[2] == taken(page)
        page.wait_for_selector(".verdict bdi:text-is('草')")
        page.keyboard.press("Tab")  # the burst
        before = taken(page)
        page.keyboard.press("Enter")
        wait_until(lambda: taken(page) == before + 20)
        _tab_to(page, ".class_card:nth-child(3) .thumb")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        _tab_to(page, ".closer select")
        page.keyboard.press("ArrowDown")
        wait_until(lambda: counts(page, project)[0] == 4)
        _tab_to(page, ".stage_buttons button:nth-child(2)")
        page.keyboard.press("Enter")
        until(page, "document.activeElement.matches('.chip')")
        page.keyboard.press("Enter")
        wait_until(lambda: counts(page, project)[0] == 5)
        _tab_to(page, ".cell")
        page.keyboard.press("Enter")
        page.wait_for_selector(".opened:visible")
        page.reload()
        page.wait_for_selector(".seen video:visible")  # on as it was
        _tab_to(page, ".camera_row button:nth-child(3)")
        page.keyboard.press("Enter")
        until(page, "document.activeElement.matches('.start_camera')")
        page.keyboard.press("Enter")
        page.wait_for_selector(".seen video:visible")


def _tab_to(page: Any, selector: str, key: str = "Tab") -> None:
    for _ in range(120):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab does not come to {selector}")


@pytest.mark.full
def test_forty_classes_and_long_names_fit(start_studio: StartStudio, open_page: OpenPage) -> None:
    running = start_studio()
    names = [LONG, "حيوانات", "🦊" * 30, "a" * 200, *(f"Thing {number}" for number in range(36))]
    with open_page(running.page(), camera="missing", language="zh") as page:
        project = make_project(page, names, 1)
        visit(page, running, project["id"])
        page.wait_for_selector(".class_card:nth-child(40)")
        for size in SIZES:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            no_sideways(page)
        assert page.locator(".class_name").first.input_value() == project["classes"][0]["name"]
        ask(
            page, "POST", f"/api/projects/{project['id']}/classes/{project['classes'][1]['id']}", {"name": "另一个窗口"}
        )
        until(page, "document.querySelectorAll('.class_name')[1].value === '另一个窗口'")
        for number in range(1, 20):
            ask(
                page,
                "POST",
                f"/api/projects/{project['id']}/classes/{project['classes'][0]['id']}/pictures",
                jpeg(0, number),
            )
        page.wait_for_selector(".class_card:nth-child(2) .class_hint.amber")
        until(page, "document.body.dataset.learning === 'ready'")
        with page.expect_response(lambda answer: "/api/predict" in answer.url) as answered:
            page.locator(".stage input[type=file]").set_input_files(
                {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": jpeg(0, 3)}
            )
        assert len(json.loads(answered.value.text())["classes"]) == 40
        page.wait_for_selector(".bar:nth-child(7)")
        assert page.locator(".bar").count() == 7
        no_sideways(page)


def test_an_address_without_a_project_leads_home(start_studio: StartStudio, open_page: OpenPage) -> None:
    with open_page(start_studio().page("teach/nothing"), allow=("404",)) as page:
        assert page.locator("main a.primary").get_attribute("href") == "/"
