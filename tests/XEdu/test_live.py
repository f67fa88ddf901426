"""The loop of live predictions on real videos and real folders; what predicts is a function of a few lines."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, features

import models_on_disk
from BaseDT import fonts, image
from BaseDT.errors import (
    DeviceUnavailable,
    DiskFull,
    ImageDamaged,
    ImageNotFound,
    ImageUnsupported,
    ParameterInvalid,
    PathExists,
    PathNotWritable,
    XEduError,
)
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.io.camera import VIDEO_SUFFIXES
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu import live
from XEdu.live import loop, windows
from XEdu.live import video as video_file
from XEdu.outputs import classification, detection
from XEdu.runtime.model import Model

RealCapture = cv2.VideoCapture  # some tests put a camera in its place
LEVELS = (20, 60, 100, 140, 180, 220)


class Opened:
    """What is the same of all models here."""

    reading = Reading()

    def checked_threshold(self, name: str, value: object) -> float:
        return self.kind.threshold if value is None else self.kind.checked_threshold(name, value, None)


class Bright(Opened):
    """Says how bright a picture is."""

    kind = classification.KIND

    def __init__(self) -> None:
        self.seen: list[int] = []

    def predict(self, pictures: Sequence[Pixels], *, threshold: float = 0.3) -> list[ClassificationResult]:
        self.seen += [round(float(picture.mean())) for picture in pictures]
        return [ClassificationResult(label=0, score=0.9, name="亮") for _ in pictures]


class Boxes(Opened):
    """Finds a plate in every picture."""

    kind = detection.KIND

    def __init__(self) -> None:
        self.threshold = -1.0

    def predict(self, pictures: Sequence[Pixels], *, threshold: float = 0.3) -> list[list[DetectionResult]]:
        self.threshold = threshold
        return [[DetectionResult(label=0, score=0.8, box=(10, 10, 40, 30), name="车牌")] for _ in pictures]


class Clock:
    """Advances by a step whenever somebody looks at it."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def gray(level: int, size: tuple[int, int] = (240, 320)) -> Pixels:
    return np.full((*size, 3), level, np.uint8)


def frames_of(video: Path) -> list[Pixels]:
    capture = RealCapture(str(video))
    found = []
    while (read := capture.read())[0]:
        found.append(read[1])
    capture.release()
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "我的 作品"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def folder(place: Path) -> Path:
    """Six pictures, darker to brighter."""
    for index, level in enumerate(LEVELS):
        image.write(place / "图 片" / f"图 {index}.png", gray(level))
    return place / "图 片"


@pytest.fixture(params=[".avi", ".mp4"])
def video(request: pytest.FixtureRequest, place: Path) -> Path:
    """A video of six frames, ten a second."""
    path = place / f"视 频{request.param}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*video_file.CODECS[request.param]), 10.0, (320, 240))
    for level in LEVELS:
        writer.write(gray(level))
    writer.release()
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- where pictures come from --------------------------------------------------------------------------------------


def test_every_frame_of_a_video_is_predicted_in_order(video: Path) -> None:
    model = Bright()
    summary = live.run(model, video, show=False)
    assert summary.frames == 6
    assert model.seen == pytest.approx(LEVELS, abs=4)
    assert not summary.interrupted


def test_a_folder_gives_its_pictures_by_name(folder: Path) -> None:
    model = Bright()
    assert live.run(model, folder, show=False).frames == 6
    assert model.seen == list(LEVELS)


def test_a_single_picture_is_a_source_too(folder: Path, place: Path) -> None:
    assert live.run(Bright(), folder / "图 3.png", show=False).frames == 1
    assert names(place) == ["图 片"]


@pytest.mark.parametrize("out", ["出.jpg", "新/出.png", None])
def test_of_a_single_picture_a_picture_is_written(folder: Path, place: Path, out: str | None) -> None:
    summary = live.run(Boxes(), folder / "图 3.png", out=out)
    assert summary.out == Path(out or "live.jpg")
    drawn = image.read(place / summary.out)
    assert drawn.shape == (240, 320, 3)
    assert np.any(drawn != gray(140))


def test_a_picture_that_is_there_is_not_overwritten(folder: Path, place: Path) -> None:
    (place / "出.jpg").write_bytes(b"mine")
    with pytest.raises(PathExists) as caught:
        live.run(Bright(), folder / "图 3.png", out="出.jpg")
    assert "出_2.jpg" in caught.value.hint


