"""Which sinks a live run has: a window where one can open, what the user wants to be written, something at least."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from BaseDT.files import free_name, what_is_at
from BaseDT.image import is_image_file
from BaseDT.language import say
from XEdu.live import sinks, video, windows
from XEdu.live.sinks import Sink
from XEdu.live.sources import Source

_DEFAULT_OUT, _DEFAULT_PICTURE = Path("live.mp4"), Path("live.jpg")


def chosen(
    stream: Source, out: Path | None, show: bool | None, notify: Callable[[str], None], clock: Callable[[], float]
) -> list[Sink]:
    """Return where the pictures of a stream go.

    Args:
        stream: Whose pictures these are.
        out: What shall be written.
        show: Whether a window shall open; None: where one can, and nothing is written.
        notify: Gets a line where none can.
        clock: Seconds.

    Raises:
        PathExists: What should be written is there already (-105).
        PathNotWritable: It cannot be written (-104).
        ParameterInvalid: Nothing can be written under that name (-305).
    """
    targets: list[Sink] = []
    if stream.single and out is None and show is None:  # a window would be gone before anybody saw it
        out = free_name(_DEFAULT_PICTURE)
    elif show or (show is None and out is None):
        window = windows.opened()
        if window is not None:
            targets.append(window)
        else:
            out = _file_instead(out, stream, notify)
    if out is not None:
        try:
            for path in video.rescue(out.parent):
                notify(say(f"From a run that was killed: {path}", f"来自被强制结束的运行：{path}"))
            targets.append(_writer(out, stream, clock))
        except BaseException:
            for target in targets:  # a window that nobody closes stays open
                target.close()
            raise
    return targets


def _file_instead(out: Path | None, stream: Source, notify: Callable[[str], None]) -> Path:
    """Say that no window can open, and what is written in its place."""
    if out is None:
        out = free_name(_DEFAULT_PICTURE if stream.single else _DEFAULT_OUT)
    notify(
        say(
            f"No window can open here (no screen, or neither an OpenCV with windows nor Tk): writing {out}.",
            f"此处无法打开窗口（没有屏幕，或既无带窗口的 OpenCV 也无 Tk）：将写入 {out}。",
        )
    )
    return out


def _writer(out: Path, stream: Source, clock: Callable[[], float]) -> Sink:
    if not out.suffix or what_is_at(out) == "folder":
        return sinks.Folder(out)
    if stream.single and is_image_file(out):
        return sinks.Picture(out)
    return video.Video(out, stream.rate, clock)
