"""XEdu.teach: a model learns new classes from a few pictures, where there is no torch; on a board, while one looks on.

    from XEdu.teach import Learner
    learner = Learner('mobilenet.onnx')        # of convert(…, features=True)
    learner.add('cat', 'pictures/cats')
    learner.add('dog', 'pictures/dogs')
    learner.predict('new.jpg')
    learner.save('mine.onnx')

``Learner`` is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from XEdu.teach.learner import Learner

__all__ = ["Learner"]

show_named_errors_plainly()


def __getattr__(name: str) -> Any:
    if name != "Learner":
        raise no_such_name(__name__, name)
    from XEdu.teach.learner import Learner

    return Learner


def __dir__() -> list[str]:
    return sorted(__all__)
