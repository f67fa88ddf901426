"""Measures exported models: ours beside bare onnxruntime and bare torch, INT8 beside FP32, one runtime beside another.

    python -m bench.deploy [--quick] [--models MobileNet,ResNet18] [--rounds 3] [--json PATH]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._data import camera, make
from bench._deploy_memory import MEMORY
from bench._deploy_original import beside_the_original
from bench._deploy_report import Rounds, remarks, summarise, tables
from bench._report import describe, reason, save
from bench._run import child, end_tidily, run, say

MODELS = ("MobileNet", "ResNet18", "ResNet50")
MEASURES = ("hub", "torch", "precision", "runtime", "memory", "original")
# ResNet50 says nothing of our overhead that ResNet18 does not say.
_OVERHEAD = ("MobileNet", "ResNet18")


def export(backbone: str, data: Path, work: Path, formats: Sequence[str]) -> dict[str, Any]:
    """Train for a moment and export; what cannot be exported is missing from ``files``."""
    say(f"{backbone}: training for a moment, exporting …")
    made = child("deploy-make", work, data=str(data), backbone=backbone, options={"formats": formats})
    for name, error in made.get("failed", {}).items():
        say(f"{backbone}, {name}: {error.splitlines()[0]}")
    if "error" in made:
        say(f"{backbone}: {reason(made)}")
    return made


def todo(backbone: str, files: dict[str, str], wanted: Sequence[str], pictures: str) -> dict[str, dict[str, Any]]:
    """What is measured in each round: name of the comparison → what the child is told."""
    found: dict[str, dict[str, Any]] = {}
    if "FP32" in files and backbone in _OVERHEAD and "hub" in wanted:
        found["hub"] = {"measure": "deploy-hub", "options": {"model": files["FP32"]}}
    if "pth" in files and backbone in _OVERHEAD and "torch" in wanted:
        found["torch"] = {"measure": "deploy-torch", "options": {"checkpoint": files["pth"]}}
    if {"FP32", "INT8"} <= files.keys() and "precision" in wanted:
        models = {name: files[name] for name in ("INT8", "FP32")}
        found["precision"] = {"measure": "deploy-files", "options": {"models": models, "alone": True}}
    others = {name: files[name] for name in ("openvino", "ncnn") if name in files}
    if others and "FP32" in files and backbone == MODELS[0] and "runtime" in wanted:
        models = {**others, "onnxruntime": files["FP32"]}
        found["runtime"] = {"measure": "deploy-files", "options": {"models": models}}
    if "FP32" in files and backbone == MODELS[0] and "memory" in wanted:
        found["memory"] = {"measure": "deploy-memory", "options": {"model": files["FP32"]}}
    if "FP32" in files and backbone in _OVERHEAD and "original" in wanted:
        found["original"] = {"measure": "deploy-original", "options": {"model": files["FP32"]}}
    for job in found.values():
        job["options"]["pictures"] = pictures
    return found


def measure(backbone: str, jobs: dict[str, dict[str, Any]], arguments: argparse.Namespace, work: Path) -> Rounds:
    """All rounds of one model. Every second round runs backwards, so that a drift of the machine favours nobody."""
    rounds: Rounds = []
    for number in range(arguments.rounds):
        results: dict[str, dict[str, Any]] = {}
        for name in list(jobs)[:: -1 if number % 2 else 1]:
            fields = dict(jobs[name])
            kind = fields.pop("measure")
            results[name] = _one(kind, work, backbone, arguments, fields)
            ratios = {key: f"{value:.2f}" for key, value in results[name].get("ratios", {}).items()}
            told = reason(results[name]) if "error" in results[name] else ratios or "done"
            say(f"{backbone}, round {number + 1}, {name}: {told}")
        rounds.append(results)
    return rounds


def _one(kind: str, work: Path, backbone: str, arguments: argparse.Namespace, fields: dict[str, Any]) -> dict[str, Any]:
    if kind == "deploy-original":
        places = fields["options"]["model"], fields["options"]["pictures"]
        return beside_the_original(arguments.original, *places, arguments.turns, arguments.block, work)
    if kind == "deploy-memory":
        picture = next(iter(sorted(Path(fields["options"]["pictures"]).iterdir())))
        said = run(["-c", MEMORY, fields["options"]["model"], str(picture)], work)
        try:
            return dict(json.loads(said.splitlines()[-1]))
        except (ValueError, IndexError):
            return {"error": said or "the process died without a word"}
    return child(kind, work, backbone=backbone, batch=arguments.block, iterations=arguments.turns, **fields)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Exported models: overhead, INT8, runtimes, memory.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--models", default=",".join(MODELS), help=f"some of {', '.join(MODELS)}")
    parser.add_argument("--measures", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--turns", type=int, help="how often contenders take turns within a round")
    parser.add_argument("--block", type=int, help="pictures of a turn")
    parser.add_argument("--images", type=Path, help="folder of pictures in place of generated JPEGs of 640×480")
    parser.add_argument("--original", help="a Python that has xedu-python: its Workflow beside ours")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/deploy-<date>.json)")
    arguments = parser.parse_args()
    arguments.models, arguments.measures = arguments.models.split(","), arguments.measures.split(",")
    for given, known in ((arguments.models, MODELS), (arguments.measures, MEASURES)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if arguments.original is None:
        arguments.measures = [name for name in arguments.measures if name != "original"]
    defaults = (1, 2, 10) if arguments.quick else (3, 12, 25)
    for name, value in zip(("rounds", "turns", "block"), defaults, strict=True):
        setattr(arguments, name, getattr(arguments, name) or value)
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        data = make(work / "data", "photos", 24)
        pictures = str((arguments.images or camera(work / "camera", 10)).resolve())
        made: dict[str, dict[str, Any]] = {}
        rounds: dict[str, Rounds] = {}
        for backbone in arguments.models:
            first = backbone == MODELS[0]
            formats = ["FP32", "INT8"] + (["openvino", "ncnn"] if first and "runtime" in arguments.measures else [])
            made[backbone] = export(backbone, data, work, formats)
            jobs = todo(backbone, made[backbone].get("files", {}), arguments.measures, pictures)
            rounds[backbone] = measure(backbone, jobs, arguments, work)
    summary = {name: summarise(of_model, made[name].get("sizes", {})) for name, of_model in rounds.items()}
    notes = [line for name in rounds for line in remarks(name, made[name], rounds[name])]
    print(describe(machine), *tables(summary), "\n".join(f"- {line}" for line in notes), sep="\n\n")
    options = {name: getattr(arguments, name) for name in ("quick", "rounds", "turns", "block")}
    report = {"machine": machine, "options": options, "summary": summary, "made": made, "rounds": rounds}
    say(f"written: {save({**report, 'remarks': notes}, 'deploy', arguments.json)}")
    broken = ("error" in result for of_model in rounds.values() for single in of_model for result in single.values())
    return int(any(broken) or any("error" in one or one.get("failed") for one in made.values()))


if __name__ == "__main__":
    sys.exit(main())
