"""Converting through the page: what can be made, the check of what came out, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.conftest import MakeImageNet
from tests.MMEdu.conftest import Trained
from tests.MMEdu.studio.conftest import OpenPage, RunningStudio, StartStudio

pytest.importorskip("torch")


@pytest.fixture
def running(start_studio: StartStudio, tmp_path: Path, trained: Trained, make_imagenet: MakeImageNet) -> RunningStudio:
    """A studio with a trained network and a data set in its work folder."""
    folder = tmp_path / "工作 区"
    place = folder / "checkpoints" / "我的 模型"
    place.mkdir(parents=True)
    for file in trained.folder.iterdir():
        if file.suffix in (".pth", ".json"):
            shutil.copy(file, place / file.name)
    make_imagenet(folder / "datasets" / "猫 狗")
    return start_studio(folder)


@pytest.mark.full
def test_to_onnx_and_to_int8(running: RunningStudio, open_page: OpenPage) -> None:
    chosen = quote("checkpoints/我的 模型/latest.pth")
    with open_page(running.page(f"convert?file={chosen}"), size=(390, 844), language="zh") as page:
        page.wait_for_selector(".step[data-how=done]:has-text('latest.pth (LeNet)')")
        page.locator(".step[data-how=open] .choice", has_text="ONNX").first.click()
        page.wait_for_selector(".program:has-text('model.convert')", timeout=60_000)
        page.locator("[data-name=standalone] input").check()
        page.wait_for_selector(".program:has-text('standalone=True')", timeout=60_000)
        page.get_by_role("button", name="开始转换").click()
        page.wait_for_selector(".state-done", timeout=120_000)
        page.wait_for_selector(".good:has-text('结果和转换前一致')")
        assert len(list(running.folder.glob("runs/*/model/*.onnx"))) == 1
        assert page.locator(".files a").count() >= 2
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.locator(".after a", has_text="再转换").click()
        page.locator(".step[data-how=open] .choice", has_text=".onnx").first.click()
        assert page.locator(".step[data-how=open] .choice strong").all_inner_texts() == ["INT8"]
        page.locator(".step[data-how=open] .choice", has_text="INT8").click()
        page.locator(".step[data-how=open] .choice", has_text="猫 狗").click()
        page.locator(".found button.primary").click()
        page.locator("[data-name=max_drop] input").fill("100")
        page.wait_for_selector(".program:has-text('max_drop=100')", timeout=60_000)
        page.get_by_role("button", name="开始转换").click()
        page.wait_for_selector(".state-done", timeout=120_000)
        page.wait_for_selector(".with-table th:has-text('INT8')")
        assert page.locator(".with-table tbody tr").count() >= 2


@pytest.mark.full
def test_what_is_no_model_is_refused_and_what_is_missing_is_named(
    running: RunningStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    (tmp_path / "broken.pth").write_bytes(b"not weights")
    (tmp_path / "photo.onnx.txt").write_bytes(b"text")
    with open_page(running.page("convert"), allow=("400",)) as page:
        page.locator("input[type=file]").set_input_files(tmp_path / "photo.onnx.txt")
        page.wait_for_selector("[role=alert] .wrong:has-text('None of these files is a model')")
        page.locator("input[type=file]").set_input_files(tmp_path / "broken.pth")
        page.locator(".step[data-how=open] .choice", has_text="ONNX").first.click()
        page.wait_for_selector("[role=alert] .wrong", timeout=60_000)
        assert page.locator("[role=alert] .wrong strong").inner_text()
