"""``preprocess=`` and ``postprocess=`` belong to one task; the others refuse them."""

from __future__ import annotations

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from XEdu.hub.tasks import InferenceOptions


def check_no_functions(options: InferenceOptions) -> None:
    """Refuse functions of the user's.

    Raises:
        ParameterInvalid: There are some (-305).
    """
    if options.preprocess is None and options.postprocess is None:
        return
    raise ParameterInvalid(
        say("preprocess and postprocess belong to task='custom'.", "preprocess 和 postprocess 只用于 task='custom'。"),
        hint=say("Use Workflow(task='custom', checkpoint=…).", "请使用 Workflow(task='custom', checkpoint=…)。"),
    )
