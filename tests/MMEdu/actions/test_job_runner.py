"""A program that runs as a job: as plain Python runs it, told line by line, stopped by a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from BaseDT.file_lock import FileLock, is_held
from MMEdu.actions.job_files import add_event, read_event

WHERE = """import os, sys
print([sys.argv, __name__, sys.path[0] == os.path.dirname(os.path.abspath(__file__))])
"""


def _folder(tmp_path: Path, program: str) -> Path:
    folder = tmp_path / "工作 区" / "runs" / "一"
    folder.mkdir(parents=True)
    (folder / "program.py").write_text(program, encoding="utf-8")
    return folder


def _job(folder: Path, *seconds: str) -> subprocess.Popen[bytes]:
    with (folder / "output.txt").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "MMEdu.actions.job_runner", str(folder.parents[1]), *seconds],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )


def _ended(folder: Path, seconds: float = 30) -> list[dict[str, Any]]:
    with _job(folder) as job:
        job.wait(seconds)
    return _events(folder)


def _events(folder: Path) -> list[dict[str, Any]]:
    file = folder / "events.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def _wait(holds: Any) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_runs_as_plain_python_runs_it(tmp_path: Path) -> None:
    folder = _folder(tmp_path, WHERE)
    told = [event["text"] for event in _ended(folder) if event["event"] == "output"]
    path = folder.relative_to(folder.parents[1]) / "program.py"
    plain = subprocess.run(
        [sys.executable, str(path)],
        cwd=folder.parents[1],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert told == plain.stdout.splitlines() == [f"[[{str(path)!r}], '__main__', True]"]


@pytest.mark.parametrize(
    ("program", "state", "code", "words"),
    [
        ("print('好')", "done", None, ""),
        ("import sys; sys.exit(0)", "done", None, ""),
        ("import sys; sys.exit(3)", "failed", 0, "SystemExit"),
        ("1 / 0", "failed", 0, "division by zero"),
        ("raise MemoryError", "failed", 0, "memory"),
        ("this is no Python", "failed", 0, "SyntaxError"),
        ("from BaseDT.errors import DiskFull\nraise DiskFull('全满', hint='腾出空间')", "failed", -803, "全满"),
        ("raise KeyboardInterrupt", "stopped", None, "before anything was finished"),
        ("import os; os._exit(7)", "running", None, ""),  # it told nothing any more: whoever started it sees
        ("print('\\udc80 \\x00', 'x' * 10_000)", "done", None, ""),
    ],
)
def test_how_it_ended_is_the_last_that_is_told(
    tmp_path: Path, program: str, state: str, code: int | None, words: str
) -> None:
    folder = _folder(tmp_path, program)
    last = [event for event in _ended(folder) if event["event"] == "state"][-1]
    assert (last["state"], last.get("code")) == (state, code)
    assert words in last.get("message", "")
    if "全满" in words:
        assert last["hint"] == "腾出空间"
    if state == "failed" and "exit" not in program:
        assert (folder / "output.txt").read_text(encoding="utf-8").strip()
    assert not is_held(folder / "job.lock")


def test_a_stop_file_ends_a_program_that_waits(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    with _job(folder) as job:
        _wait(lambda: any(event.get("text") == "begun" for event in _events(folder)))
        assert is_held(folder / "job.lock")
        (folder / "stop").write_bytes(b"")
        begun = time.monotonic()
        assert job.wait(20) == 130
        assert time.monotonic() - begun < 3
    states = [event["state"] for event in _events(folder) if event["event"] == "state"]
    assert states == ["running", "stopping", "stopped"]


def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    stubborn = (
        "import time\nprint('begun', flush=True)\n"
        "while True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        pass\n"
    )
    folder = _folder(tmp_path, stubborn)
    with _job(folder, "2") as job:
        _wait(lambda: any(event.get("text") == "begun" for event in _events(folder)))
        (folder / "stop").write_bytes(b"")
        assert job.wait(20) == 130
    assert _events(folder)[-1]["state"] == "stopped"


def test_two_do_not_run_in_one_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "print('ran')")
    lock = FileLock(folder / "job.lock")
    assert lock.take()
    assert lock.take()  # it has it
    assert is_held(lock.path)
    with _job(folder) as job:
        assert job.wait(30) == 1
    assert _events(folder) == []
    lock.release()
    assert not is_held(lock.path)
    assert not is_held(folder / "nothing")


def test_a_half_line_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    add_event(file, {"event": "a"})
    with file.open("ab") as half:
        half.write(b'{"event": "b", "te')
    add_event(file, {"event": "猫", "text": "\udc80"})
    lines = file.read_bytes().splitlines()
    assert [event and event["event"] for event in map(read_event, lines)] == ["a", None, "猫"]
    assert [read_event(line) for line in (b"7", b"[]", b"{}", b'{"event": 1}', b"[" * 100_000)] == [None] * 5
