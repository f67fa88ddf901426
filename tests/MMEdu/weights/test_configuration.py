"""The configuration that a file of OpenMMLab carries as text: its input, and networks that compute otherwise."""

from __future__ import annotations

import pytest

from BaseDT.preprocess import Preprocess
from MMEdu.weights.foreign import openmmlab_config as configuration
from MMEdu.weights.foreign.families import mmcls, mmdet, torchvision
from MMEdu.weights.foreign.tables import Table

_NORM = "type='Normalize', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True"
_SECOND = """
checkpoint_config = dict(interval=1)
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='MultiScaleFlipAug',
        img_scale={scale},
        flip=False,
        transforms=[
            dict(type='Resize', keep_ratio={keep}),
            dict(type='RandomFlip'),
            dict({norm}),
            dict(type='Pad', size_divisor=32),
        ])
]
"""
_THIRD = """
model = dict(
    type='YOLOV3',
    data_preprocessor=dict(type='DetDataPreprocessor', mean=[0, 0, 0], std=[255.0, 255.0, 255.0], bgr_to_rgb=True),
    backbone=dict(type='Darknet', depth=53),
    bbox_head=dict(anchor_generator=dict(base_sizes={sizes})))
test_dataloader = dict(dataset=dict(pipeline=[
    dict(type='LoadImageFromFile', backend_args=None),
    dict(type='Resize', scale=(608, 608), keep_ratio=True)]))
"""
_ANCHORS = "[[(116, 90), (156, 198), (373, 326)], [(30, 61), (62, 45), (59, 119)], [(10, 13), (16, 30), (33, 23)]]"
_CLASSIFIER = "data = dict(test=dict(pipeline=[dict(type='LoadImageFromFile'), {steps}]))"


def _of(backbone: str) -> Table:
    return next(t for t in (*mmdet.TABLES, *mmcls.TABLES) if t.backbone == backbone and not t.form)


def _input(backbone: str, text: str) -> Preprocess:
    preprocess = configuration.adapted(_of(backbone), {"config": text}).preprocess
    assert preprocess is not None
    return preprocess


@pytest.mark.parametrize(
    ("backbone", "scale", "keep"),
    [("FasterRCNN", (1333, 800), True), ("SSD_Lite", (320, 320), False), ("Yolov3_MobileNet", (416, 416), True)],
)
def test_the_published_recipes_are_those_of_the_tables(backbone: str, scale: tuple[int, int], keep: bool) -> None:
    assert _input(backbone, _SECOND.format(scale=scale, keep=keep, norm=_NORM)) == _of(backbone).preprocess


def test_a_file_of_another_size_has_its_own() -> None:
    assert _input("Yolov3", _THIRD.format(sizes=_ANCHORS)).size == (608, 608)
    assert _input("SSD_Lite", _SECOND.format(scale=(512, 300), keep=False, norm=_NORM)).size == (300, 512)


def test_colours_and_their_order_are_the_files() -> None:
    norm = "type='Normalize', mean=[103.5, 116.3, 123.7], std=[1.0, 1.0, 1.0], to_rgb=False"
    found = _input("Mask_RCNN", _SECOND.format(scale=(1333, 800), keep=True, norm=norm))
    assert (found.color, found.mean, found.std) == ("bgr", (103.5, 116.3, 123.7), (1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            "dict(type='Resize', size=(288, -1)), dict(type='CenterCrop', crop_size=256)",
            {"resize": "short_side", "resize_to": 288, "size": (256, 256)},
        ),
        (
            "dict(type='ResizeEdge', scale=232, edge='short'), dict(type='CenterCrop', crop_size=224)",
            {"resize": "short_side", "resize_to": 232, "size": (224, 224)},
        ),
        ("dict(type='Resize', size=(96, 128))", {"resize": "stretch", "resize_to": None, "size": (96, 128)}),
        ("dict(type='Resize', scale=64)", {"resize": "stretch", "resize_to": None, "size": (64, 64)}),
    ],
)
def test_inputs_of_classifiers(steps: str, expected: dict[str, object]) -> None:
    found = _input("ResNet18", _CLASSIFIER.format(steps=steps))
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("backbone", "model", "place"),
    [
        ("FasterRCNN", "backbone=dict(style='caffe')", "backbone.style"),
        ("ResNet50", "backbone=dict(style='caffe')", "backbone.style"),
        ("ResNet50", "backbone=dict(depth=101, style='pytorch')", "backbone.depth"),
        ("Mask_RCNN", "rpn_head=dict(anchor_generator=dict(scales=[4]))", "rpn_head.anchor_generator.scales"),
        ("Yolov3", "bbox_head=dict(anchor_generator=dict(base_sizes=[[(1, 2)]]))", "bbox_head.anchor_generator"),
        ("SSD_Lite", "bbox_head=dict(anchor_generator=dict(min_sizes=[30]))", "bbox_head.anchor_generator.min_sizes"),
    ],
)
def test_a_network_that_computes_otherwise_is_a_start_only(backbone: str, model: str, place: str) -> None:
    text = f"model = dict({model})"
    assert configuration.adapted(_of(backbone), {"cfg": text}).only_start.startswith(place)


def test_the_published_anchors_are_ours() -> None:
    assert not configuration.adapted(_of("Yolov3"), {"cfg": _THIRD.format(sizes=_ANCHORS)}).only_start


@pytest.mark.parametrize(
    "text",
    [
        "",
        "model = dict(",
        "configs/ssd/ssdlite.py",
        "test_pipeline = [dict(type='Resize', scale='large', keep_ratio=True)]",
        "test_pipeline = [dict(type='Resize', scale=(0, 0))]",
        "test_pipeline = [7, dict(type='Normalize', mean=[1], std=[2])]",
        "test_pipeline = [dict(type='Normalize', mean=5, std=0)]",
        "model = 5\ndata = dict(test=3)",
        "(" * 5000,
        "a = " + "-" * 5000 + "1",
        "x = 1\0",
    ],
)
def test_what_is_not_understood_changes_nothing(text: str) -> None:
    assert configuration.adapted(_of("SSD_Lite"), {"cfg": text}) == _of("SSD_Lite")


@pytest.mark.parametrize("meta", [{}, {"cfg": None}, {"config": b"model = 1"}, {"cfg": {"model": 1}}])
def test_without_a_configuration_the_table_stays(meta: dict[str, object]) -> None:
    assert configuration.adapted(_of("SSD_Lite"), meta) is _of("SSD_Lite")


def test_files_of_other_projects_have_none() -> None:
    table = torchvision.TABLES[0]
    assert configuration.adapted(table, {"cfg": "model = dict(backbone=dict(style='caffe'))"}) is table


def test_nothing_in_it_is_run() -> None:
    text = "import os\nraise SystemExit\na = os.getcwd()\nf = dict(g=len([]))\n"
    text += "b = dict(c=[1, -2.5], d={'e': (True, None)})"
    assert configuration.settings(text) == {"b": {"c": (1, -2.5), "d": {"e": (True, None)}}}
