"""Training through the page: from nothing to a network on disk, in a browser, with real trainings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeImageNet
from tests.MMEdu.studio.conftest import OpenPage, RunningStudio, StartStudio

pytest.importorskip("torch")

_LONG = "一个名字特别特别长的类别用来看看页面会不会被它撑破"


@pytest.fixture
def running(start_studio: StartStudio, tmp_path: Path, make_imagenet: MakeImageNet) -> RunningStudio:
    """A studio with a data set in its work folder."""
    folder = tmp_path / "工作 区"
    make_imagenet(folder / "datasets" / "猫 狗")
    return start_studio(folder)


def choose_up_to_settings(page: Any, data: str = "猫 狗") -> None:
    """Go through the steps as a pupil does."""
    page.locator(".step[data-how=open] .choice").first.click()
    page.locator(".step[data-how=open] .choice", has_text=re.compile("^LeNet")).click()
    page.locator(".step[data-how=open] .choice", has_text=data).click()
    page.locator(".found button.primary").click()
    page.wait_for_selector(".program li >> nth=5")


def fill(page: Any, name: str, text: str) -> None:
    """Type into a field of the form, and leave it."""
    field = page.locator(f"[data-name={name}] input")
    field.fill(text)
    field.press("Tab")


def overflows(page: Any) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_from_nothing_to_a_network(running: RunningStudio, open_page: OpenPage) -> None:
    with open_page(running.page("train"), allow=("400",)) as page:
        choose_up_to_settings(page)
        program = page.locator(".program")
        assert "model.load_dataset(path='datasets/猫 狗')" in program.inner_text()
        fill(page, "epochs", "viele")
        assert page.locator("[data-name=epochs] .wrong").inner_text() == "That is not a number."
        page.get_by_role("button", name="Start training").click()
        assert page.evaluate("document.activeElement.closest('[data-name]').dataset.name") == "epochs"
        fill(page, "epochs", "２")  # full width, as a Chinese keyboard types it
        fill(page, "batch_size", "4")
        page.wait_for_selector(".program:has-text('epochs=2')")
        page.reload()  # what was chosen outlives it
        page.locator(".found button.primary").click()
        page.wait_for_selector(".program:has-text('epochs=2')")
        # What contradicts itself is told beside the button.
        page.locator(".form .more summary").click()
        page.locator("[data-name=freeze] input").fill("nothing such")
        page.wait_for_selector("[role=alert] .wrong:has-text('freeze')")
        page.locator("[data-name=freeze] input").fill("")
        page.wait_for_selector("[role=alert] .wrong", state="detached")
        # Going back is free: the settings stay.
        page.get_by_role("button", name="Change: Which network?").click()
        page.locator(".step[data-how=open] .choice", has_text=re.compile("^LeNet")).click()
        assert page.locator("[data-name=batch_size] input").input_value() == "4"
        page.wait_for_selector(".program:has-text('batch_size=4')")
        shown = page.locator(".program").inner_text()
        page.get_by_role("button", name="Start training").click()
        page.wait_for_selector(".state-done", timeout=120_000)
        assert page.locator(".curves path.series").count() == 3  # the loss, that of the validation, and one measure
        assert "to" in page.locator(".curves svg.drawing").first.get_attribute("aria-label")
        drawing = page.locator(".curves svg.drawing").nth(1)
        drawing.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Home")
        page.wait_for_selector(".reading:has-text('epoch 1: how often right ')")
        assert page.locator(".report figure").count() >= 1
        page.locator(".report .picture").first.click()
        page.wait_for_selector("dialog[open] img")
        page.keyboard.press("Escape")
        assert page.locator(".after a").first.get_attribute("href").startswith("/try?model=")
        page.locator("summary", has_text=re.compile("^The program$")).click()
        page.wait_for_selector(".job .program li >> nth=5")
        assert page.locator(".job .program").inner_text() == shown
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as .py").click()
        ran = next(running.folder.glob("runs/*/program.py"))
        assert Path(download.value.path()).read_bytes() == ran.read_bytes()
        # It is listed, can be opened again, and its settings can be taken over.
        page.locator(".after a", has_text="Train again").click()
        page.locator(".step[data-how=open] .choice", has_text="猫 狗").click()
        page.locator(".found button.primary").click()
        page.wait_for_selector(".program:has-text('epochs=2')")
        page.locator(".job-line").click()
        page.wait_for_selector(".state-done")
        page.get_by_role("button", name="Delete").first.click()
        page.locator("dialog[open] button.danger").click()
        page.wait_for_selector(".earlier p")
        assert not list(running.folder.glob("runs/*/job.json"))


@pytest.mark.full
def test_stop_and_go_on_after_a_reload(running: RunningStudio, open_page: OpenPage) -> None:
    with open_page(running.page("train"), size=(390, 844), language="zh") as page:
        choose_up_to_settings(page)
        assert not overflows(page)
        fill(page, "epochs", "2000")
        page.wait_for_selector(".program:has-text('epochs=2000')")
        page.get_by_role("button", name="开始训练").click()
        page.wait_for_selector(".curves path.series >> nth=2", state="attached", timeout=60_000)
        page.wait_for_selector(".doing:has-text('共 2000 轮')")
        assert not overflows(page)
        page.reload()
        page.wait_for_selector(".curves path.series >> nth=2", state="attached", timeout=60_000)
        page.get_by_role("button", name="停止").click()
        page.wait_for_selector(".state-stopped", timeout=60_000)
        page.reload()
        page.wait_for_selector(".state-stopped")
        assert page.locator(".curves path.series").count() == 3
        page.get_by_role("button", name="继续").click()
        page.wait_for_selector(".state-running")
        page.wait_for_selector(".output:has-text('继续')", state="attached", timeout=60_000)
        page.get_by_role("button", name="停止").click()
        page.wait_for_selector(".state-stopped", timeout=60_000)


def test_data_that_are_wrong_are_told(running: RunningStudio, open_page: OpenPage, tmp_path: Path) -> None:
    damaged = next((running.folder / "datasets" / "猫 狗").rglob("*.png"))
    damaged.write_bytes(damaged.read_bytes()[:50])
    forty = tmp_path / "四十 类"
    source = sorted((running.folder / "datasets" / "猫 狗").rglob("*.png"))[-1]
    for number in range(40):
        folder = forty / f"{_LONG}{number:02}"
        folder.mkdir(parents=True)
        for copy in range(2):
            (folder / f"{copy}.png").write_bytes(source.read_bytes())
    with open_page(running.page("train"), size=(390, 844), allow=("404", "400")) as page:
        page.locator(".step[data-how=open] .choice").first.click()
        page.locator(".step[data-how=open] .choice", has_text=re.compile("^LeNet")).click()
        page.locator(".step[data-how=open] summary", has_text="other pictures").click()
        page.locator("#set-path").fill("no/such folder")
        page.locator("#set-path").press("Enter")
        page.wait_for_selector(".found .wrong:has-text('no/such folder')")
        assert page.locator(".found .wrong p").inner_text()
        page.locator("#set-path").fill(str(forty))
        page.locator("#set-path").press("Enter")
        page.wait_for_selector(".found .good:has-text('40 classes')")
        assert not overflows(page)
        page.locator(".step[data-how=open] .choice", has_text="猫 狗").click()
        page.wait_for_selector(".found .hint")
        page.locator(".found button.primary").click()
        page.wait_for_selector(".program:has-text(\"check='skip'\")")


@pytest.mark.full
def test_a_zip_is_sent_and_another_tasks_set_is_recognised(
    running: RunningStudio, open_page: OpenPage, tmp_path: Path, detection_set: Path
) -> None:
    import shutil

    file = shutil.make_archive(str(tmp_path / "盒 子"), "zip", detection_set)
    with open_page(running.page("train")) as page:
        page.locator(".step[data-how=open] .choice").first.click()
        page.locator(".step[data-how=open] .choice", has_text=re.compile("^LeNet")).click()
        page.wait_for_selector(".step[data-how=open] .choice")
        page.locator("input[accept='.zip']").set_input_files(file)
        page.get_by_role("button", name="Train for detection").click()
        page.locator(".step[data-how=open] .choice", has_text=re.compile("^SSD_Lite")).click()
        page.locator(".step[data-how=open] .choice", has_text="盒 子").click()
        page.wait_for_selector(".found .good")
        page.locator(".found button.primary").click()
        page.wait_for_selector(".program:has-text('MMDetection')")
        assert (running.folder / "datasets" / "盒 子").is_dir()


@pytest.mark.full
def test_a_light_installation_and_a_job_that_is_gone_are_told(start_studio: StartStudio, open_page: OpenPage) -> None:
    running = start_studio()
    with open_page(running.page("train/nobody"), allow=("404",)) as page:
        page.wait_for_selector("[role=alert]:has-text('not there any more')")

        def without_torch(route: Any) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, json={**answer.json(), "torch": False})

        page.route("**/api/state", without_torch)
        page.locator("a.back").click()
        page.wait_for_selector(".lacking .program:has-text('pip install')")
        assert page.locator(".step").count() == 0
        assert page.locator(".lacking a").get_attribute("href") == "/"
