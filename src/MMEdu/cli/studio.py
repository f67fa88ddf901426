"""``mmedu studio``: everything in the browser, on this computer. The documents' names open a page of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from MMEdu.cli.options import option, positional
from MMEdu.cli.output import echo

_FOLDER = Path("mmedu_studio")


def studio(
    folder: Annotated[
        Path, positional("Where projects and models are kept.", "存放项目和模型的文件夹。", show_default=False)
    ] = _FOLDER,
    port: Annotated[
        int | None, option("8765, or the next that is free.", "端口：默认 8765，被占用时取下一个。")
    ] = None,
    browser: Annotated[bool, option("Open the browser.", "打开浏览器。")] = True,
) -> None:
    """Everything in the browser, on this computer (浏览器工具)."""
    _run(folder, port, browser, "")


def page_command(page: str) -> Callable[..., None]:
    """Make the command that opens one page."""

    def command(
        folder: Annotated[
            Path, positional("Where projects and models are kept.", "存放项目和模型的文件夹。", show_default=False)
        ] = _FOLDER,
        port: Annotated[
            int | None, option("8765, or the next that is free.", "端口：默认 8765，被占用时取下一个。")
        ] = None,
        browser: Annotated[bool, option("Open the browser.", "打开浏览器。")] = True,
    ) -> None:
        _run(folder, port, browser, page)

    command.__doc__ = f"Open the studio's page '{page}' (浏览器工具的页面)."
    return command


PAGES = {"easytrain": "train", "easyinference": "try", "easyconvert": "convert", "easyapi": "serve"}
"""The documents' names, and the page of each."""


def _run(folder: Path, port: int | None, browser: bool, page: str) -> None:
    from MMEdu.studio import server

    server.run(folder, tell=echo, port=port, page=page, open_browser=browser)