def test_many_pictures_do_not_become_one(folder: Path) -> None:
    with pytest.raises(ParameterInvalid):
        live.run(Bright(), folder, out="出.jpg")


@pytest.mark.parametrize("out", ["出.avi", "出", None])
def test_where_no_picture_can_be_read_there_is_an_error_and_nothing_is_left(
    folder: Path, place: Path, out: str | None
) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    for source in (folder, folder / "图 3.png"):
        with pytest.raises(ImageDamaged):
            live.run(Bright(), source, out=out)
    assert names(place) == ["图 片"]


def test_a_picture_that_cannot_be_read_is_left_out_and_named(folder: Path) -> None:
    (folder / "图 2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    told: list[str] = []
    assert live.run(Bright(), folder, show=False, tell=told.append).frames == 5
    assert any("图 2.png" in line for line in told)


def test_digits_are_a_camera_unless_a_folder_is_called_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.rename("7")
    assert live.run(Bright(), "7", show=False).frames == 6
    with pytest.raises(DeviceUnavailable):
        live.run(Bright(), "8", show=False)


class _FakeCamera:
    """A camera that is slow to end."""

    def __init__(self, source: int) -> None:
        self.source, self.given, self.released = source, 0, False

    def isOpened(self) -> bool:
        return True

    def set(self, *_: float) -> bool:
        return True

    def read(self) -> tuple[bool, Pixels | None]:
        time.sleep(0.0005)
        self.given += 1
        return True, gray(100)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> list[_FakeCamera]:
    made: list[_FakeCamera] = []

    def make(source: int) -> _FakeCamera:
        made.append(_FakeCamera(source))
        return made[-1]

    monkeypatch.setattr(cv2, "VideoCapture", make)
    return made


def test_a_camera_runs_until_a_limit_and_is_let_go(camera: list[_FakeCamera]) -> None:
    assert live.run(Bright(), 0, show=False, frames=12).frames == 12
    assert camera[0].released
    assert live.run(Bright(), "0", show=False, seconds=5, clock=Clock(0.5)).seconds >= 5


# --- where they go -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_a_video_is_written_with_as_many_frames_and_the_same_pace(video: Path, place: Path, suffix: str) -> None:
    out = place / "结 果" / f"出{suffix}"
    summary = live.run(Bright(), video, out=out)
    assert summary.out == out
    written = frames_of(out)
    assert len(written) == 6
    assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    assert names(out.parent) == [out.name]


def test_the_answer_and_the_frames_per_second_are_drawn(folder: Path, place: Path) -> None:
    live.run(Bright(), folder, out=place / "出")
    assert names(place / "出") == names(folder)
    before, after = (image.read(where / "图 3.png") for where in (folder, place / "出"))
    changed = np.any(before != after, axis=2)
    assert changed[:30].any(), "the label, above"
    assert changed[-20:, :60].any(), "the frames per second, below"
    assert not changed[100:140].any()


def test_boxes_are_drawn_and_the_threshold_is_handed_on(folder: Path, place: Path) -> None:
    model = Boxes()
    live.run(model, folder, out=place / "出", threshold=0.6)
    assert model.threshold == 0.6
    assert np.any(image.read(place / "出" / "图 0.png") != gray(20))


def test_frames_of_a_video_are_numbered_in_a_folder(video: Path, place: Path) -> None:
    live.run(Bright(), video, out=place / "出", frames=2)
    assert names(place / "出") == ["frame_000001.jpg", "frame_000002.jpg"]


def test_pictures_of_all_sizes_fit_into_one_video(place: Path) -> None:
    for index, size in enumerate([(241, 321), (90, 400), (500, 60), (200, 320), (240, 320)]):
        image.write(place / "图" / f"{index}.png", gray(200, size))
    summary = live.run(Bright(), place / "图", out="出.avi")
    shapes = [frame.shape for frame in frames_of(place / "出.avi")]
    assert (summary.frames, shapes) == (5, [(240, 320, 3)] * 5)


def test_a_video_of_a_camera_plays_as_long_as_it_took(camera: list[_FakeCamera], place: Path) -> None:
    """A slow model sees few frames; each is shown until the next."""
    live.run(Bright(), 0, out="慢.avi", frames=10, clock=Clock(0.1))
    written = len(frames_of(place / "慢.avi"))
    assert written > 2 * 10


def test_what_a_video_leaves_out_is_not_drawn(
    camera: list[_FakeCamera], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quick model sees more pictures than the video takes."""
    drawn: list[object] = []
    monkeypatch.setattr(loop, "drawn", lambda picture, *rest: drawn.append(rest) or picture)
    live.run(Bright(), 0, out="快.avi", frames=60, clock=Clock(0.004))
    assert len(drawn) <= len(frames_of(place / "快.avi")) < 30


def test_the_room_on_the_disk_is_looked_at_now_and_then_whatever_is_left_out(
    camera: list[_FakeCamera], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow model's pictures are written several times: the count jumps over the hundreds."""
    looks: list[object] = []
    room = video_file.shutil.disk_usage(place)
    monkeypatch.setattr(video_file.shutil, "disk_usage", lambda path: looks.append(path) or room)
    live.run(Bright(), 0, out="慢.avi", frames=60, clock=Clock(0.09))
    written = len(frames_of(place / "慢.avi"))
    assert written > 200
    assert written // 150 <= len(looks) <= written // 100 + 1


def test_without_a_window_and_without_out_a_video_is_written_and_said_so(folder: Path, place: Path) -> None:
    told: list[str] = []
    first = live.run(Bright(), folder, tell=told.append)
    second = live.run(Bright(), folder)
    assert [first.out, second.out] == [Path("live.mp4"), Path("live_2.mp4")]
    assert "live.mp4" in told[0]
    assert len(frames_of(place / "live_2.mp4")) == 6


def test_nothing_is_written_when_nothing_shall_be_shown(folder: Path, place: Path) -> None:
    assert live.run(Bright(), folder, show=False).out is None
    assert names(place) == ["图 片"]


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> list[Pixels]:
    """A screen, and an OpenCV with windows; the user presses q at the third picture."""
    shown: list[Pixels] = []
    monkeypatch.setattr(windows, "has_desktop", lambda: True)
    monkeypatch.setattr(cv2, "namedWindow", lambda *_: None, raising=False)
    monkeypatch.setattr(cv2, "imshow", lambda _, picture: shown.append(picture), raising=False)
    monkeypatch.setattr(cv2, "waitKey", lambda _: ord("q") if len(shown) == 3 else -1, raising=False)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: 1.0, raising=False)
    monkeypatch.setattr(cv2, "destroyAllWindows", lambda: None, raising=False)
    return shown


def test_a_window_is_opened_where_there_is_a_screen_and_q_ends(desktop: list[Pixels], folder: Path) -> None:
    summary = live.run(Bright(), folder)
    assert (summary.frames, len(desktop), summary.out) == (3, 3, None)


def test_a_window_and_a_video_at_once(desktop: list[Pixels], folder: Path, place: Path) -> None:
    live.run(Bright(), folder, out="出.avi", show=True)
    assert len(frames_of(place / "出.avi")) == 3


@pytest.fixture
def headless_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen, and an OpenCV without windows."""

    def refuse(*_: object) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setattr(windows, "has_desktop", lambda: True)
    monkeypatch.setattr(cv2, "namedWindow", refuse, raising=False)


class _FakeTk:
    """As much of tkinter as a window needs; the user presses a key, or closes it, at the third picture."""

    TclError = type("TclError", (Exception,), {})

    def __init__(self, ends_by: str) -> None:
        self.shown: list[tuple[bytes, bytes]] = []
        self.ends_by, self.calls, self.open = ends_by, dict[str, Callable[..., None]](), True

    def Tk(self) -> _FakeTk:
        return self

    def Label(self, _: object) -> _FakeTk:
        return self

    def PhotoImage(self, *, master: object, data: bytes, format: str) -> bytes:
        return data

    def winfo_screenwidth(self) -> int:
        return 240

    def winfo_screenheight(self) -> int:
        return 320

    def title(self, _: str) -> None: ...

    def pack(self) -> None: ...

    def bind(self, key: str, call: Callable[..., None]) -> None:
        self.calls[key] = call

    protocol = bind

    def configure(self, image: bytes) -> None:
        head, _, pixels = image.partition(b"\n")
        self.shown.append((head, pixels))

    def update(self) -> None:
        if len(self.shown) == 3:
            self.calls[self.ends_by]()

    def destroy(self) -> None:
        self.open = False


@pytest.mark.parametrize("ends_by", ["q", "<Escape>", "WM_DELETE_WINDOW"])
def test_tk_shows_where_opencv_has_no_windows(
    headless_opencv: None, folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch, ends_by: str
) -> None:
    """On a screen as small as a board's."""
    tk = _FakeTk(ends_by)
    monkeypatch.setitem(sys.modules, "tkinter", tk)
    summary = live.run(Bright(), folder)
    assert (summary.frames, summary.out, tk.open) == (3, None, False)
    head, pixels = tk.shown[0]
    assert head == b"P6 240 180 255"
    assert len(pixels) == 240 * 180 * 3
    assert names(place) == ["图 片"]


@pytest.mark.parametrize("how", ["no Tk", "no screen for Tk"])
def test_without_any_window_it_writes(
    headless_opencv: None, folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    tk = _FakeTk("q")

    def refuse() -> _FakeTk:
        raise tk.TclError("couldn't connect to display")

    monkeypatch.setattr(tk, "Tk", refuse)
    monkeypatch.setitem(sys.modules, "tkinter", None if how == "no Tk" else tk)
    assert live.run(Bright(), folder, show=True).out == Path("live.mp4")


# --- pace, lines, ends ---------------------------------------------------------------------------------------------


def test_the_pace_is_smoothed() -> None:
    pace = loop.Pace()
    assert pace.tick(0.0) is None
    rates = [pace.tick(now) for now in (0.1, 0.2, 0.3, 1.3)]
    assert rates[:3] == pytest.approx([10, 10, 10])
    assert rates[3] == pytest.approx(1 / (0.9 * 0.1 + 0.1 * 1.0))


def test_one_line_a_second_with_the_answer(folder: Path) -> None:
    told: list[str] = []
    summary = live.run(Bright(), folder, show=False, tell=told.append, clock=Clock(0.25))
    assert len(told) == 2
    assert "亮 0.90" in told[0]
    assert "fps" in told[1]
    assert summary.rate == pytest.approx(6 / summary.seconds)


def test_boxes_are_counted_in_the_line(folder: Path) -> None:
    told: list[str] = []
    live.run(Boxes(), folder, show=False, tell=told.append, frames=1)
    assert told[0].endswith("1: 车牌 0.80")


def test_that_nothing_was_found_is_said_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Boxes, "predict", lambda self, pictures, **_: [[] for _ in pictures])
    live.run(Boxes(), folder, show=False, tell=told.append, frames=1)
    assert told == ["图 0.png: nothing found"]


@pytest.mark.parametrize("model", [Bright, Boxes])
def test_where_no_font_has_the_name_it_is_said_once_how_to_get_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, model: type[Bright | Boxes]
) -> None:
    monkeypatch.setattr("BaseDT.fonts.cjk_font", lambda: None)
    told: list[str] = []
    live.run(model(), folder, out="出.avi", tell=told.append, clock=Clock(2.0))
    assert told.count(fonts.font_hint()) == 1
    told.clear()
    live.run(model(), folder, show=False, tell=told.append)
    assert fonts.font_hint() not in told, "nothing is drawn"


