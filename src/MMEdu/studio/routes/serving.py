"""Models as services.

- ``GET /api/services`` → {services: [{id, name, state: "starting"|"running"|"failed"|"ended", port, lan, pin, address,
  addresses, answers, refused, waiting, seconds, programs: [{id, name, file, code}], message, hint, code}]}, the newest
  first
- ``POST /api/services {model | project | task, lan?, pin?}`` → a service; models are those of ``/api/models``, tasks
  those of ``/api/try``
- ``DELETE /api/services/{id}`` → {}: ends it
- ``GET /api/services/{id}/qr``: the address for others in the network, an SVG
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.asking import Asked, delete, get, post
from MMEdu.studio.lessons import qr
from MMEdu.studio.serving import Serving


def listed(asked: Asked) -> object:
    """List the services."""
    return {"services": [one.to_json() for one in asked.studio.room(Serving).all()]}


def start(asked: Asked) -> object:
    """Start one."""
    settings: dict[str, Any] = {name: asked.text(name, "") for name in ("model", "project", "task")}
    lan = asked.json().get("lan", False)
    if not isinstance(lan, bool):
        raise ParameterInvalid(say("lan is true or false.", "lan 应为 true 或 false。"))
    return asked.studio.room(Serving).start(**settings, lan=lan, pin=asked.text("pin", "")).to_json()


def stop(asked: Asked) -> object:
    """End one."""
    asked.studio.room(Serving).stop(asked.path["id"])
    return {}


def qr_code(asked: Asked) -> Response:
    """Draw the address for others."""
    service = asked.studio.room(Serving).find(asked.path["id"])
    if not service.addresses:
        raise HTTPException(404)
    return Response(qr.svg(service.addresses[0]), media_type="image/svg+xml", headers={"cache-control": "no-store"})


ROUTES = [
    get("/api/services", listed),
    post("/api/services", start),
    delete("/api/services/{id}", stop),
    get("/api/services/{id}/qr", qr_code),
]
