"""What an OpenMMLab file says of its own recipe: the text of its configuration, read as data and never run.

It tells how a picture became an input, and whether the network computed as ours does. No torch comes in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from BaseDT.errors import ParameterInvalid
from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.parts.anchors import SSD_LARGEST, SSD_SMALLEST, YOLO_ANCHORS
from MMEdu.weights.foreign.tables import Table

_LONGEST = 1 << 20
_MULTIPLE = 32
"""Sides to which the pictures of two-stage detectors are filled up."""

_YOLO = {"bbox_head.anchor_generator.base_sizes": YOLO_ANCHORS}
_DEPTH = "backbone.depth"


def _resnet(depth: int) -> dict[str, Any]:
    return {"backbone.style": "pytorch", _DEPTH: depth}


_RCNN = {**_resnet(50), "rpn_head.anchor_generator.scales": (8,), "rpn_head.anchor_generator.ratios": (0.5, 1.0, 2.0)}
_OURS: dict[str, Mapping[str, Any]] = {
    "SSD_Lite": {
        "bbox_head.anchor_generator.min_sizes": SSD_SMALLEST,
        "bbox_head.anchor_generator.max_sizes": SSD_LARGEST,
    },
    "Yolov3": _YOLO,
    "Yolov3_MobileNet": _YOLO,
    "FasterRCNN": _RCNN,
    "Mask_RCNN": _RCNN,
    "ResNet18": _resnet(18),
    "ResNet50": _resnet(50),
    "ResNeXt": _resnet(50),
    **{f"resnet{depth}": _resnet(depth) for depth in (34, 101, 152)},
}
"""What no weight tells and the answers depend on: places in a configuration's ``model``, and what ours follows."""


def adapted(table: Table, meta: Mapping[str, Any]) -> Table:
    """Return a table as a file's own configuration has it; without one, or where it is not understood, as it is.

    Args:
        table: Of the network that the file holds.
        meta: What the file says of itself.

    Returns:
        The table with the file's input, and ``only_start`` where its network computes otherwise than ours.
    """
    text = _text(meta)
    if text is None or table.family not in ("mmcls", "mmdet"):
        return table
    config = settings(text)
    preprocess = table.preprocess if table.preprocess is None else _input(config, table.preprocess)
    differs = ", ".join(otherwise(config, table.backbone))
    return replace(table, preprocess=preprocess, only_start=table.only_start or differs)


def backbone_depth(meta: Mapping[str, Any]) -> int | None:
    """Return how many layers a file's own configuration gives its backbone; None where it does not say."""
    text = _text(meta)
    value = _at(settings(text).get("model"), _DEPTH) if text is not None else None
    return value if isinstance(value, int) else None


def _text(meta: Mapping[str, Any]) -> str | None:
    return next((meta[name] for name in ("cfg", "config") if isinstance(meta.get(name), str)), None)


def settings(text: str) -> dict[str, Any]:
    """Return a configuration's assignments of plain data: numbers, text, lists, ``dict(...)``; others are left out."""
    try:
        body = ast.parse(text).body if len(text) <= _LONGEST else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    config = {}
    for line in body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            try:
                config[line.targets[0].id] = _value(line.value)
            except (ValueError, TypeError, RecursionError):
                continue
    return config


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id != "dict" or node.args:
            raise ValueError("no plain data")
        return {pair.arg: _value(pair.value) for pair in node.keywords if pair.arg is not None}
    if isinstance(node, ast.Dict):
        return {ast.literal_eval(k): _value(v) for k, v in zip(node.keys, node.values, strict=True) if k is not None}
    if isinstance(node, ast.List | ast.Tuple):
        return tuple(_value(part) for part in node.elts)
    return ast.literal_eval(node)


def otherwise(config: Mapping[str, Any], backbone: str) -> list[str]:
    """Name the places of a configuration that say something else than ours follows, e.g. ``"backbone.style"``."""
    model = config.get("model")
    values = {path: _at(model, path) for path in _OURS.get(backbone, {})}
    return [path for path, value in values.items() if value is not None and value != _OURS[backbone][path]]


def _at(tree: Any, path: str) -> Any:
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _input(config: Mapping[str, Any], usual: Preprocess) -> Preprocess:
    steps = list(_steps(_pipeline(config)))
    try:
        changed = replace(usual, **_shape(steps, usual), **_colour(config, steps, usual))
        if changed.resize == "letterbox":  # the original fills up with zeros after it has taken the mean away
            changed = replace(changed, pad_value=round(sum(changed.mean) / changed.channels))
    except (ParameterInvalid, TypeError, ValueError):
        return usual
    return changed


def _pipeline(config: Mapping[str, Any]) -> Any:
    """Return the steps for evaluation: where the versions keep them."""
    paths = ("test_pipeline", "test_dataloader.dataset.pipeline", "data.test.pipeline", "data.val.pipeline")
    return next((steps for path in paths if isinstance(steps := _at(config, path), Sequence)), ())


def _steps(pipeline: Any) -> Iterator[Mapping[str, Any]]:
    for step in pipeline:
        if isinstance(step, Mapping):
            yield step
            yield from _steps(step.get("transforms", ()))


def _first(steps: Sequence[Mapping[str, Any]], *kinds: str) -> Mapping[str, Any]:
    return next((step for step in steps if step.get("type") in kinds), {})


def _colour(config: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], usual: Preprocess) -> dict[str, Any]:
    normal = _first(steps, "Normalize") or _at(config, "model.data_preprocessor") or _at(config, "data_preprocessor")
    if not isinstance(normal, Mapping) or not {"mean", "std"} <= normal.keys() or len(normal["mean"]) != usual.channels:
        return {}
    turned = normal.get("to_rgb", normal.get("bgr_to_rgb", "type" in normal and normal["type"] == "Normalize"))
    color = usual.color if usual.channels == 1 else "rgb" if turned else "bgr"
    return {"mean": normal["mean"], "std": normal["std"], "color": color}


def _shape(steps: Sequence[Mapping[str, Any]], usual: Preprocess) -> dict[str, Any]:
    """Return the fields of a ``Preprocess`` that say how large the input is and how a picture gets into it."""
    edge, resize = _first(steps, "ResizeEdge"), _first(steps, "Resize")
    crop = _pair(_first(steps, "CenterCrop").get("crop_size"))
    several = _first(steps, "MultiScaleFlipAug")
    scale = several.get("img_scale", resize.get("scale", resize.get("size")))
    if edge or (isinstance(scale, tuple) and len(scale) == 2 and scale[1] == -1):
        short = edge["scale"] if edge else scale[0]
        return {"resize": "short_side", "resize_to": short, "size": crop or usual.size}
    pair = _pair(scale)
    if pair is None:
        return {}
    if resize.get("keep_ratio", bool(several)):
        sides = tuple(-(-side // _MULTIPLE) * _MULTIPLE for side in sorted(pair))
        return {"resize": "letterbox", "resize_to": None, "size": sides}
    # Detectors write width and height, classifiers height and width.
    pair = pair if "size" in resize else (pair[1], pair[0])
    return {"resize": "stretch", "resize_to": pair if crop else None, "size": crop or pair}


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, int):
        return value, value
    return (int(value[0]), int(value[1])) if isinstance(value, tuple) and len(value) == 2 else None
