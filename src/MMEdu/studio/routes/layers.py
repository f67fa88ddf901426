"""Networks of one's own, layer by layer.

- ``GET /api/layers`` → {kinds: [{name, shows, usual, arguments: JSON schema, first}], activations: [{name, shows}],
  training: {arguments: JSON schema, first}, colors, sizes, torch, install}. Works without torch.
- ``POST /api/layers/data {dataset | project, task?, color?, size?}`` → {dataset | project, kind: "tab"|"img", task,
  inputs, classes, names, samples, sentence, color, size, layers, training}; ``layers`` and ``training``: what may be
  begun with.
- ``POST /api/layers/check {dataset | project, task, color, size, layers}`` → {inputs, layers: [{incoming, outgoing,
  arguments, error}], ends: {fits, good, message, hint}, next: [{layer, arguments, fits, why}]}
"""

from __future__ import annotations

from typing import Any

from MMEdu.actions import learning_pictures, network_cards, network_data
from MMEdu.actions.network_data import NetworkData
from MMEdu.requirements import INSTALL_TRAIN, can_train
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.programs import places


def what_there_is(asked: Asked) -> object:
    """Describe layers and training."""
    del asked
    return {
        "kinds": network_cards.kinds(),
        "activations": network_cards.activations(),
        "training": network_data.schema(),
        "colors": list(learning_pictures.COLORS),
        "sizes": list(learning_pictures.SIZES),
        "torch": can_train(),
        "install": INSTALL_TRAIN,
    }


def data(asked: Asked) -> object:
    """Look into what is to be learned from."""
    found, named = _data(asked)
    return {**named, **found.plain()}


def check(asked: Asked) -> object:
    """Say how layers fit."""
    found, _ = _data(asked)
    return network_cards.laying(found.around, found.task, asked.json().get("layers"))


def _data(asked: Asked) -> tuple[NetworkData, dict[str, Any]]:
    given, place = asked.json(), asked.studio.room(Jobs).place
    path, project = places.learned_from(given, place)
    found = network_data.data(place.work / path, given.get("task", ""), given.get("color", ""), given.get("size", 0))
    return found, project or {"dataset": path}


ROUTES = [get("/api/layers", what_there_is), post("/api/layers/data", data), post("/api/layers/check", check)]
