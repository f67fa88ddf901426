"""Starts child processes, one per measure: so peak memory, allocator settings and imports belong to one measure alone.

Called by the benches' parents, which stay small: no torch here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench._system import Others

ROOT = Path(__file__).resolve().parents[1]
_LIMIT_SECONDS = 7200


def child(measure: str, folder: Path, *, environment: Mapping[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """Runs one measure in a fresh process below ``folder`` and returns what it found.

    A failure is a result too: ``{"error": <end of the child's output>}``. So one broken measure costs one cell.
    """
    work = Path(tempfile.mkdtemp(prefix=f"{measure}-", dir=folder))
    out = work / "result.json"
    others = Others()
    said = run(
        ["-m", "bench._child"], work, {"measure": measure, "out": str(out), "work": str(work), **fields}, environment
    )
    if out.exists():
        return {**json.loads(out.read_text(encoding="utf-8")), "others": others.share()}
    return {"error": "\n".join(said.strip().splitlines()[-15:]) or "the process died without a word"}


def run(
    command: list[str],
    work: Path,
    job: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> str:
    """Starts a Python, this one by default, with ``command`` in ``work`` and returns its output.

    ``started`` is added to the job.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    arguments = [] if job is None else [json.dumps({**job, "started": time.time()})]
    try:
        done = subprocess.run(
            [python, *command, *arguments],
            cwd=work,
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {_LIMIT_SECONDS} s"
    return done.stdout


def end_tidily() -> None:
    """Makes a plain ``kill`` of the bench end its child and remove its folder, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def say(text: str) -> None:
    """Progress, on stderr: stdout is for the table."""
    print(text, file=sys.stderr, flush=True)
