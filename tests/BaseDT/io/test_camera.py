"""Pictures one after another: a video file as it is, cameras as stand-ins, and every way in which there is none."""

from __future__ import annotations

import gc
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from BaseDT.errors import DeviceUnavailable, ImageNotFound, ImageUnsupported, ParameterInvalid, ParameterUnknown
from BaseDT.io import Camera, newest, opening


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Five frames, each brighter than the one before; 48 wide, 32 high."""
    path = tmp_path / "数据 集" / "视 频.avi"
    path.parent.mkdir()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (48, 32))
    for value in range(0, 250, 50):
        writer.write(np.full((32, 48, 3), value, np.uint8))
    writer.release()
    return path


class FakeCapture:
    """A camera that behaves as the tests ask."""

    frames: ClassVar[int] = 10**9
    dark: ClassVar[int] = 0
    delay: ClassVar[float] = 0.0
    there: ClassVar[bool] = True
    length: ClassVar[float] = -1e17
    made: ClassVar[list[FakeCapture]] = []

    def __init__(self, source: int | str, *_limits: object) -> None:
        time.sleep(self.delay)
        self.source, self.open, self.reads = source, self.there, 0
        self.wishes: dict[int, float] = {}
        self.made.append(self)

    def isOpened(self) -> bool:
        return self.open

    def set(self, wish: int, value: float) -> bool:
        self.wishes[wish] = value
        return True

    def get(self, what: int) -> float:
        return self.length if what == cv2.CAP_PROP_FRAME_COUNT else 10.0

    def read(self) -> tuple[bool, Any]:
        assert self.open, "a driver that is released while it reads takes the process with it"
        time.sleep(0.001)
        self.reads += 1
        good = self.dark < self.reads <= self.frames
        return good, np.full((4, 6, 3), self.reads % 256, np.uint8) if good else None

    def release(self) -> None:
        self.open = False


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeCapture]:
    class Fresh(FakeCapture):
        made: ClassVar[list[FakeCapture]] = []

    monkeypatch.setattr(cv2, "VideoCapture", Fresh)
    return Fresh


# A video file


def test_a_video_gives_its_frames_and_ends(video: Path) -> None:
    with Camera(video) as source:
        assert source.rate == pytest.approx(10.0)
        frames = list(source)
        assert source.read() is None
    assert [frame.shape for frame in frames] == [(32, 48, 3)] * 5
    assert [round(float(frame.mean()), -1) for frame in frames] == [0, 50, 100, 150, 200]
    assert frames[0].dtype == np.uint8


def test_frames_can_be_read_one_by_one_and_scaled(video: Path) -> None:
    source = Camera(str(video), width=24, height=20)
    first, second = source.read(), source.read()
    assert first is not None
    assert second is not None
    assert first.shape == (20, 24, 3)
    assert second.mean() > first.mean() + 30
    source.close()


def test_a_video_called_by_a_number_is_the_file(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video.rename(video.with_name("0"))
    monkeypatch.chdir(video.parent)
    with Camera("0") as source:
        assert len(list(source)) == 5


def test_who_closes_while_reading_ends_the_frames(video: Path) -> None:
    with Camera(video) as source:
        closed = [source.close() for _ in source]
    assert len(closed) == 1
    source.close()
    with pytest.raises(DeviceUnavailable, match="closed"):
        source.read()


# A camera


def test_a_camera_is_opened_by_its_number_and_let_go(fake: type[FakeCapture]) -> None:
    with Camera() as source:
        assert source.rate is None
        assert source.read() is not None
    assert fake.made[0].source == 0
    assert not fake.made[0].open


def test_a_camera_is_asked_for_a_size(fake: type[FakeCapture]) -> None:
    Camera("1", width=640, height=480).close()
    assert fake.made[0].source == 1
    assert fake.made[0].wishes[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert fake.made[0].wishes[cv2.CAP_PROP_FRAME_HEIGHT] == 480


def test_an_address_is_opened_as_it_is(fake: type[FakeCapture]) -> None:
    Camera("rtsp://board/live").close()
    assert fake.made[0].source == "rtsp://board/live"


def test_a_camera_may_need_a_moment_to_wake_up(fake: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "dark", 3)
    with Camera() as source:
        frame = source.read()
        assert frame is not None
        assert frame[0, 0, 0] >= 4


def test_a_camera_that_stays_dark_is_named_and_let_go(fake: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "frames", 0)
    monkeypatch.setattr(opening, "_WAKING", 0.1)
    with pytest.raises(DeviceUnavailable, match="no picture"):
        Camera()
    assert not fake.made[0].open


def test_a_driver_that_hangs_is_not_waited_for(fake: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "delay", 2.0)
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    with pytest.raises(DeviceUnavailable, match="did not answer"):
        Camera()
    assert not fake.made  # it did not answer yet
    start = time.monotonic()
    while not fake.made or fake.made[0].open:  # whenever it answers, it is let go
        assert time.monotonic() - start < 10
        time.sleep(0.02)


def test_a_camera_that_is_unplugged_is_named(fake: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "frames", 2)
    with Camera() as source, pytest.raises(DeviceUnavailable, match="no more pictures"):
        list(source)


# A source that does not wait


class Stage:
    """A camera that shows what the test puts onto it."""

    def __init__(self, source: int | str) -> None:
        self.source, self.open, self.closes = source, True, 0
        self.pictures: queue.SimpleQueue[int | Exception | None] = queue.SimpleQueue()
        self.pictures.put(1)
        self.waits = threading.Event()

    def isOpened(self) -> bool:
        return self.open

    def set(self, *_: float) -> bool:
        return True

    def get(self, _: int) -> float:
        return -1e17

    def read(self) -> tuple[bool, Any]:
        if self.pictures.empty():
            self.waits.set()
        value = self.pictures.get()
        if isinstance(value, Exception):
            raise value
        return value is not None, None if value is None else np.full((4, 6, 3), value, np.uint8)

    def show(self, *values: int | Exception | None) -> None:
        """Show pictures, and come back when all of them have been read."""
        self.waits.clear()
        for value in values:
            self.pictures.put(value)
        if not isinstance(values[-1], Exception) and values[-1] is not None:
            assert self.waits.wait(10)

    def release(self) -> None:
        self.open = False
        self.closes += 1


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Stage]]:
    made: list[Stage] = []

    def make(source: int | str, *_limits: object) -> Stage:
        made.append(Stage(source))
        return made[-1]

    monkeypatch.setattr(cv2, "VideoCapture", make)
    yield made
    for stage in made:
        stage.pictures.put(None)


def brightness(frame: Any) -> int:
    return int(frame[0, 0, 0])


@pytest.mark.parametrize("source", [0, "rtsp://board/live", "http://board/stream.mjpg", "udp://@:1234"])
def test_who_works_longer_than_a_picture_takes_gets_the_newest_and_none_twice(
    stages: list[Stage], source: int | str
) -> None:
    camera = Camera(source)
    stages[0].show(2, 3, 4, 5)
    assert brightness(camera.read()) == 5
    threading.Timer(0.05, stages[0].pictures.put, [6]).start()
    assert brightness(camera.read()) == 6, "there is no new one yet: it waits"
    stages[0].show(7, 8)
    assert brightness(next(iter(camera))) == 8
    stages[0].pictures.put(None)
    camera.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there devices have no path")
def test_the_path_of_a_device_or_a_pipe_is_live_too(stages: list[Stage], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管 道")
    threading.Thread(target=(tmp_path / "管 道").write_bytes, args=(b"x",), daemon=True).start()
    for path in (tmp_path / "管 道", Path(os.devnull)):
        camera = Camera(path)
        assert (camera.source, camera.rate) == (str(path), None)
        stages[-1].show(2, 3)
        assert brightness(camera.read()) == 3
        stages[-1].pictures.put(None)
        camera.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")
@pytest.mark.parametrize("kind", ["pipe", "http", "rtsp"])
def test_a_source_that_never_answers_does_not_keep_others_from_opening(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """FFmpeg opens one source at a time: what it waits for without end, all of them would wait for."""
    monkeypatch.setattr(opening, "PATIENCE", 0.4)
    os.mkfifo(tmp_path / "管 道")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{kind}://127.0.0.1:{silent.getsockname()[1]}/live"
        with pytest.raises(DeviceUnavailable, match=r"did not answer|gives no picture"):
            Camera(tmp_path / "管 道" if kind == "pipe" else address)
        start = time.monotonic()
        with Camera(video) as camera:
            assert len(list(camera)) == 5
        assert time.monotonic() - start < 5


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")
def test_who_wrote_into_a_pipe_and_left_is_read(video: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管 道")
    writer = threading.Thread(target=(tmp_path / "管 道").write_bytes, args=(video.read_bytes(),), daemon=True)
    writer.start()
    with Camera(tmp_path / "管 道") as camera:
        assert camera.read().shape == (32, 48, 3)  # type: ignore[union-attr]
        writer.join(5)
        assert not writer.is_alive()


def test_of_a_film_behind_an_address_none_is_lost(fake: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "length", 3.0)
    monkeypatch.setattr(fake, "frames", 3)
    with Camera("http://board/film.mp4", width=12, height=8) as source:
        assert source.rate == 10.0
        assert [brightness(frame) for frame in source] == [1, 2, 3]
        assert source.read() is None
    with Camera("rtsp://board/film") as source:
        assert source.rate is None, "its server plays it, and does not wait"


def test_the_last_picture_is_given_before_the_end_is_told(stages: list[Stage]) -> None:
    with Camera() as source:
        stages[0].show(2, None)
        assert brightness(source.read()) in (1, 2)
        for _ in range(2):
            with pytest.raises(DeviceUnavailable, match="no more pictures"):
                [source.read() for _ in range(2)]
    assert stages[0].closes == 1


def test_a_stream_that_stalls_is_named_and_may_go_on(stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    with Camera("rtsp://board/live") as source:
        source.read()
        monkeypatch.setattr(opening, "PATIENCE", 0.1)
        with pytest.raises(DeviceUnavailable, match="has given no picture"):
            source.read()
        stages[0].show(2)
        assert brightness(source.read()) == 2
        stages[0].pictures.put(None)


def test_what_fails_while_reading_is_told_to_who_asks(stages: list[Stage]) -> None:
    with Camera() as source:
        source.read()
        stages[0].show(cv2.error("the driver broke"))
        with pytest.raises(DeviceUnavailable, match="no more pictures") as caught:
            source.read()
    assert "the driver broke" in str(caught.value.__cause__)
    assert stages[0].closes == 1


def test_closing_does_not_wait_for_a_driver_that_hangs(stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "_FAREWELL", 0.05)
    source = Camera()
    stages[0].show(2)
    source.close()
    with pytest.raises(DeviceUnavailable, match="closed"):
        source.read()
    assert stages[0].open, "it reads: who lets it go now ends the process"
    stages[0].pictures.put(None)
    wait_for(lambda: not stages[0].open)


def test_two_cameras_at_once_and_one_again(stages: list[Stage]) -> None:
    first, second = Camera(0), Camera(1)
    stages[0].show(10, 11)
    stages[1].show(20, 21)
    assert [brightness(camera.read()) for camera in (first, second)] == [11, 21]
    stages[0].pictures.put(None)
    first.close()
    again = Camera(0)
    stages[2].show(30)
    stages[1].show(22)
    assert [brightness(camera.read()) for camera in (again, second)] == [30, 22]
    for stage, camera in zip(stages[1:], (second, again), strict=True):
        stage.pictures.put(None)
        camera.close()


def test_who_forgets_to_close_leaves_no_thread(fake: type[FakeCapture]) -> None:
    before = threading.active_count()
    Camera().read()
    gc.collect()
    wait_for(lambda: not fake.made[0].open and threading.active_count() <= before)


def test_a_script_that_ends_with_an_open_camera_ends(tmp_path: Path) -> None:
    code = (
        "import cv2, numpy as np, time\n"
        "class Endless:\n"
        "    def __init__(self, source): pass\n"
        "    isOpened = lambda self: True\n"
        "    set = get = lambda self, *a: -1.0\n"
        "    def read(self): time.sleep(0.01); return True, np.zeros((4, 6, 3), np.uint8)\n"
        "    def release(self): print('let go')\n"
        "cv2.VideoCapture = Endless\n"
        "from BaseDT.io import Camera\n"
        "camera = Camera(3)\n"
        "print(camera.read().shape)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "(4, 6, 3)\nlet go\n", "")


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# Bad input


@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="this machine has a camera")
def test_no_camera_is_named_soon_and_without_noise() -> None:
    code = (
        "from BaseDT.io import Camera\n"
        "from BaseDT.errors import DeviceUnavailable\n"
        "try:\n    Camera(97)\nexcept DeviceUnavailable as error:\n    print(error.message)\n"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.startswith("Camera 97: ")
    assert "tried " in done.stdout
    assert done.stderr == ""
    assert time.monotonic() - start < 15


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux names the group that may use cameras")
def test_a_camera_that_the_user_may_not_open_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_forbidden", lambda source: "this user may not open /dev/video0")
    with pytest.raises(DeviceUnavailable, match=r"(?s)may not open.*usermod -aG video"):
        Camera(0)


@pytest.mark.parametrize("content", [b"", b"no video", b"\0\0\0\x18ftypmp42" + bytes(500)])
@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".txt"])
def test_a_file_that_is_no_video_is_refused_without_noise(
    tmp_path: Path, content: bytes, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"x{suffix}").write_bytes(content)
    with pytest.raises(ImageUnsupported, match="no video"):
        Camera(tmp_path / f"x{suffix}")


def test_a_broken_video_makes_no_noise(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9)
    code = (
        "import sys\nfrom BaseDT.io import Camera\nfrom BaseDT.errors import ImageUnsupported\n"
        "try:\n    Camera(sys.argv[1])\nexcept ImageUnsupported as error:\n    print(error.code)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "x.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("-203\n", "")


def test_a_missing_file_and_a_folder_are_named(video: Path) -> None:
    with pytest.raises(ImageNotFound, match=r"(?s)视频\.avi.*'视 频\.avi'"):
        Camera(video.with_name("视频.avi"))
    with pytest.raises(ImageUnsupported, match="a folder"):
        Camera(video.parent)


@pytest.mark.parametrize("source", [-1, True, 1.0, None, "", "  ", [0], b""])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(ParameterInvalid, match="source="):
        Camera(source)


@pytest.mark.parametrize(
    "size", [{"width": 640}, {"height": 480}, {"width": 0, "height": 5}, {"width": 2.0, "height": 3}]
)
def test_half_a_size_is_refused(size: dict[str, Any]) -> None:
    with pytest.raises(ParameterInvalid, match="width is"):
        Camera(0, **size)


def test_a_misspelt_argument_is_refused() -> None:
    with pytest.raises(ParameterUnknown, match=r"(?s)Camera\(\): widht.*'width'"):
        Camera(0, widht=3)  # type: ignore[call-arg]
