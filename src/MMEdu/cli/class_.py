"""``mmedu class``: a teacher's server in the room: hand out, collect, judge on hidden pictures, show a wall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from MMEdu.cli.options import option, positional
from MMEdu.cli.output import echo

_FOLDER = Path("mmedu_class")


def class_(
    folder: Annotated[
        Path, positional("Where everything of the class is kept.", "存放课堂全部内容的文件夹。", show_default=False)
    ] = _FOLDER,
    pin: Annotated[
        str | None, option("What pupils type, 4 digits or more.", "同学们输入的 PIN，至少 4 位数字。")
    ] = None,
    host: Annotated[str, option("Address of this computer to listen on.", "监听本机的哪个地址。")] = "0.0.0.0",
    port: Annotated[
        int | None, option("8765, or the next that is free.", "端口：默认 8765，被占用时取下一个。")
    ] = None,
    https: Annotated[
        bool,
        option(
            "Encrypt; phones' browsers show their live camera only then.", "加密；手机浏览器只有这样才能用实时摄像头。"
        ),
    ] = False,
    browser: Annotated[bool, option("Open the browser.", "打开浏览器。")] = True,
) -> None:
    """A teacher's class: hand out, collect, judge (课堂服务器)."""
    from MMEdu.studio.classroom import server

    server.run(folder, tell=echo, pin=pin, host=host, port=port, https=https, open_browser=browser)
