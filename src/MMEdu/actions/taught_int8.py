"""INT8 of a taught model, and what it costs on pictures that it was not taught. In a process of its own: it needs much.

``python -m MMEdu.actions.taught_int8`` reads a request from its standard input and writes the answer, both JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from BaseDT import errors
from BaseDT.errors import WorkerFailed, XEduError
from BaseDT.language import say
from MMEdu.actions import own_process

_SECONDS = 600
_MAX_DROP = 10.0
"""Points. What it costs is told; only what is of no use is refused."""


def make(model: Path, out: Path, data: Path, tests: Sequence[tuple[Path, str]]) -> dict[str, Any]:
    """Quantise a taught model. Its last layer stays in float: another one can be put there.

    Args:
        model: The ``.onnx`` file, taught without the pictures of ``tests``.
        out: The file to write.
        data: A folder of class folders, to find ranges with.
        tests: Pictures with the names of their classes; may be empty.

    Returns:
        ``model``, ``fp32`` and ``int8`` of ``quantize_file``; ``tested``, and of these how many each of ``before`` and
        ``after`` names rightly.

    Raises:
        DependencyMissing: The quantiser is not installed; the hint holds the command (-502).
        XEduError: It cannot be made; then nothing is written.
    """
    request = {
        "model": str(model),
        "out": str(out),
        "data": str(data),
        "tests": [(str(picture), name) for picture, name in tests],
    }
    try:
        done = subprocess.run(
            own_process.command("MMEdu.actions.taught_int8"),
            input=json.dumps(request).encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=own_process.environment(),
            timeout=_SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise WorkerFailed(
            say("The process that makes the INT8 model ended before it was done.", "生成 INT8 模型的进程提前结束了。"),
            hint=say("Close other programs, then try again.", "请关闭其他程序后重试。"),
        ) from error
    if "error" in answer:
        raise getattr(errors, answer["error"])(answer["message"], hint=answer["hint"])
    return dict(answer)


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answers:  # what else is printed goes elsewhere
        os.dup2(2, 1)
        try:
            answer = _made(request)
        except XEduError as error:
            answer = {"error": type(error).__name__, "message": str(error.message), "hint": str(error.hint)}
        answers.write(f"{json.dumps(answer)}\n")


def _made(request: Mapping[str, Any]) -> dict[str, Any]:
    model, out, tests = Path(request["model"]), Path(request["out"]), request["tests"]
    figures = _quantized(model, out, request["data"])
    return {**figures, "tested": len(tests), "before": _right(model, tests), "after": _right(out, tests)}


def _quantized(model: Path, out: Path, data: str) -> dict[str, Any]:
    from MMEdu.actions.quantize_file import quantize_file

    return quantize_file(
        model,
        Path(data),
        out_file=str(out),
        max_drop=_MAX_DROP,
        reduce_range=True,  # right on every processor
        calibration="auto",
        images=100,
        classes=None,
        standalone=False,
        listener=lambda _: None,
    )


def _right(model: Path, tests: Sequence[tuple[str, str]]) -> int:
    from XEdu.runtime.model import Model

    opened = Model.load(model)
    pictures = (opened.predict([opened.reading.of(file)])[0] for file, _ in tests)
    return sum(result.name == name for result, (_, name) in zip(pictures, tests, strict=True))


if __name__ == "__main__":
    main()
