"""What is said where the training part is missing. Tried in a Python that sees our source and nothing installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from MMEdu.requirements import INSTALL_TRAIN, require_train

SRC = Path(__file__).resolve().parents[2] / "src"
ASK = """
from BaseDT.errors import DependencyMissing
from MMEdu.requirements import require_train
try:
    require_train()
except DependencyMissing as error:
    print(type(error).__mro__[2].__name__, error.code)
    print(error)
"""


def in_bare_python(lang: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(SRC), "MMEDU_LANG": lang, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", ASK], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.splitlines()


def test_a_missing_training_part_is_an_import_error_with_the_one_command() -> None:
    kind, message, hint = in_bare_python("en")
    assert kind == "ImportError -502"
    assert message.startswith("Error Code: -502. Training needs torch, torchvision,")
    assert hint == f"Install the training part with: {INSTALL_TRAIN}"


def test_the_hint_is_chinese_where_the_user_is() -> None:
    assert in_bare_python("zh")[-1] == f"请先安装训练部分：{INSTALL_TRAIN}"


def test_what_opens_a_checkpoint_speaks_of_it_and_names_the_way_without_torch() -> None:
    for call in ("pth_info('x.pth')", "MMClassification('LeNet').inference(checkpoint='x.pth', image='a.jpg')"):
        ask = f"""
from BaseDT.errors import DependencyMissing
from MMEdu import MMClassification, pth_info
try:
    {call}
except DependencyMissing as error:
    print(error)
"""
        told = {"en": ("mmedu convert best.pth", "A checkpoint (.pth) needs torch"), "zh": ("权重文件",)}
        for lang, words in told.items():
            code = f"import sys\nsys.modules['torch'] = None\n{ask}"
            environment = {**os.environ, "MMEDU_LANG": lang, "PYTHONIOENCODING": "utf-8"}
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
            )
            assert INSTALL_TRAIN in done.stdout
            assert all(word in done.stdout for word in words)
            assert "Training needs" not in done.stdout


def test_with_the_training_part_nothing_is_said_and_torch_is_not_imported() -> None:
    require_train()
    code = "import sys; from MMEdu.requirements import require_train; require_train(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


_FORKS = """
import os, sys, torch
from MMEdu.requirements import require_train
require_train()
torch.set_num_threads(2)
work = torch.randn(64, 3, 64, 64)
layer = torch.nn.Conv2d(3, 16, 3)
layer(work).sum().backward()
child = os.fork()
if child == 0:
    import signal
    signal.alarm(20)  # without the mend it waits for ever
    layer(work).sum().backward()
    os._exit(torch.get_num_threads())
_, status = os.waitpid(child, 0)
print("child", os.waitstatus_to_exitcode(status), "parent", torch.get_num_threads())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_that_is_forked_off_computes() -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", _FORKS]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.strip() == "child 1 parent 2", done.stderr
