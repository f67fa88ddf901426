"""A child process: runs one measure and writes its result to a file. Started by ``_run.py`` only."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from bench._cases import Job

MEASURES = {
    "machine": "bench._system:machine",
    "plain": "bench._plain:speed",
    "plain-accuracy": "bench._plain:accuracy",
    "limit": "bench._limit:speed",
    "ours": "bench._ours:speed",
    "ours-startup": "bench._ours:startup",
    "ours-accuracy": "bench._ours:accuracy",
    "deploy-make": "bench._deploy:make",
    "deploy-hub": "bench._deploy:hub",
    "deploy-torch": "bench._deploy:torch_",
    "deploy-files": "bench._deploy:files",
    "int8": "bench._int8:measure",
    "detect-plain": "bench._detect_plain:speed",
    "detect-plain-accuracy": "bench._detect_plain:accuracy",
    "detect-limit": "bench._detect_train:limit",
    "detect-ours": "bench._detect_train:ours",
    "detect-accuracy": "bench._detect_train:accuracy",
    "detect-make": "bench._detect_deploy:make",
    "detect-hub": "bench._detect_deploy:hub",
    "detect-rate": "bench._detect_deploy:rate",
    "segment-plain": "bench._segment_plain:speed",
    "segment-limit": "bench._segment:limit",
    "segment-ours": "bench._segment:ours",
    "segment-learned": "bench._segment:learned",
    "segment-hub": "bench._segment:hub",
    "pose-data": "bench._pose:data",
    "pose-plain": "bench._pose_plain:speed",
    "pose-limit": "bench._pose:limit",
    "pose-ours": "bench._pose:ours",
    "pose-make": "bench._pose:make",
    "pose-hub": "bench._pose:hub",
    "pretrained-train": "bench._pretrained:train",
    "teach-make": "bench._teach:make",
    "teach-answers": "bench._teach:answers",
    "teach-train": "bench._teach:train",
    "busy-train": "bench._busy:train",
    "busy-ncnn": "bench._busy:ncnn",
    "live-camera": "bench._live:camera",
    "live-track": "bench._live:track",
    "presets-speed": "bench._presets:speed",
    "presets-agreement": "bench._presets:agreement",
    "transfer-base": "bench._transfer:base",
    "transfer-train": "bench._transfer:train",
    "transfer-inference": "bench._transfer:inference",
}


def main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    module, function = MEASURES[job.measure].split(":")
    result = getattr(importlib.import_module(module), function)(job)
    Path(job.out).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
