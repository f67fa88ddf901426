"""What can be trained, for a page that knows no task.

- ``GET /api/schema`` → {tasks: [{task, name}], kinds: [kind of job], torch, install}.
- ``GET /api/schema/{task}`` → {task, name, class, models: [{name, input: {height, width, color}, batch_size, reference,
  pretrained: "here"|"offered"|"none"}], arguments: JSON schema with ``title``, ``description``, ``default`` of each
  in the asker's language, first: [names to ask at once], torch, install}. Works without torch.
"""

from __future__ import annotations

from MMEdu.actions import forms
from MMEdu.requirements import INSTALL_TRAIN, can_train
from MMEdu.studio.asking import Asked, get
from MMEdu.studio.programs.kinds import kinds


def tasks(asked: Asked) -> object:
    """List the tasks."""
    del asked
    return {"tasks": forms.tasks(), "kinds": list(kinds()), "torch": can_train(), "install": INSTALL_TRAIN}


def task(asked: Asked) -> object:
    """Describe the training of a task."""
    return {**forms.form(asked.path["task"]), "torch": can_train(), "install": INSTALL_TRAIN}


ROUTES = [get("/api/schema", tasks), get("/api/schema/{task}", task)]
