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
from BaseDT.language import english, say
from XEdu.hub import raw_inference
from XEdu.hub.given_boxes import no_points
from XEdu.hub.prediction import Prediction
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.hub.target_class import no_parts_of_classes
from XEdu.hub.tasks import InferenceOptions
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class CustomTask:
    """A model of which nothing needs to be known."""

    model: Model

    def inference(self, data: Any, options: InferenceOptions) -> Prediction:
        """Run ``postprocess(model(preprocess(data)), preprocessed)``.

        Without ``preprocess`` the data are a finished tensor, tensors by input, or a picture; without ``postprocess``
        the raw outputs are the result.

        Raises:
            ParameterInvalid: ``preprocess`` returned no tensor, or one that does not fit (-305).
            TaskMismatch: Boxes or classes were given (-311).
        """
        if options.bbox is not None:
            raise no_points()
        if options.target_class is not None:
            raise no_parts_of_classes()
        tensor = data
        if (preprocess := _checked_function("preprocess", options.preprocess)) is not None:
            tensor = preprocess(data)
            if not isinstance(tensor, (np.ndarray, Mapping)):
                raise _no_tensor(tensor)
            outputs = self.model.backend.run(tensor) if isinstance(tensor, Mapping) else self.model.run(tensor)
        else:
            outputs = raw_inference.run(self.model, data)
        postprocess = _checked_function("postprocess", options.postprocess)
        result = outputs if postprocess is None else _result(postprocess, outputs, tensor)
        return Prediction([result], [SourceSnapshot("", data)], False)


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> CustomTask:
    """Open the model.

    Raises:
        XEduError: It cannot be opened.
    """
    return CustomTask(raw_inference.open_model(checkpoint, providers))


def _result(postprocess: Callable[..., Any], outputs: list[Array], preprocessed: object) -> Any:
    try:
        return postprocess(outputs, preprocessed)
    except TypeError as error:
        if (fault := _fault(error, postprocess, outputs, preprocessed)) is None:
            raise
        hint = say(
            "Write it as: def postprocess(outputs, preprocessed). The second may go unused.",
            "请写成 def postprocess(outputs, preprocessed)，第二个参数可以不用。",
        )
        text = say(
            f"postprocess cannot be called with the outputs and what preprocess returned: {english(fault)}.",
            f"无法用模型输出和 preprocess 的返回值调用 postprocess：{fault}。",
        )
        raise ParameterInvalid(text, hint=hint) from None


def _fault(error: TypeError, function: Callable[..., Any], *args: object) -> str | None:
    try:
        return call_fault(error, inspect.signature(function), args, {})
    except ValueError:  # some builtins do not tell how they are called
        return None


def _checked_function(name: str, function: Any) -> Any:
    if function is None or callable(function):
        return function
    hint = say(
        f"Expected a function: {name}=my_function, without brackets.", f"应为函数：{name}=my_function，不带括号。"
    )
    raise ParameterInvalid(say(f"{name}={function!r} is no function.", f"{name}={function!r} 不是函数。"), hint=hint)


def _no_tensor(value: object) -> ParameterInvalid:
    hint = say(
        "It must return a numpy array, or a dict of arrays by the model's inputs.",
        "它应返回 numpy 数组，或以模型输入名为键的数组字典。",
    )
    return ParameterInvalid(
        say(
            f"preprocess returned {type(value).__name__}, which is no tensor.",
            f"preprocess 返回了 {type(value).__name__}，不是张量。",
        ),
        hint=hint,
    )
