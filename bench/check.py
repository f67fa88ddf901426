"""Measures ``mmedu check``: pictures a second, small gray ones and photographs, beside another tree's if given.

    python -m bench.check [--quick] [--deep] [--against OTHER/src] [--rounds 5] [--json PATH]

Both sides run in turn, each in a process of its own; the first round warms the disk cache and is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._data import make
from bench._report import MISSING, describe, markdown, reason, save
from bench._run import ROOT, child, end_tidily, run, say

_HEAD = ("what", "pictures", "pictures/s", "range", "other tree", "time beside it", "CPU time beside it")
_CODE = """
import json, sys, time
from pathlib import Path
from MMEdu.actions.check import check
data, deep = Path(sys.argv[1]), {"deep": True} if sys.argv[2:] else {}
began, busy = time.perf_counter(), time.process_time()
report = check(data, None, Path("boxes.png"), lambda event: None, **deep)
seconds, cpu = time.perf_counter() - began, time.process_time() - busy
pictures = sum(sum(report.content[part]) for part in ("train", "val", "test"))
print(json.dumps({"seconds": seconds, "cpu": cpu, "pictures": pictures}))
"""
Result = Mapping[str, Any]


def measure(data: Path, source: Path, work: Path, *, deep: bool) -> dict[str, Any]:
    """Checks a data set once, with the sources in ``source``; ``{"error": …}`` where it did not end well."""
    said = run(["-c", _CODE, str(data), *(["deep"] if deep else [])], work, environment={"PYTHONPATH": str(source)})
    try:
        return dict(json.loads(said.strip().splitlines()[-1]))
    except (ValueError, IndexError):
        return {"error": said.strip() or "the process died without a word"}


def row(name: str, ours: Sequence[Result], other: Sequence[Result]) -> list[str]:
    """Medians of one kind of pictures, and ratios, below 1 where ours is fast: a busy machine spoils CPU time less."""
    good, beside = ([one for one in side if "seconds" in one] for side in (ours, other))
    if not good:
        return [name, MISSING, MISSING, reason(ours[-1]) if ours else MISSING, MISSING, MISSING, MISSING]
    pictures, seconds = good[0]["pictures"], median(one["seconds"] for one in good)
    rates = [pictures / one["seconds"] for one in good]
    cells = [name, str(pictures), f"{pictures / seconds:.0f}", f"{min(rates):.0f} to {max(rates):.0f}"]
    if not beside:
        return [*cells, MISSING, MISSING, MISSING]
    theirs = median(one["seconds"] for one in beside)
    busy = median(one["cpu"] for one in good) / median(one["cpu"] for one in beside)
    return [*cells, f"{pictures / theirs:.0f}", f"{seconds / theirs:.3f}", f"{busy:.3f}"]


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    parser = argparse.ArgumentParser(description="Pictures a second of mmedu check.")
    parser.add_argument("--quick", action="store_true", help="few pictures, one round: that everything runs")
    parser.add_argument("--deep", action="store_true", help="near duplicates and suspicious labels, too")
    parser.add_argument("--against", type=Path, help="the src folder of another tree, run in turn with this one")
    parser.add_argument("--digits-data", type=Path, help="a data set in place of 10,000 made gray pictures of 28x28")
    parser.add_argument("--photos-data", type=Path, help="a data set in place of 2,000 made photographs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/check-<date>.json)")
    arguments = parser.parse_args()
    end_tidily()
    share, rounds = (20, 1) if arguments.quick else (1, arguments.rounds)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        sets = {
            "28x28 gray": arguments.digits_data or make(work / "digits", "digits", 10_000 // share),
            "photographs": arguments.photos_data or make(work / "photos", "photos", 2_000 // share),
        }
        sides = {"ours": ROOT / "src", **({"other": arguments.against.absolute()} if arguments.against else {})}
        results: dict[str, dict[str, list[Result]]] = {name: {side: [] for side in sides} for name in sets}
        for number in range(rounds + 1):
            for name, data in sets.items():
                # Every second round runs backwards: a machine is not the same every minute.
                for side, source in list(sides.items())[:: 1 if number % 2 else -1]:
                    result = measure(data.absolute(), source, work, deep=arguments.deep and side == "ours")
                    say(f"round {number}, {name}, {side}: {result.get('seconds', reason(result))}")
                    if number:
                        results[name][side].append(result)
    rows = [row(name, of_one["ours"], of_one.get("other", [])) for name, of_one in results.items()]
    print(describe(machine), markdown(_HEAD, rows), sep="\n\n")
    say(f"written: {save({'machine': machine, 'results': results}, 'check', arguments.json)}")
    return int(any("error" in one for of_one in results.values() for side in of_one.values() for one in side))


if __name__ == "__main__":
    sys.exit(main())
