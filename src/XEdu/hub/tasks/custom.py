"""``task="custom"``: any model, with the user's own functions before and behind it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from BaseDT.arguments import call_fault
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from XEdu.hub import raw
from XEdu.hub.answer import Answer
from XEdu.hub.kept import Kept
from XEdu.hub.tasks import Wanted
from XEdu.runtime.backend import Tensor
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class CustomTask:
    """A model of which nothing needs to be known."""

    model: Model

    def inference(self, data: Any, wanted: Wanted) -> Answer:
        """Run ``postprocess(model(preprocess(data)), preprocessed)``.

        Without ``preprocess`` the data are a finished tensor, tensors by input, or a picture; without ``postprocess``
        the raw outputs are the result.

        Raises:
            ParameterInvalid: ``preprocess`` returned no tensor, or one that does not fit (-305).
        """
        fed = data
        if (before := _checked("preprocess", wanted.preprocess)) is not None:
            fed = before(data)
            if not isinstance(fed, (np.ndarray, Mapping)):
                raise _no_tensor(fed)
            outputs = self.model.backend.run(fed) if isinstance(fed, Mapping) else self.model.run(fed)
        else:
            outputs = raw.run(self.model, data)
        behind = _checked("postprocess", wanted.postprocess)
        result = outputs if behind is None else _result(behind, outputs, fed)
        return Answer([result], [Kept("", data)], False)


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> CustomTask:
    """Open the model.

    Raises:
        XEduError: It cannot be opened.
    """
    return CustomTask(raw.opened(checkpoint, providers))


def _result(behind: Callable[..., Any], outputs: list[Tensor], fed: object) -> Any:
    try:
        return behind(outputs, fed)
    except TypeError as error:
        if (fault := _fault(error, behind, outputs, fed)) is None:
            raise
        hint = say(
            "Write it as: def postprocess(outputs, preprocessed). The second may go unused.",
            "请写成 def postprocess(outputs, preprocessed)，第二个参数可以不用。",
        )
        text = f"postprocess cannot be called with the outputs and what preprocess returned: {fault}."
        raise ParameterInvalid(text, hint=hint) from None


def _fault(error: TypeError, function: Callable[..., Any], *args: object) -> str | None:
    try:
        return call_fault(error, inspect.signature(function), args, {})
    except ValueError:  # some builtins do not tell how they are called
        return None


def _checked(name: str, function: Any) -> Any:
    if function is None or callable(function):
        return function
    hint = say(
        f"Expected a function: {name}=my_function, without brackets.", f"应为函数：{name}=my_function，不带括号。"
    )
    raise ParameterInvalid(f"{name}={function!r} is no function.", hint=hint)


def _no_tensor(found: object) -> ParameterInvalid:
    hint = say(
        "It must return a numpy array, or a dict of arrays by the model's inputs.",
        "它应返回 numpy 数组，或以模型输入名为键的数组字典。",
    )
    return ParameterInvalid(f"preprocess returned {type(found).__name__}, which is no tensor.", hint=hint)
