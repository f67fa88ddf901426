"""A name that a module does not have is answered with the nearest one, or with what this version lacks."""

from __future__ import annotations

import copy
import importlib
import subprocess
import sys

import pytest

from BaseDT.errors import MemberUnknown, NameUnknown, did_you_mean
from BaseDT.language import use_language
from BaseDT.missing_names import Named


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from MMEdu import MMClassificaton", "Did you mean 'MMClassification'?"),
        ("from MMEdu import mmclassification as cls", "Did you mean 'MMClassification'?"),
        ("from MMEdu import MMDetection, pth_inf", "Did you mean 'pth_info'?"),
        ("from MMEdu import MMpose", "Did you mean 'MMPose'?"),
        ("from MMEdu import MMsegmentation", "Did you mean 'MMSegmentation'?"),
        ("from MMEdu import MMGeneration", "has no MMGeneration yet"),
        ("from MMEdu import MMEditing", "has no MMEditing yet"),
        ("from XEdu.hub import Workfow", "Did you mean 'Workflow'?"),
        ("from XEdu import hbu", "Did you mean 'hub'?"),
        ("from XEdu.teach import learner_", "Did you mean 'Learner'?"),
        ("from XEdu.live import rum", "Did you mean 'run'?"),
        ("from BaseDT.data import ImageDta", "Did you mean 'ImageData'?"),
        ("from BaseDT.dataset import Dataset_", "Did you mean 'DataSet'?"),
        ("from BaseDT.plot import plot_lg", "Did you mean 'plot_log'?"),
        ("from BaseDT.io import Microphon", "Did you mean 'MicroPhone'?"),
        ("from BaseDT import dat", "Did you mean 'data'?"),
        ("from BaseDeploy import modl", "It has: load."),
        ("from MMEdu import x1; x1()", "It has: MMBase, MMClassification"),
    ],
)
def test_the_nearest_name_is_offered(line: str, words: str) -> None:
    with pytest.raises(ImportError) as caught:
        exec(line, {})
    assert isinstance(caught.value, NameUnknown)
    assert words in str(caught.value)
    assert str(caught.value).startswith("Error Code: -503. ")


@pytest.mark.parametrize("name", ["MMEdu", "XEdu", "XEdu.hub", "BaseDT", "BaseDT.data", "BaseDT.dataset", "BaseDeploy"])
def test_a_module_still_answers_who_only_asks(name: str) -> None:
    module = importlib.import_module(name)
    for absent in ("__wrapped__", "_ipython_display_", "load_ipython_extension"):
        assert not hasattr(module, absent)
        assert getattr(module, absent, 7) == 7
    with pytest.raises(AttributeError, match="has no attribute 'nothing_of_that'"):
        module.nothing_of_that  # noqa: B018


def test_an_attribute_is_offered_too() -> None:
    import MMEdu

    with pytest.raises(AttributeError, match="Did you mean 'MMDetection'"):
        MMEdu.MMDetecton  # noqa: B018


def test_modules_that_are_not_loaded_yet_are_imported_as_ever() -> None:
    code = "from MMEdu import classification; from BaseDT import geometry; from XEdu import hub; print(hub.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "XEdu.hub"


@pytest.mark.parametrize("line", ["import mmedu", "from mmedu import MMClassification", "import mmedu.classification"])
def test_the_packages_name_in_other_letters_is_told(line: str) -> None:
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "Did you mean 'MMEdu'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("home", "kind", "wrong", "right"),
    [
        ("BaseNN", "nn", "trian", "train"),
        ("BaseNN", "nn", "img_class", "img_classes"),
        ("MMBase", "MMBase", "add_layers", "add_layer"),
        ("BaseML", "Classification", "inferece", "inference"),
        ("BaseML", "Regression", "load_datset", "load_dataset"),
        ("BaseML", "Cluster", "plott", "plot"),
        ("BaseML", "DimentionReduction", "fit_tranform", "fit_transform"),
    ],
)
def test_so_is_the_nearest_method(home: str, kind: str, wrong: str, right: str) -> None:
    model = getattr(importlib.import_module(home), kind)()
    with pytest.raises(AttributeError) as caught:
        getattr(model, wrong)
    assert isinstance(caught.value, MemberUnknown)
    assert f"Did you mean '{right}'?" in caught.value.hint
    with use_language("zh"), pytest.raises(MemberUnknown, match="没有"):
        getattr(model, wrong)
    assert not hasattr(model, wrong)
    assert getattr(model, "_private", None) is None
    copy.deepcopy(model)


def test_a_property_that_fails_says_so_itself() -> None:
    class Broken(Named):
        @property
        def size(self) -> int:
            return self._size  # type: ignore[no-any-return, attr-defined]

    with pytest.raises(AttributeError, match="_size"):
        _ = Broken().size


def test_letters_in_another_order_are_near() -> None:
    assert "'relu'" in did_you_mean("rule", ["tanh", "relu"])
    assert did_you_mean("ab", ["ba"]) == ""
