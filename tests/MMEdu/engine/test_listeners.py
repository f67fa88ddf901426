"""What a person sees: the documented lines, a bar where one can be drawn, and nothing that a console cannot show."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from BaseDT.display import in_notebook
from BaseDT.terminal import write_line
from MMEdu.engine.events import Iteration, Notice, Progress, RunFinished, RunStarted, Validated
from MMEdu.engine.listeners.console import NotebookConsole, PlainConsole, TerminalConsole, console

ITERATION = Iteration(1, 3, 10, 838, 0.01, {"loss": 1.5}, 0.25, 0.001, 512, 3661.0)
ENVIRONMENT = {
    "backbone": "LeNet",
    "dataset_size": 9,
    "batch_size": 3,
    "device": "cpu",
    "precision": "float32",
    "seed": 7,
}
RUN = [
    RunStarted(ENVIRONMENT, 3),
    ITERATION,
    Validated(1, 838, 0.01, {"accuracy_top-1": 93.2}),
    RunFinished(2.0, (Path("out/latest.pth"),)),
]


def plain(events) -> str:
    stream = io.StringIO()
    listener = PlainConsole(stream)
    for event in events:
        listener(event)
    return stream.getvalue()


def test_an_iteration_is_the_documented_line():
    line = plain([ITERATION])
    assert line == (
        "Epoch [1][10/838]  lr: 1.000e-02, eta: 1:01:01, time: 0.2500, data_time: 0.0010, memory: 512, loss: 1.5000\n"
    )


def test_a_validation_shows_its_metrics():
    assert plain(RUN[2:3]) == "Epoch(val) [1][838]  accuracy_top-1: 93.2000\n"


def test_what_could_not_be_measured_is_a_dash_for_people():
    event = Validated(2, 4, 0.01, {"bbox_mAP": 0.0, "bbox_mAP_l": -1.0})
    assert plain([event]) == "Epoch(val) [2][4]  bbox_mAP: 0.0000, bbox_mAP_l: –\n"


def test_a_run_says_what_it_is_and_where_its_files_are():
    text = plain(RUN)
    assert "LeNet: 9 pictures, batch size 3, cpu, float32, random seed 7" in text
    assert "latest.pth" in text


def test_a_long_work_is_told_at_every_quarter_only():
    text = plain(Progress("Checking", done, 1000) for done in range(0, 1001, 7))
    assert len(text.splitlines()) <= 4
    assert plain([Progress("Checking", 1000, 1000)]) == "Checking: 1000/1000\n"


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252", "utf-8"])
def test_what_the_console_cannot_show_does_not_stop_it(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    write_line("猫 [不是标记] € 😀", stream)
    assert "[" in raw.getvalue().decode(encoding)


def test_a_terminal_gets_lines_and_a_bar(tmp_path):
    if sys.platform == "win32":
        pytest.skip("needs a pseudo-terminal")
    import pty

    code = (
        "from tests_run import RUN\n"
        "from MMEdu.engine.listeners.console import console, TerminalConsole\n"
        "listener = console()\n"
        "assert type(listener) is TerminalConsole, listener\n"
        "import time\n"
        "for event in RUN[:2]: listener(event)\n"
        "time.sleep(0.6)\n"
        "for event in RUN[2:]: listener(event)\n"
    )
    (tmp_path / "tests_run.py").write_text(
        "from pathlib import Path\nfrom MMEdu.engine.events import *\n"
        f"ENVIRONMENT = {ENVIRONMENT!r}\n"
        "RUN = [RunStarted(ENVIRONMENT, 3), Iteration(1, 3, 10, 838, 0.01, {'loss': 1.5}, 0.25, 0.001, 512, 3661.0),"
        " Notice('a [bold]path[/bold]'), RunFinished(2.0, ())]\n",
        encoding="utf-8",
    )
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=follower, env=environment)
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode("utf-8"))
    assert "Epoch [1][10/838]" in text
    assert "Training" in text
    assert "10/2514" in text
    assert "a [bold]path[/bold]" in text


def test_a_notebook_gets_a_bar_that_is_redrawn_in_place(monkeypatch, capsys):
    drawn: list[str] = []

    class Handle:
        def update(self, bar) -> None:
            drawn.append(bar.text)

    class Html:
        def __init__(self, text: str) -> None:
            self.text = text

    def display(bar, display_id: bool) -> Handle:
        drawn.append("new: " + bar.text)
        return Handle()

    fake = type(sys)("IPython.display")
    fake.HTML, fake.display = Html, display
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    listener = NotebookConsole()
    for event in (Progress("Checking", 1, 2), Progress("Checking", 2, 2), ITERATION, Notice("hello")):
        listener(event)
    assert [text.startswith("new: ") for text in drawn] == [True, False, True]
    assert "value='10' max='2514'" in drawn[-1]
    assert capsys.readouterr().out.count("\n") == 2


def test_a_pipe_gets_plain_lines():
    assert type(console()) is PlainConsole
    assert not in_notebook()
    assert TerminalConsole is not None
