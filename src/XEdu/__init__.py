"""XEdu: runs exported models. Never imports torch.

``XEdu.hub`` is the documented door (``from XEdu.hub import Workflow as wf``); ``XEdu.runtime`` opens any
model.
"""

from __future__ import annotations

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    from BaseDT.missing_names import no_such_name

    raise no_such_name(__name__, name)
