"""``python -m tests.fuzz``: a long run. Ends with 1 where something was found."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

if (tests := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, tests)  # ``fuzz`` itself, and models_on_disk

from fuzz import driver
from fuzz.targets import TARGETS

_TURN = 60.0
"""Seconds of one target before the next."""


def main() -> int:
    """Run the targets in turn; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="may be given several times")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--cases", type=int, help="of each target, at most")
    parser.add_argument("--keep", type=Path, help="folder for what was thrown, and for findings.json")
    arguments = parser.parse_args()
    end, targets = time.monotonic() + 60 * arguments.minutes, arguments.target or list(TARGETS)
    next_case = dict.fromkeys(targets, arguments.first)
    result = driver.Result()
    print(f"seed {arguments.seed}, {', '.join(targets)}", flush=True)
    while time.monotonic() < end and targets:
        for target in list(targets):
            left = None if arguments.cases is None else arguments.first + arguments.cases - next_case[target]
            seconds = min(_TURN, end - time.monotonic())
            if seconds <= 0 or (left is not None and left <= 0):
                targets = [name for name in targets if name != target] if seconds > 0 else []
                continue
            next_case[target] = driver.run(
                target, arguments.seed, result, seconds=seconds, first=next_case[target], cases=left, tell=_tell
            )
            if arguments.keep:
                _keep(arguments.keep, result)
    for name, count in sorted(result.cases.items()):
        print(f"{name:12} {count:8} cases")
    for times, text in result.noise.values():
        print(f"noise, {times} times: {text}")
    for kind, times in result.repeated.most_common():
        print(f"{times:6} × {kind}")
    print(f"{sum(result.cases.values())} cases, {len(result.findings)} findings")
    return 1 if result.findings else 0


def _tell(text: str) -> None:
    print(text, flush=True)


def _keep(folder: Path, result: driver.Result) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for finding, thrown in result.findings:
        (folder / f"{finding.target.partition(':')[0]}-{finding.seed}-{finding.number}.bin").write_bytes(thrown)
    content = json.dumps([asdict(finding) for finding, _ in result.findings], indent=1)
    (folder / "findings.json").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
