"""The page's parts that others build on, each in a browser without a page around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.MMEdu.studio.conftest import OpenPage, StartStudio, wait_until

_SCHEMA = {
    "properties": {
        "count": {"title": "How many", "type": "integer", "default": 3, "minimum": 1, "maximum": 9},
        "rate": {"type": "number", "default": 0.01, "exclusiveMinimum": 0},
        "size": {"type": ["integer", "null"], "default": None, "minimum": 8},
        "way": {"default": "a", "enum": ["a", "b"]},
        "open": {"default": None, "enum": ["a", None]},
        "mirrored": {"type": ["boolean", "null"], "default": None},
        "flag": {"type": "boolean", "default": True},
        "file": {"format": "path", "default": None},
        "some": {"type": ["integer", "array", "null"], "default": None},
        "device": {"type": "string", "default": "cpu", "examples": ["cpu", "auto"]},
        "start": {"type": ["boolean", "string", "null"], "default": None},
    }
}


def make(page: Any, part: str, body: str, argument: object = None) -> Any:
    """Run a function's body with a part's module as ``m``, and return what it returns."""
    script = f"async (given) => {{ const m = await import('/page/parts/{part}.js'); {body} }}"
    return page.evaluate(script, argument)


def holds(page: Any, what: str) -> None:
    """Wait until something is true in the page, whose policy lets nobody wait inside of it."""
    wait_until(lambda: page.evaluate(what))


def values(page: Any) -> dict[str, Any]:
    """Return what the form says."""
    read: dict[str, Any] = page.evaluate("window.made.values()")
    return read


def test_parts(start_studio: StartStudio, open_page: OpenPage) -> None:
    running = start_studio()
    with open_page(running.page()) as page:
        form_says_what_differs(page)
        curves_grow_and_have_gaps(page)
        program_is_its_text(page)


def form_says_what_differs(page: Any) -> None:
    build = "window.made = m.form(given, {first: ['count'], values: {size: 20, start: 'file.pth'}});"
    make(page, "form", build + "document.getElementById('main').replaceChildren(window.made.element);", _SCHEMA)
    assert values(page) == {"size": 20, "start": "file.pth"}
    assert page.locator(".form > .fields .field").count() == 1
    page.locator(".form summary").click()

    def put(name: str, text: str) -> str:
        field = page.locator(f"[data-name={name}] input")
        field.fill(text)
        field.press("Tab")
        return str(page.locator(f"[data-name={name}] .wrong").inner_text())

    for text in ("0", "10", "2.5", "viele", "", "1e99", "Infinity", "0x1F9"):
        assert put("count", text), text
        assert "count" not in values(page)
    assert put("count", " ４ ") == ""
    assert put("rate", "0")
    assert put("rate", "-1")
    assert put("rate", "1e-3") == ""
    assert put("size", "7")
    assert put("size", "") == ""
    assert put("some", "1, 5") == ""
    assert put("file", "123") == ""
    assert put("device", "cuda:1") == ""
    page.locator("[data-name=way] select").select_option(label="b")
    page.locator("[data-name=open] select").select_option(label="a")
    page.locator("[data-name=mirrored] select").select_option(label="no")
    page.locator("[data-name=start] select").select_option(label="yes")
    page.locator("[data-name=flag] input").uncheck()
    assert values(page) == {
        "count": 4, "rate": 0.001, "some": [1, 5], "file": "123", "device": "cuda:1", "way": "b", "open": "a",
        "mirrored": False, "start": True, "flag": False,
    }  # fmt: skip
    assert "(9 changed)" in page.locator(".form summary").inner_text()
    page.evaluate("window.made.write({count: 5})")
    assert values(page) == {"count": 5}
    page.locator("[data-name=rate] input").fill("x")
    page.locator(".form summary").click()
    assert page.evaluate("window.made.check()") is False
    assert page.evaluate("document.activeElement.closest('[data-name]').dataset.name") == "rate"
    assert page.locator("[data-name=rate] input").get_attribute("aria-describedby")


def curves_grow_and_have_gaps(page: Any) -> None:
    build = (
        "window.made = m.curves({title: 'Loss'}); document.getElementById('main').replaceChildren(window.made.element);"
    )
    make(page, "curves", build)
    page.evaluate("window.made.until(1000)")
    page.evaluate(
        "for (const [x, y] of [[1, 4], [2, 2], [3, {number: 'nan'}], [4, 1]]) window.made.add('a', x, y, '损失')"
    )
    holds(page, "document.querySelector('path.series-0')?.getAttribute('d').split('M').length === 3")
    assert page.locator(".curves .tick").all_text_contents()[-2] == "10"  # not the thousand that are still to come
    page.evaluate("window.made.add('b', 1, 3)")
    holds(page, "document.querySelectorAll('path.series').length === 2")
    assert page.locator("path.series-1").get_attribute("stroke-dasharray")
    assert "损失: from 4 to 1 at epoch 4." in page.locator("svg.drawing").get_attribute("aria-label")
    page.locator("svg.drawing").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".reading:has-text('epoch 1: 损失 4, b 3')")
    page.evaluate("for (let x = 5; x < 9000; x++) window.made.add('a', x, 1 / x)")
    holds(page, "document.querySelector('path.series-0').getAttribute('d').length < 40000")
    make(page, "curves", build.replace("'Loss'", "'Measure', share: true"))
    for value, told in (("0.5", "1.0"), ("70", "100 %"), ("700", "800")):  # a share of one, of a hundred, and no share
        page.evaluate(f"window.made.add('c', {value}, {value})")
        holds(page, f"[...document.querySelectorAll('.tick')].some((one) => one.textContent === '{told}')")
    ticks = make(
        page, "curves", "return [m.ticks(0, 1, 4), m.ticks(3, 3, 4), m.ticks(-7, 92, 4), m.ticks(0, 1e-9, 4)];"
    )
    assert ticks[0] == [0, 0.5, 1]
    assert ticks[2] == [-50, 0, 50, 100]
    assert all(len(one) >= 2 for one in ticks)


def program_is_its_text(page: Any) -> None:
    code = 'import os  # "no string"\n\ntext = """two\nlines""" + \'<b>\' + r"\\d"  # 1\nif 3 > x1:\n    pass\n'
    build = "window.made = m.program(given); document.getElementById('main').replaceChildren(window.made.element);"
    make(page, "code", build, code)
    lines = page.locator(".program li").all_inner_texts()
    assert [line.replace("\n", "") for line in lines] == code.splitlines()
    assert page.locator(".program b").count() == 0
    assert page.locator(".program .code-string").all_inner_texts()[:2] == ['"""two', 'lines"""']
    assert page.locator(".program .code-remark").all_inner_texts() == ['# "no string"', "# 1"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    assert Path(download.value.path()).read_bytes() == code.encode()
