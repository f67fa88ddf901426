"""XEdu.hub: runs exported models in four lines, without torch.

    from XEdu.hub import Workflow as wf
    mm = wf(task='mmedu', checkpoint='cats_dogs.onnx')
    result, picture = mm.inference(data='cat.jpg', img_type='cv2')
    mm.format_output(lang='zh')

``Workflow`` is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from XEdu.hub.workflow import Workflow

__all__ = ["Workflow"]

# A pupil's script that ends with a mistake we can name shows the mistake and the line, not our insides.
show_named_errors_plainly()


def __getattr__(name: str) -> Any:
    if name != "Workflow":
        raise no_such_name(__name__, name)
    from XEdu.hub.workflow import Workflow

    return Workflow


def __dir__() -> list[str]:
    return sorted(__all__)
