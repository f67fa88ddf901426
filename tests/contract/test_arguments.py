"""Arguments are data: for every task the documented signature, the checks and the form say the same."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import Any

import pytest

from BaseDT.argument_schema import Argument, arguments_of, check, json_schema
from BaseDT.errors import ParameterInvalid
from BaseDT.language import use_language
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec

TASKS = list(registry.all_tasks().values())
NAMES = [spec.name for spec in TASKS]
PYTHON_ONLY = {"self", "listener", "stop"}
BAD: dict[str, list[Any]] = {
    "integer": [1.5, "3", True, float("nan"), 10**30, [1]],
    "number": ["0.1", True, float("nan"), float("inf"), [0.1]],
    "flag": [1, 0, "yes", [True]],
}


def signature(spec: TaskSpec, method: str) -> dict[str, Any]:
    module, _, name = spec.documented_class.partition(":")
    function = getattr(getattr(importlib.import_module(module), name), method)
    return {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}


def described() -> list[tuple[type, Argument]]:
    classes = dict.fromkeys(spec.part(name) for spec in TASKS for name in ("train_arguments", "predict_arguments"))
    return [(cls, item) for cls in classes for item in arguments_of(cls)]


@pytest.mark.parametrize("spec", TASKS, ids=NAMES)
def test_the_documented_signature_of_train_is_the_dataclass(spec):
    documented = {name: value for name, value in signature(spec, "train").items() if name not in PYTHON_ONLY}
    assert documented == {item.name: item.default for item in arguments_of(spec.part("train_arguments"))}


@pytest.mark.parametrize("spec", TASKS, ids=NAMES)
def test_the_arguments_of_prediction_are_among_those_of_inference(spec):
    documented = signature(spec, "inference")
    expected = {item.name: item.default for item in arguments_of(spec.part("predict_arguments"))}
    assert {name: documented[name] for name in expected} == expected


@pytest.mark.parametrize("spec", TASKS, ids=NAMES)
def test_defaults_pass_their_own_checks(spec):
    for name in ("train_arguments", "predict_arguments"):
        defaults = spec.part(name)()
        assert check(defaults) == defaults


@pytest.mark.parametrize(("cls", "item"), described(), ids=lambda value: getattr(value, "name", ""))
def test_every_argument_has_its_help_in_both_languages(cls, item):
    with use_language("en"):
        assert item.help.isascii()
        assert item.help[0].isupper() or item.help[0] in "'0" or item.help.startswith(item.choices or item.help)
    with use_language("zh"):
        assert any("\u4e00" <= character <= "\u9fff" for character in item.help)


@pytest.mark.parametrize(
    ("cls", "item", "value"),
    [
        (cls, item, value)
        for cls, item in described()
        for value in [*BAD.get(item.kind, []), *([item.least - 1] if item.least is not None else [])]
        if item.check is None and not (item.choices and value in item.choices)
    ],
    ids=lambda value: getattr(value, "name", None) or repr(value)[:20],
)
def test_a_bad_value_is_named_with_what_would_do(cls, item, value):
    with pytest.raises(ParameterInvalid) as caught:
        check(cls(**{item.name: value}))
    assert caught.value.message.startswith(f"{item.name}=")
    assert f"{item.name} must be " in caught.value.hint


@pytest.mark.parametrize("spec", TASKS, ids=NAMES)
def test_the_form_is_json_and_speaks_the_users_language(spec):
    for language in ("en", "zh"):
        with use_language(language):
            schema = json.loads(json.dumps(json_schema(spec.part("train_arguments"))))
        epochs = schema["properties"]["epochs"]
        assert (epochs["type"], epochs["default"]) == ("integer", spec.part("train_arguments")().epochs)
        assert epochs["description"].isascii() == (language == "en")
