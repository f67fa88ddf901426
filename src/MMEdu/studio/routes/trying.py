"""Try a model on pictures.

- ``GET /api/try`` → {tasks: [{name, what, live, here, group}]}; models are those of ``/api/models``
- ``POST /api/try/open {model | task}`` → {kind, task, network, classes, threshold, suggested}; fetches the weights of a
  task that are missing
- ``POST /api/try?model=ID`` or ``?task=NAME``, raw picture, with ``thr`` (number or ``auto``), ``draw=0``, ``film``
  (whose next picture it is) → {found: [{name?, label?, score?, box?, points?, share?, text?, number?}],
  bars: [{name, label, score}], row, remark, width, height, drawn, ms}. ``drawn`` is a ``data:`` address.

``/api/predict?project=ID`` answers for a project of Teach (``routes.teaching``).
"""

from __future__ import annotations

from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.trying import Trying


def listed(asked: Asked) -> object:
    """List what can be tried without a model of one's own."""
    del asked
    from MMEdu.actions.trying import ready_made_tasks

    return {"tasks": ready_made_tasks()}


def opened(asked: Asked) -> object:
    """Open a model or a task."""
    return asked.studio.room(Trying).facts(asked.text("model", ""), asked.text("task", ""))


def answered(asked: Asked) -> object:
    """Say what is in the picture of a request."""
    query = asked.query
    said = asked.studio.room(Trying).answer(
        asked.body,
        model=query.get("model", ""),
        task=query.get("task", ""),
        threshold=_threshold(query.get("thr", "")),
        draw=query.get("draw", "1") != "0",
        film=query.get("film", "")[:64],
    )
    return said.to_json()


def _threshold(text: str) -> float | str | None:
    """Return a threshold; what is no number is refused by the model, in its own words."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


ROUTES = [get("/api/try", listed), post("/api/try/open", opened), post("/api/try", answered)]
