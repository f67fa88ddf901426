"""Runs cases of one target in a process of its own, which may die of them; tells its parent line by line, as JSON."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO

from fuzz.case import judge
from fuzz.targets import make


def main(name: str, seed: int, first: int, megabytes: int, seconds: int) -> None:
    """Run cases from ``first`` on until the parent ends this process."""
    tell, trace, noise = _own_channels()
    with tempfile.TemporaryDirectory(prefix="fuzz_") as place:
        target = make(name, Path(place) / "在 这里")
        limit_memory(megabytes)
        heard = noise.tell()
        number = first
        while True:
            _say(tell, begun=number)
            # The first case may import torch; beside other work that takes long.
            faulthandler.dump_traceback_later(seconds if number > first else 4 * seconds, exit=True, file=trace)
            finding = judge(target, name, seed, number)
            faulthandler.cancel_dump_traceback_later()
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            position = os.lseek(noise.fileno(), 0, os.SEEK_END)
            if position > heard and finding is None:
                _say(tell, noise=_text(noise.name, heard, position), number=number)
            heard = position
            if finding is not None:
                thrown = target.thrown if isinstance(target.thrown, bytes) else target.thrown.encode("utf-8", "replace")
                _say(tell, finding=asdict(finding), thrown=thrown.hex())
            number += 1


def limit_memory(megabytes: int) -> None:
    """Let the process have so much more address space than now, where the system can limit it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 — no path of ours
        used = int(file.read().split()[0]) * resource.getpagesize()
    limit = used + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _own_channels() -> tuple[int, int, IO[bytes]]:
    """Keep the pipe to the parent for ourselves; what the product and its libraries say goes into a file."""
    tell, trace = os.dup(1), os.dup(2)
    noise = tempfile.NamedTemporaryFile("w+b", suffix=".txt")  # noqa: SIM115 — for as long as the process
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # results are printed there
    os.dup2(noise.fileno(), 2)
    faulthandler.enable(file=trace)
    return tell, trace, noise


def _say(tell: int, **values: object) -> None:
    os.write(tell, json.dumps(values).encode("ascii") + b"\n")


def _text(file: str, start: int, end: int) -> str:
    return Path(file).read_bytes()[start:end][-1000:].decode("utf-8", "replace")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
