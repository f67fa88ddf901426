"""The process in which the studio opens a checkpoint: ``python -m MMEdu.actions.checkpoint_child FILE``.

It reads questions from its input and answers on its output, until the input ends. A message is a line of JSON whose
``bytes`` says how many follow it. Questions: a picture with ``threshold``, ``draw``, ``language``. Answers: ``facts``
first, then ``answer`` and the drawn picture for each question; or ``error``. Whatever else writes, writes to stderr.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

from BaseDT.errors import XEduError
from BaseDT.language import use_language


def write(pipe: IO[bytes], message: dict[str, Any], data: bytes = b"") -> None:
    """Write a message, and the bytes that belong to it."""
    line = json.dumps({**message, "bytes": len(data)}, ensure_ascii=True, allow_nan=False)
    pipe.write(line.encode("ascii") + b"\n" + data)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Return a message and its bytes; None where the pipe has ended."""
    line = pipe.readline()
    if not line.endswith(b"\n"):
        return None
    message: dict[str, Any] = json.loads(line)
    data = pipe.read(message["bytes"])
    return (message, data) if len(data) == message["bytes"] else None


def told(error: XEduError) -> dict[str, Any]:
    """Return an error as the other side raises it again."""
    return {"error": {"type": type(error).__name__, "message": str(error.message), "hint": str(error.hint)}}


def main(file: Path, language: str, questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the questions end."""
    from MMEdu.actions.checkpoint_trying import Checkpoint

    try:
        with use_language("zh" if language == "zh" else "en"):
            checkpoint = Checkpoint.open(file)
            write(answers, {"facts": checkpoint.facts.to_json()})
    except XEduError as error:
        write(answers, told(error))
        return
    while (question := read(questions)) is not None:
        asked, data = question
        try:
            with use_language("zh" if asked["language"] == "zh" else "en"):
                answer = checkpoint.answer(data, asked["threshold"], draw=asked["draw"])
        except XEduError as error:
            write(answers, told(error))
            continue
        write(answers, {"answer": answer.to_json()}, answer.drawing or b"")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the studio's: it ends the questions
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    main(Path(sys.argv[1]), sys.argv[2], sys.stdin.buffer, own)
