"""``mmedu serve``: a converted model, or a task that needs none, as an HTTP service with a page to try it."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.cli.options import json_option, option, positional, threshold_value
from MMEdu.cli.output import echo, print_json

if TYPE_CHECKING:
    from MMEdu.actions.serve import Running

_EVERYWHERE = "0.0.0.0"


def serve(
    model: Annotated[
        Path | None, positional("An exported model; none with --task.", "转换后的模型；使用 --task 时不需要。")
    ] = None,
    task: Annotated[
        str | None,
        option(
            "A task that needs no model: pose_hand21, det_face, ocr …", "无需模型的任务：pose_hand21、det_face、ocr……"
        ),
    ] = None,
    port: Annotated[int, option("To listen on.", "监听的端口。")] = 1956,
    lan: Annotated[
        bool, option("Let others in this network use it.", "允许同一网络中的其他设备使用。", "--lan")
    ] = False,
    host: Annotated[
        str | None, option("The address to listen on, instead of --lan.", "监听的地址（代替 --lan）。")
    ] = None,
    pin: Annotated[
        str | None,
        option(
            "Whoever asks must know it; - reads it from the input.",
            "使用者必须知道的 PIN；- 表示从标准输入读取。",
            metavar="PIN",
        ),
    ] = None,
    mode: Annotated[
        str,
        option("json: results; img: drawn pictures.", "json：返回结果；img：返回画好的图片。", metavar="json|img"),
    ] = "json",
    thr: Annotated[
        str | None,
        option(
            "Least score of a box (0.65), or of a class: a lower one is none of these; 'auto' is what the validation "
            "suggests.",
            "检测框的最低得分（默认 0.65），或类别的最低得分：低于它则回答“都不是”；'auto' 为验证结果建议的得分。",
            metavar="FLOAT|auto",
        ),
    ] = None,
    threads: Annotated[
        int | None, option("Of the computation; all cores by default.", "计算线程数；默认使用全部核。")
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
    title: Annotated[str | None, option("What the page calls it.", "页面上显示的名称。", hidden=True)] = None,
    until_stdin_ends: Annotated[
        bool, option("End when the standard input does.", "标准输入结束时退出。", "--until-stdin-ends", hidden=True)
    ] = False,
) -> None:
    """Serve a converted model over HTTP; Ctrl-C ends (模型服务)."""
    from MMEdu.actions import serve as action

    _check(model, task, lan, host)
    answering = action.opened(model, task, threads=threads)
    running = action.start(
        answering.titled(title) if title else answering,
        port=port,
        host=host or (_EVERYWHERE if lan else "127.0.0.1"),
        mode=mode,
        score=threshold_value(thr),
        pin=sys.stdin.readline().strip() if pin == "-" else pin,
        tell=_silent if as_json else _tell,
    )
    if as_json:
        print_json({"address": running.address, "addresses": running.addresses, "port": running.port})
        sys.stdout.flush()
    if until_stdin_ends:  # the studio's services end with it, however it ends
        threading.Thread(target=_stop_when_alone, args=(running,), daemon=True).start()
    running.wait()
    if not as_json:
        echo(say("The service has ended.", "服务已结束。"))


def _check(model: Path | None, task: str | None, lan: bool, host: str | None) -> None:
    if (model is None) == (task is None):
        raise ParameterInvalid(
            say("Expected a model, or a task that needs none.", "应给出模型文件，或无需模型的任务。"),
            hint=say(
                "mmedu serve model.onnx, or mmedu serve --task pose_hand21.",
                "例如 mmedu serve model.onnx，或 mmedu serve --task pose_hand21。",
            ),
        )
    if lan and host is not None:
        raise ParameterInvalid(
            say("--lan and --host say the same thing.", "--lan 和 --host 含义重复。"),
            hint=say("Leave one of them out.", "请去掉其中一个。"),
        )


def _stop_when_alone(running: Running) -> None:
    while os.read(0, 4096):  # nothing that a program which ends would wait for
        pass
    running.stop()


def _tell(line: str) -> None:
    echo(line.replace("pin='4821'", "--pin 4821"))


def _silent(_: str) -> None:
    pass
