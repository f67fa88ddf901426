"""The server multiplies on one core; its jobs do as they like."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import os, threading
from pathlib import Path
from MMEdu.studio import linear_algebra
linear_algebra.on_one_core()
import numpy as np
matrix = np.ones((600, 600))
for _ in range(5):
    matrix @ matrix
tasks = Path("/proc/self/task")
print(len(list(tasks.iterdir())) if tasks.is_dir() else 1, "OPENBLAS_NUM_THREADS" in os.environ)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
def test_numpy_starts_no_threads_and_jobs_hear_nothing_of_it():
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_what_the_user_says_counts():
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    program = f"{_PROGRAM}\nprint(os.environ['OPENBLAS_NUM_THREADS'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split()[-1] == "2"
