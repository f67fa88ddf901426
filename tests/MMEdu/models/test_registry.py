"""The registry of models: names, aliases, torchvision's own names, and what every entry says before it is built."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from BaseDT.errors import BackboneUnknown
from MMEdu.models import registry

NAMES = ["LeNet", "MobileNet", "ResNet18", "ResNet50", "RegNet", "RepVGG", "ResNeXt", "ShuffleNet_v2", "VGG"]


def test_the_nine_documented_models_are_there_in_the_documents_spelling():
    assert [name for name in registry.names("classification") if name in NAMES] == NAMES


def test_names_are_listed_once():
    names = registry.names("classification")
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("name", registry.names("classification"))
def test_every_model_is_found_by_its_name_whatever_the_letter_case(name):
    for written in (name, name.lower(), name.upper(), name.swapcase()):
        assert registry.find(written, "classification").name == name


@pytest.mark.parametrize("alias", ["LeNet5", "lenet-5"])
def test_another_name_of_a_model_is_not_listed_but_found(alias):
    assert registry.find(alias, "classification").name == "LeNet"
    assert alias not in registry.names("classification")


def test_the_documents_table_calls_it_fastrcnn():
    assert registry.find("FastRCNN", "detection").name == "FasterRCNN"
    assert "FastRCNN" not in registry.names("detection")


@pytest.mark.parametrize("name", registry.names("classification"))
def test_every_entry_is_whole(name):
    entry = registry.find(name, "classification")
    assert entry.task == "classification"
    assert entry.reference
    assert entry.options.explain_layer
    assert entry.recipe.batch_size > 0
    assert entry.preprocess.size[0] == entry.preprocess.size[1]


def test_the_documented_inputs():
    lenet = registry.find("LeNet", "classification").preprocess
    assert (lenet.size, lenet.color, lenet.mean, lenet.std) == ((32, 32), "gray", (33.46,), (78.87,))
    for name in NAMES[1:]:
        other = registry.find(name, "classification").preprocess
        assert (other.size, other.color, other.resize, other.resize_to) == ((224, 224), "rgb", "short_side", 256)
        assert other.mean == (123.675, 116.28, 103.53)
        assert other.std == (58.395, 57.12, 57.375)


def test_the_documented_recipes():
    recipes = {name: registry.find(name, "classification").recipe for name in NAMES}
    assert {name: recipe.batch_size for name, recipe in recipes.items()} == {
        name: 64 if name == "LeNet" else 32 for name in NAMES
    }
    assert recipes["LeNet"].schedule.milestones == (15,)
    assert recipes["ResNet18"].schedule.milestones == (30, 60, 90)
    assert (recipes["MobileNet"].schedule.kind, recipes["MobileNet"].schedule.gamma) == ("exponential", 0.98)
    assert recipes["ShuffleNet_v2"].schedule.kind == "linear"
    assert not recipes["LeNet"].augment.changes_pixels
    assert all(recipes[name].augment.flip == 0.5 for name in NAMES[1:])


def test_vgg_is_not_lenet():
    """The original silently took LeNet's configuration for it."""
    assert registry.find("VGG", "classification").preprocess.size == (224, 224)


@pytest.mark.parametrize("name", ["squeezenet1_1", "EfficientNet_B0", "densenet121", "mobilenet_v3_small"])
def test_torchvisions_classifiers_are_found_by_its_own_names(name):
    entry = registry.find(name, "classification")
    assert entry.name == name.lower()
    assert entry.preprocess == registry.find("ResNet18", "classification").preprocess


def test_one_of_them_builds_with_the_classes_that_are_asked_for():
    import torch

    model = registry.find("squeezenet1_1", "classification").build(7).eval()
    assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 7)


@pytest.mark.parametrize(
    "name", ["inception_v3", "googlenet", "fasterrcnn_resnet50_fpn", "raft_large", "list_models", ""]
)
def test_what_is_no_plain_classifier_of_torchvision_is_unknown(name):
    with pytest.raises(BackboneUnknown):
        registry.find(name, "classification")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ResNet19", "ResNet18"),
        ("mobilnet", "MobileNet"),
        ("VGG19", None),
        ("squeezenet1_2", "squeezenet1_"),
        ("efficientnet_b9", "efficientnet_b"),
    ],
)
def test_the_nearest_name_is_offered_also_of_torchvisions(written, meant):
    if meant is None:  # torchvision has it under this very name
        assert registry.find(written, "classification").name == "vgg19"
        return
    with pytest.raises(BackboneUnknown, match=r"-302") as caught:
        registry.find(written, "classification")
    assert f"Did you mean '{meant}" in caught.value.hint


