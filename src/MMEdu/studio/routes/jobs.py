"""Jobs: trainings, conversions …, each a process that runs the program that is shown.

- ``POST /api/jobs {kind, settings}`` → job; ``POST /api/code {kind, settings}`` → {code}: the program before it runs.
- ``GET /api/jobs`` → {jobs: [job]}, the newest first; ``GET /api/jobs/{id}`` → job; ``DELETE /api/jobs/{id}`` removes
  its folder, unless it runs.
- ``POST /api/jobs/{id}/stop`` → job; ``POST /api/jobs/{id}/resume`` → job: from its last checkpoint, else anew.
- ``GET /api/jobs/{id}/events``: what happens, from its beginning: the engine's events by their names, ``output``
  {text}, ``state`` {state, message?, hint?, code?}. The stream ends after the state that is the job's last.
- ``GET /api/code/{id}`` → {code, file, command}: the program that the job runs, byte for byte.

job: {id, kind, name, state, settings, task?, created, started, seconds, message, hint, code, folder, goes_on, resumed,
files: [{id, name, kind, shows, path, bytes}]}. ``state``: waiting, running, stopping, stopped, done, failed or
interrupted. ``folder`` and ``path`` are relative to the work folder: what ``settings`` takes. ``kind`` of a file: best,
latest, unfinished, finished, model, picture, report, log or other. ``goes_on``: whether resume goes on from what was
saved.

Settings: see ``MMEdu/studio/programs/<kind>.py``.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from BaseDT.arguments import invalid
from BaseDT.files import stamp_of
from MMEdu.actions.job_files import EVENTS, PROGRAM
from MMEdu.studio.asking import Asked, delete, get, post
from MMEdu.studio.files import Files
from MMEdu.studio.jobs.events import EventReader
from MMEdu.studio.jobs.job import Job
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.live import Told, event_stream, events_at
from MMEdu.studio.studio import Studio


def start(asked: Asked) -> object:
    """Start a job."""
    given = asked.json()
    job = asked.studio.room(Jobs).start(given.get("kind"), _settings(given))
    return described(asked.studio, job)


def code_before(asked: Asked) -> object:
    """Return the program that would run."""
    given = asked.json()
    return {"code": asked.studio.room(Jobs).code(given.get("kind"), _settings(given))}


def jobs(asked: Asked) -> object:
    """List the jobs."""
    return {"jobs": [described(asked.studio, job) for job in asked.studio.room(Jobs).all()]}


def job(asked: Asked) -> object:
    """Return a job."""
    return described(asked.studio, asked.studio.room(Jobs).find(asked.path["id"]))


def stop(asked: Asked) -> object:
    """Ask a job to stop."""
    return described(asked.studio, asked.studio.room(Jobs).stop(asked.path["id"]))


def resume(asked: Asked) -> object:
    """Let a job go on."""
    return described(asked.studio, asked.studio.room(Jobs).resume(asked.path["id"]))


def remove(asked: Asked) -> object:
    """Remove a job with its folder."""
    asked.studio.room(Jobs).delete(asked.path["id"])
    return {"ok": True}


def code(asked: Asked) -> object:
    """Return the program that a job runs."""
    room = asked.studio.room(Jobs)
    found = room.find(asked.path["id"])
    file = f"{room.called(found)}/{PROGRAM}"
    return {"code": room.program(found), "file": file, "command": f'python "{file}"'}


def events(request: Request) -> StreamingResponse:
    """Tell what happens."""
    studio: Studio = request.app.state.studio
    found = studio.room(Jobs).find(request.path_params["id"])
    room, reader = studio.room(Jobs), EventReader(found.folder / EVENTS)

    def news(number: int) -> list[Told]:
        return [event for event in reader.after(number) if not _is_an_earlier_end(event, reader, found)]

    def ended() -> bool:
        return reader.at_end and room.is_over(found)

    return event_stream(request, news, ended=ended)


def described(studio: Studio, job: Job) -> dict[str, Any]:
    """Return a job as plain data."""
    room, files = studio.room(Jobs), studio.room(Files)
    task = job.settings.get("task")
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "state": job.state,
        "settings": job.settings,
        **({"task": task} if isinstance(task, str) else {}),
        "created": job.created,
        "started": job.started,
        "seconds": round(room.seconds(job), 1),
        "message": job.message,
        "hint": job.hint,
        "code": job.code,
        "folder": room.called(job),
        "goes_on": room.goes_on(job),
        "resumed": job.resumed,
        "files": [
            {
                "id": files.add(result.path),
                "name": result.path.name,
                "kind": result.kind,
                "shows": result.shows,
                "path": result.path.relative_to(studio.folder).as_posix(),
                "bytes": stamp[0],
            }
            for result in room.results(job)
            if (stamp := stamp_of(result.path)) is not None  # a training has just replaced it
        ],
    }


def _is_an_earlier_end(event: Told, reader: EventReader, job: Job) -> bool:
    """Whether this is how an earlier run of a job ended that went on: who follows it must not take it for the end."""
    return event.number in reader.ends and reader.ends.index(event.number) < job.resumed


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    settings = given.get("settings", {})
    if not isinstance(settings, dict):
        raise invalid("settings", settings, "an object", "对象")
    return settings


ROUTES: list[Any] = [
    post("/api/jobs", start),
    get("/api/jobs", jobs),
    get("/api/jobs/{id}", job),
    delete("/api/jobs/{id}", remove),
    post("/api/jobs/{id}/stop", stop),
    post("/api/jobs/{id}/resume", resume),
    events_at("/api/jobs/{id}/events", events),
    post("/api/code", code_before),
    get("/api/code/{id}", code),
]
