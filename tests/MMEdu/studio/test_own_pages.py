"""The pages Layers and Numbers as a pupil uses them, in a browser: from a table to answers, and what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.MMEdu.studio.conftest import OpenPage, RunningStudio, StartStudio

TABLE = "datasets/花 朵.csv"


@pytest.fixture
def running(start_studio: StartStudio, tmp_path: Path) -> RunningStudio:
    """A studio with a table of two kinds of flowers that two numbers tell apart."""
    folder = tmp_path / "工作 区"
    file = folder / TABLE
    file.parent.mkdir(parents=True)
    rows = [
        f"{row % 2 * 2 + row / 60:.2f},{row % 2 + row / 90:.2f},{'玫瑰' if row % 2 else '菊花'}" for row in range(40)
    ]
    file.write_text("\n".join(["长,宽,名称", *rows]), encoding="utf-8")
    return start_studio(folder)


def overflows(page: Any) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def choose(page: Any, data: str = TABLE) -> None:
    """Choose what is learned from."""
    page.locator(f".choice[data-path='{data}']").click()


def test_layers_are_laid_checked_trained_and_asked(running: RunningStudio, open_page: OpenPage) -> None:
    pytest.importorskip("torch")
    with open_page(running.page("layers"), allow=("400",)) as page:
        choose(page)
        page.wait_for_selector(".layers-end .good")
        assert page.locator("[data-layer]:visible").count() == 6
        page.locator("[data-layer=dropout]").click()  # it goes before the last one
        page.wait_for_selector(".layer >> nth=2")
        kinds = page.locator(".layer").evaluate_all("all => all.map(one => one.dataset.kind)")
        assert kinds == ["linear", "dropout", "linear"]
        assert page.evaluate("document.activeElement.closest('.layer').dataset.kind") == "dropout"
        assert page.locator("[data-layer=conv2d]").get_attribute("aria-disabled") == "true"
        size = page.locator(".layer [data-name=size] input").first
        size.fill("7, 5")
        page.wait_for_selector(".layer.does-not-fit .fault:has-text('size=(2, 5)')")
        assert page.get_by_role("button", name="Go on to the training").is_disabled()
        page.get_by_role("button", name="Let it fit").click()
        page.wait_for_selector(".layers-end .good")
        assert size.input_value() == "5"
        page.locator(".layer [data-name=size] input").last.fill("7")
        page.get_by_role("button", name="Let it fit").click()
        page.wait_for_selector(".layers-end .good")
        page.get_by_role("button", name="Move layer 2, dropout, up").click()
        page.wait_for_selector(".layer[data-kind=dropout] .shape:has-text('2 numbers')")
        page.get_by_role("button", name="Remove layer 1, dropout").click()
        page.reload()  # what is laid outlives it
        page.wait_for_selector(".layers-end .good")
        assert page.locator(".layer").count() == 2
        page.get_by_role("button", name="Go on to the training").click()
        page.locator("[data-name=epochs] input").fill("30")
        page.wait_for_selector(".program:has-text('epochs=30')")
        shown = page.locator(".program").inner_text()
        assert "model.add(layer='linear', size=(2, 5), activation='relu')" in shown
        page.get_by_role("button", name="Start training").click()
        page.wait_for_selector(".job .state-done", timeout=60_000)
        assert page.locator(".curves path.series").count() == 3
        page.locator("#ask-0").fill("1,234")
        page.get_by_role("button", name="What does it say?").click()
        page.wait_for_selector(".own-answers .hint:has-text('1234 or 1.234')")
        page.locator("#ask-0").fill("2,1")  # a decimal comma
        page.locator("#ask-1").fill("")
        page.get_by_role("button", name="What does it say?").click()
        page.wait_for_selector(".own-answers .hint:has-text('宽')")
        assert page.evaluate("document.activeElement.id") == "ask-1"
        page.locator("#ask-1").fill("1.2")
        page.get_by_role("button", name="What does it say?").click()
        page.wait_for_selector(".said:has-text('玫瑰')")
        assert page.locator(".own-bar").count() == 2
        page.locator("#ask-1").fill("1.1")
        assert page.locator(".said").count() == 0  # the answer was to another question
        ran = next(running.folder.glob("runs/network_*/program.py"))
        assert [line for line in ran.read_text(encoding="utf-8").splitlines() if line] == shown.split("\n")
        page.get_by_role("link", name="Change the layers").click()
        page.wait_for_selector(".layers-end .good")
        assert page.locator(".layer [data-name=size] input").first.input_value() == "5"


@pytest.mark.full
def test_a_table_is_learned_from_on_a_phone(running: RunningStudio, open_page: OpenPage) -> None:
    pytest.importorskip("sklearn")
    with open_page(running.page("numbers"), size=(390, 844), language="zh") as page:
        choose(page)
        page.wait_for_selector(".columns")
        assert not overflows(page)
        assert page.locator("select[data-column='2']").input_value() == "told"
        page.locator(".families .choice", has_text="回归").click()
        page.wait_for_selector(".step[data-how=open] .hint")  # words are no numbers
        page.locator(".families .choice", has_text="分类").click()
        page.locator("select[data-column='1']").select_option("told")  # one column alone is told
        assert page.locator("select[data-column='2']").input_value() == "out"
        page.locator("select[data-column='2']").select_option("told")
        assert page.locator("select[data-column='1']").input_value() == "given"
        page.get_by_role("button", name="下一步：选算法").click()
        page.locator(".step[data-how=open] .choice", has_text="CART").click()
        page.wait_for_selector(".program:has-text('CART')")
        page.locator("#onnx").uncheck()
        page.wait_for_selector(".program:not(:has-text('convert'))")
        assert not overflows(page)
        page.get_by_role("button", name="开始学习").click()
        page.wait_for_selector(".job .state-done", timeout=60_000)
        assert page.locator(".report figure").count() == 2
        assert "100%" in page.locator(".output").inner_text()
        assert page.locator(".job .good").inner_text().endswith("100%")  # and at the head
        assert not overflows(page)


def test_what_is_no_table_is_told_where_it_was_chosen(
    running: RunningStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    gap = tmp_path / "缺 失.csv"
    gap.write_text("a,b,c\n1,2,x\n3,,y\n", encoding="utf-8")
    with open_page(running.page("layers"), allow=("400", "404")) as page:
        page.locator("summary", has_text="Take another table").click()
        page.locator("input[type=file]").set_input_files(gap)
        page.wait_for_selector(".sets .wrong:has-text('缺 失.csv:3')")
        page.locator("#learn-path").fill("no/such.csv")
        page.locator("#learn-path").press("Enter")
        page.wait_for_selector(".sets .wrong:has-text('no/such.csv')")
        assert page.locator(".layer").count() == 0