def test_names_that_can_be_drawn_need_no_font(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("BaseDT.fonts.cjk_font", lambda: None)
    told: list[str] = []
    latin = [ClassificationResult(label=0, score=0.9, name="cat")]
    monkeypatch.setattr(Bright, "predict", lambda self, pictures, **_: latin)
    live.run(Bright(), folder, out="出.avi", tell=told.append)
    assert fonts.font_hint() not in told


class _Stops(Bright):
    def __init__(self, after: int, error: BaseException) -> None:
        super().__init__()
        self.after, self.error = after, error

    def predict(self, pictures: Sequence[Pixels], *, threshold: float = 0.3) -> list[ClassificationResult]:
        if len(self.seen) == self.after:
            raise self.error
        return super().predict(pictures, threshold=threshold)


def test_ctrl_c_ends_with_a_summary_and_a_video_that_plays(video: Path, place: Path) -> None:
    summary = live.run(_Stops(4, KeyboardInterrupt()), video, out="出.avi")
    assert (summary.frames, summary.interrupted, summary.out) == (4, True, Path("出.avi"))
    assert len(frames_of(place / "出.avi")) == 4


def test_more_of_them_do_not_spoil_the_video(video: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close = video_file.Video.close

    def impatient(self: video_file.Video) -> Path | None:
        signal.raise_signal(signal.SIGINT)
        try:
            return close(self)
        finally:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(video_file.Video, "close", impatient)
    summary = live.run(_Stops(4, KeyboardInterrupt()), video, out="出.mp4")
    assert (summary.interrupted, summary.out) == (True, Path("出.mp4"))
    assert len(frames_of(place / "出.mp4")) == 4
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_film_calls_itself_an_mp4(video: Path, place: Path) -> None:
    """It is written in fragments, by a part of FFmpeg that would call it something else."""
    live.run(Bright(), video, out="出.mp4")
    head = (place / "出.mp4").read_bytes()[:24]
    assert head[4:12] == b"ftypiso5"
    assert names(place) == sorted([video.name, "出.mp4"])


def test_what_a_killed_process_left_gets_its_name_and_what_is_written_now_stays(folder: Path, place: Path) -> None:
    """On Windows a file that is open keeps its name."""
    live.run(Bright(), folder, out="旧.mp4")
    (place / "旧.mp4").rename(left := place / ".现场.0123abcd.ismv")
    (place / ".空.0123abcd.ismv").touch()
    (place / ".新.0123abcd.ismv").write_bytes(b"x")
    for path in (left, place / ".空.0123abcd.ismv"):
        os.utime(path, (1, 1))
    told: list[str] = []
    live.run(Bright(), folder, out="现场.avi", tell=told.append)
    assert any("现场.mp4" in line for line in told)
    assert len(frames_of(place / "现场.mp4")) == 6
    assert names(place) == sorted(["图 片", "现场.avi", "现场.mp4", ".新.0123abcd.ismv"])


@pytest.mark.parametrize("after", [0, 3])
def test_what_was_written_before_an_error_is_kept_and_no_half_file_stays(folder: Path, place: Path, after: int) -> None:
    with pytest.raises(ZeroDivisionError):
        live.run(_Stops(after, ZeroDivisionError()), folder, out="出.avi")
    assert names(place) == sorted(["图 片", *(["出.avi"] if after else [])])


def test_a_full_disk_ends_it_and_keeps_what_there_is(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_file, "_RESERVED_BYTES", 1 << 60)
    with pytest.raises(DiskFull, match="出"):
        live.run(Bright(), folder, out="出.avi")
    assert names(place) == ["图 片"]


# --- bad input -----------------------------------------------------------------------------------------------------

Refusal = Callable[[Path], tuple[type[XEduError], object, object]]


def test_a_camera_that_is_unplugged_is_named_and_the_video_is_kept(
    camera: list[_FakeCamera], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_FakeCamera, "read", lambda self: (next(self.left, None) is not None, gray(100)))
    monkeypatch.setattr(_FakeCamera, "left", iter(range(5)), raising=False)
    with pytest.raises(DeviceUnavailable):
        live.run(Bright(), 0, out="出.avi")
    assert frames_of(place / "出.avi")


def _text(place: Path) -> Path:
    file = place / "不是.mp4"
    file.write_text("no video", encoding="utf-8")
    return file


def _empty(place: Path) -> Path:
    (place / "空").mkdir()
    return place / "空"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda place: 97, DeviceUnavailable),
        (lambda place: -1, ParameterInvalid),
        (lambda place: place / "没有.mp4", ImageNotFound),
        (_text, ImageUnsupported),
        (_empty, ImageNotFound),
        (lambda place: "", ParameterInvalid),
        (lambda place: None, ParameterInvalid),
        (lambda place: True, ParameterInvalid),
    ],
    ids=["camera", "negative", "missing", "no video", "empty folder", "empty", "None", "bool"],
)
def test_a_source_that_is_none_is_named(
    place: Path, make: Callable[[Path], object], error: type[XEduError], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(error) as caught:
        live.run(Bright(), make(place), out="出.avi")
    assert caught.value.hint
    assert not (place / "出.avi").exists()
    assert "WARN" not in capfd.readouterr().err, "OpenCV's own warnings tell a pupil nothing"


def test_what_is_there_is_not_overwritten_and_a_free_name_is_offered(folder: Path, place: Path) -> None:
    (place / "出.mp4").write_bytes(b"mine")
    with pytest.raises(PathExists) as caught:
        live.run(Bright(), folder, out="出.mp4")
    assert "出_2.mp4" in caught.value.hint
    assert (place / "出.mp4").read_bytes() == b"mine"


def test_a_folder_that_holds_something_is_not_written_to(folder: Path) -> None:
    with pytest.raises(PathExists):
        live.run(Bright(), folder, out=folder)


def test_a_target_below_a_file_cannot_be_written(folder: Path, place: Path) -> None:
    (place / "文件").write_text("x", encoding="utf-8")
    for out in ("文件/出.mp4", "文件/出"):
        with pytest.raises(PathNotWritable):
            live.run(Bright(), folder, out=out)


def test_a_suffix_that_is_no_video_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        live.run(Bright(), folder, out="出.gif")
    assert ".mp4" in caught.value.hint


def test_a_codec_that_is_missing_is_named(folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(video_file.CODECS, ".mp4", "zzzz")
    with pytest.raises(XEduError) as caught:
        live.run(Bright(), folder, out="出.mp4")
    assert caught.value.code == -502
    assert ".avi" in caught.value.hint
    assert names(place) == ["图 片"]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"seconds": value} for value in (0, -1, "x", True, float("nan"))),
        *({"frames": value} for value in (0, 1.5, "3", True)),
        *({"threshold": value} for value in (2, "x", True, float("nan"))),
        *({"out": value} for value in (5, "", b"x")),
        {"show": "yes"},
    ],
)
def test_a_limit_that_cannot_work_is_named(folder: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterInvalid, match=next(iter(wrong))):
        live.run(Bright(), folder, **wrong)


