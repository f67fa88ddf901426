"""One process of a ``distributed_job``: reads the job, trains, leaves the result or the error in its folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from BaseDT.errors import XEduError
from MMEdu.actions.distributed_job import EVENT_MARK, Job
from MMEdu.actions.train import TrainingSession, checked_arguments
from MMEdu.actions.training_result import TrainingResult
from MMEdu.engine import events
from MMEdu.engine.events import Event
from MMEdu.models import recipe_file
from MMEdu.tasks import registry


def work(values: Mapping[str, Any], job_folder: Path) -> None:
    """Train as one of the processes of a job; leave the result, or the error, in its folder."""
    rank = os.environ.get("RANK", "0")
    try:
        result = train_as_member(Job(**values))
    except XEduError as error:
        content = {
            "type": type(error).__name__,
            "message": error.message,
            "message_en": error.message_en,
            "hint": error.hint,
        }
        (job_folder / f"error-{rank}.json").write_text(json.dumps(content), encoding="utf-8")
        sys.exit(1)
    if rank == "0":
        files = {
            "log": result.log,
            "best_file": str(result.best_file) if result.best_file else None,
            "latest_file": str(result.latest_file),
            "log_file": str(result.log_file),
            "report": [str(path) for path in result.report],
        }
        (job_folder / "result.json").write_text(json.dumps(files), encoding="utf-8")


def train_as_member(job: Job) -> TrainingResult:
    """Train as one of the processes; the parent has checked the data set and reported everything about it."""
    spec = registry.find(job.task)
    session = TrainingSession(spec, job.backbone, recipe_file.entry_of(job.backbone, job.task))
    session.load_dataset(check=False, listener=events.silent, **job.dataset)
    if job.left_out:
        session.leave_out([Path(path) for path in job.left_out])
    listener = _send if os.environ.get("RANK", "0") == "0" else events.silent
    return session.train(checked_arguments(spec, job.arguments), Path(job.folder), listener)


def _send(event: Event) -> None:
    """Send an event to the parent: one line of JSON."""
    sys.stdout.write(f"{EVENT_MARK}{json.dumps(events.to_json(event), allow_nan=False)}\n")
    sys.stdout.flush()
