"""Every argument of ``train`` refuses what cannot work, in the same words."""

from __future__ import annotations

import inspect

import pytest

from BaseDT.errors import ParameterInvalid, ValidateNotBoolean
from MMEdu import MMClassification
from MMEdu.actions.train import checked_arguments
from MMEdu.engine.run_settings import drawn_seed
from MMEdu.tasks import registry
from MMEdu.tasks.classification.one_class import resolve_save_best, resolve_topk

SPEC = registry.find("classification")
DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(MMClassification.train).parameters.items()
    if name != "self"
}
NOT_POSITIVE = [0, -1, 1.5, "3", True, None, float("nan")]
BAD = {
    "epochs": NOT_POSITIVE,
    "batch_size": [0, -1, 1.5, "3", True],
    "early_stop": [0, 1.5, "3"],
    "max_keep_ckpts": [0, 1.5, "3"],
    "devices": [0, 1.5, "3"],
    "image_size": [0, 7, 224.0, (224, 224)],
    "random_seed": [-1, 1.5, "3", None, True],
    "lr": [0, -0.1, 1e31, float("nan"), float("inf"), "0.1", None, True],
    "weight_decay": [-0.1, float("nan"), "0.1", None],
    "optimizer": ["sgd", "Adamm", 3, None],
    "metric": ["acc", "accuracy_top-1", None],
    "precision": ["bf16", "half", 16],
    "balance": ["yes", True, 1],
    "resume": [1, "yes", None],
    "distributed": [1, "yes", None],
    "freeze": ["all", "Backbone", True, -1, 1.5],
    "backbone_lr": [0, -0.1, "0.1", True, float("nan")],
    "views": [0, 1.5, "3", 4],
}


def test_the_documented_defaults_are_accepted():
    checked_arguments(SPEC, DEFAULTS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_named_with_what_would_do(name, value):
    with pytest.raises(ParameterInvalid) as caught:
        checked_arguments(SPEC, {**DEFAULTS, name: value})
    assert caught.value.message == f"{name}={value!r} cannot be used."
    assert f"{name} must be " in caught.value.hint
    assert isinstance(caught.value, ValueError)


def test_a_misspelt_optimizer_is_offered_the_right_one():
    with pytest.raises(ParameterInvalid, match="Did you mean 'Adam'"):
        checked_arguments(SPEC, {**DEFAULTS, "optimizer": "Adamm"})


@pytest.mark.parametrize("value", [1, 0, "True", None])
def test_validate_has_its_documented_code(value):
    with pytest.raises(ValidateNotBoolean, match=r"Error Code: -303\.") as caught:
        checked_arguments(SPEC, {**DEFAULTS, "validate": value})
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("topk", "classes", "expected"),
    [(None, 5, (1,)), (None, 6, (5,)), (1, 6, (1,)), ((1, 2, 5), 6, (1, 2, 5)), ([2, 2], 3, (2,))],
)
def test_topk_follows_the_documented_rule(topk, classes, expected):
    assert resolve_topk(topk, classes) == expected


@pytest.mark.parametrize("topk", [0, 4, (1, 4), (), "1", 1.0, True, {"k": 1}])
def test_a_topk_that_cannot_be_is_refused(topk):
    with pytest.raises(ParameterInvalid, match="topk must be whole numbers from 1 to 3"):
        resolve_topk(topk, 3)


def test_the_best_file_follows_the_documented_metric_or_the_one_that_is_named():
    assert resolve_save_best("auto", "accuracy", (5,)) == "accuracy_top-5"
    assert resolve_save_best("auto", "recall", (5,)) == "recall"
    assert resolve_save_best("accuracy_top-1", "accuracy", (5,)) == "accuracy_top-1"
    with pytest.raises(ParameterInvalid, match=r"Did you mean 'accuracy_top-5'"):
        resolve_save_best("accuracy_top5", "accuracy", (5,))


def test_seed_0_draws_another_each_time_and_any_other_stays():
    assert drawn_seed(0) != drawn_seed(0)
    assert drawn_seed(12) == 12


@pytest.mark.parametrize(
    "given", [{"freeze": 2, "backbone_lr": 0.1}, {"freeze": "backbone", "views": 4}, {"freeze": 0}]
)
def test_what_is_kept_of_a_backbone_may_be_chosen(given):
    checked_arguments(SPEC, {**DEFAULTS, **given})


@pytest.mark.parametrize("given", [{"freeze": "backbone", "backbone_lr": 0.1}, {"freeze": 3, "views": 2}])
def test_arguments_that_have_no_meaning_together_are_refused(given):
    with pytest.raises(ParameterInvalid, match="left out"):
        checked_arguments(SPEC, {**DEFAULTS, **given})