def test_a_model_of_another_task_is_unknown():
    with pytest.raises(BackboneUnknown):
        registry.find("LeNet", "no such task")
    assert registry.names("no such task") == []


def test_the_same_entry_may_be_registered_again_another_one_may_not():
    entry = registry.find("LeNet", "classification")
    assert registry.register(entry) is entry
    with pytest.raises(ValueError, match="lenet"):
        registry.register(replace(entry, reference="another one"))


@pytest.fixture
def toy_package(tmp_path, monkeypatch):
    """A package from elsewhere with a model of a task that nobody here knows."""
    folder = tmp_path / "toy_models"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "network.py").write_text("from torch import nn\ndef line(classes): return nn.Linear(2, classes)\n")
    (folder / "line.py").write_text(
        "from BaseDT.preprocess import Preprocess\n"
        "from MMEdu.models.recipe import Recipe\n"
        "from MMEdu.models.registry import ModelEntry, register\n"
        "for name, order in (('Zigzag', 1), ('Line', 1), ('Last', 1000), ('First', 0)):\n"
        "    register(ModelEntry(name, 'toy', 'toy_models.network:line', Preprocess(size=(8, 8)), Recipe(), 'nobody',\n"
        "                        order=order))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for entry in registry.entries("toy"):
        registry.unregister(entry)
    for name in [name for name in sys.modules if name.startswith("toy_models")]:
        del sys.modules[name]


def test_a_package_from_elsewhere_registers_models_of_its_own_task(toy_package):
    importlib.import_module("toy_models.line")
    assert "toy" in registry.tasks()
    assert registry.names("toy") == ["First", "Line", "Zigzag", "Last"], "by order, then by name"
    assert registry.find("LINE", "toy").build(3).out_features == 3
    assert not registry.find("Line", "toy").recipe.augment.changes_pixels
    with pytest.raises(BackboneUnknown, match=r"-302") as caught:
        registry.find("Lime", "toy")
    assert "Line" in caught.value.hint


def test_a_model_can_be_taken_out_again():
    entry = replace(registry.find("LeNet", "classification"), name="LeNet_Too", aliases=("Another",))
    registry.register(entry)
    assert registry.find("another", "classification") is entry
    registry.unregister(entry)
    assert "LeNet_Too" not in registry.names("classification")
    with pytest.raises(BackboneUnknown):
        registry.find("another", "classification")


def test_the_order_of_the_models_is_the_documents():
    assert registry.names("classification") == [
        *(
            "LeNet",
            "MobileNet",
            "EfficientNet_Lite0",
            "EfficientNet_Lite1",
            "EfficientNet_Lite2",
            "ResNet18",
            "ResNet50",
            "RegNet",
            "RegNet_384",
        ),
        *("RepVGG", "ResNeXt", "ShuffleNet_v2", "VGG", "VGG_BN"),
    ]
    assert registry.names("detection") == [
        *("SSD_Lite", "SSD_EfficientNet_Lite0", "FasterRCNN", "Yolov3", "Yolov3_MobileNet", "Mask_RCNN")
    ]
    assert registry.names("pose") == ["SimpleBaseline_MobileNet", "SimCC_MobileNet"]
    assert registry.names("segmentation") == ["FPN_MobileNet", "UNet", "DeepLabV3_MobileNet"]
    assert set(registry.tasks()) >= {"classification", "detection", "pose", "segmentation"}


def test_each_model_is_registered_below_the_folder_of_its_task():
    """There is no list of models that could be forgotten: a file in the folder is enough."""
    folder = Path(registry.__file__).parent
    for task in registry.tasks():
        registered = {entry.name for entry in registry.entries(task)}
        code = "".join(file.read_text("utf-8") for file in (folder / task).rglob("*.py"))
        assert all(f'"{name}"' in code for name in registered)
        assert not any(name in (folder / "registry.py").read_text("utf-8") for name in registered)


def test_listing_the_models_loads_neither_torch_nor_torchvision():
    script = (
        "import sys\nfrom MMEdu import MMClassification as cls\nassert cls.sota()\ncls('ResNet18').sota()\n"
        "from MMEdu.models import registry\nregistry.find('VGG', 'classification')\nassert len(registry.tasks()) > 1\n"
        "found = {'torch', 'torchvision'} & sys.modules.keys()\nassert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
