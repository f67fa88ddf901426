"""An estimator's parameters: which there are, and setting them with errors that name what can be set."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from BaseDT.arguments import invalid, unknown_parameter
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseML.algorithms.kind import AlgorithmKind

_REFUSED = re.compile(r"The '(\w+)' parameter of \w+ must be (.+)\. Got (.+) instead\.", re.DOTALL)
_WORDS = (
    (" or an instance of 'numpy.bool'", ""),
    ("an int in the range", "整数，范围"), ("a float in the range", "小数，范围"), ("a str among", "以下文字之一："),
    ("an instance of 'bool'", "True 或 False"), ("an instance of 'int'", "整数"), ("an instance of 'str'", "文字"),
    ("an instance of 'dict'", "字典"), ("an instance of", "类型"), ("an array-like", "数组"), ("a callable", "函数"),
    (", or ", " 或 "), (" or ", " 或 "), ("inf)", "无穷大)"),
)  # fmt: skip


def parameters(estimator: Any) -> dict[str, Any]:
    """Return an estimator's parameters with their values; those of all steps of a pipeline."""
    return {name: value for step in steps(estimator) for name, value in step.get_params(deep=False).items()}


def steps(estimator: Any) -> Sequence[Any]:
    """Return the estimators of a pipeline, or the one."""
    return [step for _, step in estimator.steps] if hasattr(estimator, "steps") else [estimator]


def set_parameters(
    kind: AlgorithmKind, estimator: Any, values: Mapping[str, Any], chosen: Collection[str] | None = None
) -> None:
    """Set parameters, all or none.

    Args:
        kind: Its algorithm.
        estimator: Of scikit-learn.
        values: By name.
        chosen: Which of them the user called by that name; None for all.

    Raises:
        ParameterUnknown: The algorithm has no such parameter (-501).
        ParameterInvalid: A value cannot be used (-305).
    """
    before = parameters(estimator)
    for name in values:
        if name not in before:
            raise unknown_parameter(kind.name, str(name), before)
    try:
        _set(estimator, values)
        check(kind, estimator, values if chosen is None else chosen)
    except ParameterInvalid:
        _set(estimator, {name: before[name] for name in values})
        raise


def check(kind: AlgorithmKind, estimator: Any, chosen: Collection[str] = ()) -> None:
    """Check all parameters as scikit-learn itself does before it trains.

    Raises:
        ParameterInvalid: A value cannot be used (-305).
    """
    for step in steps(estimator):
        try:
            step._validate_params()
        except (ValueError, TypeError, RecursionError) as error:
            raise refused(kind, error, chosen) from None


def refused(kind: AlgorithmKind, error: Exception, chosen: Collection[str] = ()) -> ParameterInvalid:
    """Make the error of what scikit-learn refuses (-305); ``chosen`` are parameters that the user called by name."""
    if found := _REFUSED.fullmatch(str(error)):
        name, expected, value = found.groups()
        return invalid(kind.argument(name, chosen), _Written(value), expected, f"：{_in_chinese(expected)}")
    return ParameterInvalid(
        say(f"{kind.name} cannot be trained so: {error}", f"{kind.name} 无法这样训练（scikit-learn 的说明：{error}）"),
        hint=say("Look at its parameters and at the data.", "请检查算法的参数和数据。"),
    )


def checked_para(value: object) -> dict[str, Any]:
    """Return ``para``: parameters of scikit-learn by name.

    Raises:
        ParameterInvalid: It is no dictionary (-305).
    """
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(value)
    raise invalid("para", value, "a dictionary, e.g. {'max_depth': 3}", "字典，例如 {'max_depth': 3}")


def _in_chinese(expected: str) -> str:
    """Return what scikit-learn says a value must be; what is not among its usual words stays."""
    for en, zh in _WORDS:
        expected = expected.replace(en, zh)
    return expected


class _Written(str):
    """A value that is written down already."""

    def __repr__(self) -> str:
        return str(self)


def _set(estimator: Any, values: Mapping[str, Any]) -> None:
    for step in steps(estimator):
        step.set_params(**{name: value for name, value in values.items() if name in step.get_params(deep=False)})
