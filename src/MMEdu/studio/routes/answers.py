"""A network or a model of one's own is asked: what a job left, through the file that a board would run.

- ``POST /api/jobs/{id}/answer {row}``, or a picture, raw → {said, shares: [{name, share}], remark}, the
  largest first
"""

from __future__ import annotations

from BaseDT.errors import CheckpointNotFound
from BaseDT.language import say
from MMEdu.actions import own_answers
from MMEdu.studio.asking import Asked, post
from MMEdu.studio.jobs.jobs import Jobs

_TASKS = {"network": "basenn", "numbers": "baseml"}


def answer(asked: Asked) -> object:
    """Say what a job's model tells."""
    room = asked.studio.room(Jobs)
    job = room.find(asked.path["id"])
    files = [one.path for one in room.results(job) if one.kind == "model"]
    if job.kind not in _TASKS or not files:
        raise CheckpointNotFound(
            say("This run left no file that could be asked.", "这次运行没有可以试用的文件。"),
            hint=say("Train once more, with a file for boards.", "请重新训练，并勾选生成开发板文件。"),
        )
    classes = tuple(map(str, job.settings.get("classes") or ()))
    if asked.headers.get("content-type", "").startswith("image/"):
        return own_answers.of_picture(files[0], asked.body, classes)
    told = zip(job.settings.get("names") or (), job.settings.get("ranges") or (), strict=False)
    learned = [(str(name), float(least), float(greatest)) for name, (least, greatest) in told]
    return own_answers.of_row(files[0], _TASKS[job.kind], asked.json().get("row"), classes, learned)


ROUTES = [post("/api/jobs/{id}/answer", answer)]
