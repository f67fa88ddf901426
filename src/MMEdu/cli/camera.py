"""``mmedu camera``: live predictions of an exported model, or of a task that needs none, by ``XEdu.live``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.cli.options import option, positional, threshold_option, threshold_value
from MMEdu.cli.output import display_path, echo

if TYPE_CHECKING:
    from MMEdu.actions.camera import Summary

_ENDINGS = ("SIGTERM", "SIGHUP")
"""How a service manager and a closed terminal end a program; Windows has no SIGHUP."""


def camera(
    model: Annotated[
        Path | None, positional("An exported model; none with --task.", "转换后的模型；使用 --task 时不需要。")
    ] = None,
    task: Annotated[
        str | None,
        option(
            "A task that needs no model: pose_hand21, pose_body, pose_face, det_face, seg_person …",
            "无需模型的任务：pose_hand21、pose_body、pose_face、det_face、seg_person……",
        ),
    ] = None,
    source: Annotated[
        str,
        option(
            "Number of a camera, a video file, a picture, or a folder of pictures.",
            "摄像头编号、视频文件、图片或图片文件夹。",
        ),
    ] = "0",
    out: Annotated[
        Path | None,
        option(
            "Write a video (.mp4, .avi), a folder of pictures, or of one picture a picture.",
            "写入视频（.mp4、.avi）或图片文件夹；输入为单张图片时写入图片。",
        ),
    ] = None,
    show: Annotated[bool | None, option("Open a window; q or Esc ends.", "打开窗口；按 q 或 Esc 结束。")] = None,
    seconds: Annotated[float | None, option("End after so many.", "运行多少秒后结束。")] = None,
    frames: Annotated[int | None, option("End after so many.", "处理多少帧后结束。")] = None,
    thr: Annotated[str | None, threshold_option()] = None,
    track: Annotated[
        bool,
        option(
            "Give each object of a detector a number that it keeps.", "目标跟踪：为每个检测到的目标编号。", "--track"
        ),
    ] = False,
    count: Annotated[bool, option("Count the objects of each class.", "计数：统计各类目标的数量。", "--count")] = False,
    line: Annotated[
        str | None,
        option(
            "Count at this line, in and out: pixels, or shares from 0 to 1, e.g. 0,0.5,1,0.5.",
            "统计越过该线的目标（进、出）：像素，或 0 到 1 的比例，例如 0,0.5,1,0.5。",
            metavar="X1,Y1,X2,Y2",
        ),
    ] = None,
    csv: Annotated[
        Path | None, option("Write a line for everything that is counted.", "将每次计数写入该 CSV 文件。")
    ] = None,
    provider: Annotated[
        str | None,
        option(
            "Of onnxruntime, e.g. CUDAExecutionProvider.", "onnxruntime 的执行提供程序，例如 CUDAExecutionProvider。"
        ),
    ] = None,
    threads: Annotated[
        int | None, option("Of the computation; all cores by default.", "计算线程数；默认使用全部核。")
    ] = None,
) -> None:
    """Predict live what a camera sees; Ctrl-C ends (摄像头实时推理)."""
    from MMEdu.actions import camera as action

    opened = _opened(model, task, threads, provider)
    with _ending_like_ctrl_c():
        summary = action.camera(
            opened,
            source,
            out=out,
            show=show,
            seconds=seconds,
            frames=frames,
            thr=threshold_value(thr),
            track=track,
            count=count,
            line=line,
            csv=csv,
            notify=echo,
        )
    echo(_summary_text(summary))
    if counted := action.counts_text(summary):
        echo(say(f"Counted: {counted}", f"计数：{counted}"))
    elif count or line is not None or csv is not None:
        echo(say("Nothing was counted.", "没有计到任何目标。"))


def _opened(model: Path | None, task: str | None, threads: int | None, provider: str | None) -> Any:
    """Open what predicts: a model, or a task that needs none."""
    from MMEdu.actions import camera as action

    if model is not None and task is None:
        return action.open_model(model, threads=threads, provider=provider)
    if model is None and task is not None:
        return action.open_task(task, threads=threads, provider=provider)
    raise ParameterInvalid(
        say("Expected a model, or a task that needs none.", "应给出模型文件，或无需模型的任务。"),
        hint=say(
            "mmedu camera model.onnx, or mmedu camera --task pose_hand21.",
            "例如 mmedu camera model.onnx，或 mmedu camera --task pose_hand21。",
        ),
    )


@contextmanager
def _ending_like_ctrl_c() -> Iterator[None]:
    """Let a headless board, which is ended by signals, close its video as Ctrl-C does.

    A signal that is ignored already (``nohup``) stays so.
    """
    numbers = [getattr(signal, name) for name in _ENDINGS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] not in (signal.SIG_IGN, None)]

    def end(received: int, frame: FrameType | None) -> None:
        for number in ours:  # the second signal of an impatient sender must not interrupt the closing
            signal.signal(number, signal.SIG_IGN)
        # Whatever Ctrl-C does now: while a first one is being answered, nothing.
        if callable(answer := signal.getsignal(signal.SIGINT)):
            answer(received, frame)
        else:
            raise KeyboardInterrupt

    try:
        for number in ours:
            signal.signal(number, end)
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _summary_text(summary: Summary) -> str:
    frames, seconds, rate = summary.frames, summary.seconds, summary.rate
    counted = "1 frame" if frames == 1 else f"{frames} frames"
    text = say(
        f"{counted} in {seconds:.1f} s: {rate:.1f} frames/s.",
        f"{frames} 帧，{seconds:.1f} 秒：{rate:.1f} 帧/秒。",
    )
    if summary.out is None:
        return text
    return text + say(f" Written: {display_path(summary.out)}", f" 已写入：{display_path(summary.out)}")