def test_every_suffix_that_is_written_can_be_read(place: Path) -> None:
    assert set(video_file.CODECS) <= set(VIDEO_SUFFIXES)


def test_the_boxes_of_a_real_detector_are_drawn_on_every_picture(place: Path, folder: Path) -> None:
    """It finds, on its input of 16×16, one box above the threshold from (2, 4) to (8, 12)."""
    model = Model.load(models_on_disk.detector(place / "检测.onnx", ((2, 4, 8, 12, 0.9), (4, 4, 16, 16, 0.2)), (1, 2)))
    told: list[str] = []
    summary = live.run(model, folder, out="画 出", threshold=0.5, tell=told.append)
    assert summary.frames == 6
    assert told[0].endswith(f"1: {models_on_disk.CLASSES[1]} 0.90")
    for name in names(folder):
        before, after = (image.read(place / part / name) for part in (folder.name, "画 出"))
        changed = np.abs(after.astype(int) - before).max(axis=2) > 8
        assert before.shape == after.shape
        assert changed[118, 38:44].any(), "its left edge"
        assert changed[118, 156:164].any(), "its right edge"
        assert changed[176:184, 100].any(), "its lower edge"
        assert not changed[70:170, 170:].any(), "nothing beside it: the other box is below the threshold"


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow decodes no AVIF")
def test_pictures_of_a_format_that_is_not_written_are_written_as_jpeg(folder: Path, place: Path) -> None:
    pixels = np.full((20, 30, 3), 90, np.uint8)
    Image.fromarray(pixels).save(folder / "手机.avif")
    summary = live.run(Bright(), folder, out="出", show=False)
    assert summary.frames == len(names(place / "出")) == len(names(folder))
    assert "手机.avif.jpg" in names(place / "出")


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "x" * 300 + ".jpg", "x" * 300])
def test_a_name_longer_than_the_system_allows_is_refused_by_name(folder: Path, place: Path, name: str) -> None:
    for source in (folder, next(folder.iterdir())):
        with pytest.raises((PathNotWritable, ParameterInvalid)):
            live.run(Bright(), source, out=name, show=False)


def test_the_folder_where_one_is_may_hold_other_things(folder: Path, place: Path) -> None:
    with pytest.raises(PathExists) as caught:
        live.run(Bright(), folder, out=".", show=False)
    assert "_2" in caught.value.hint


def test_a_window_is_closed_where_the_output_is_refused(
    desktop: list[Pixels], folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []
    monkeypatch.setattr(windows.OpenCVWindow, "close", lambda self, **_: closed.append(self))
    (place / "有.mp4").touch()
    with pytest.raises(PathExists):
        live.run(Bright(), folder, out="有.mp4", show=True)
    assert len(closed) == 1
