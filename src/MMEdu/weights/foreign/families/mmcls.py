"""Tables of MMClassification 0.x and MMPretrain 1.x, whose names are the same; the original MMEdu wrote such files.

Data only. The preprocessing is that of each network's recipe for testing.
"""

from __future__ import annotations

from BaseDT.preprocess import Preprocess
from MMEdu.weights.foreign.tables import Rule, Table

# Its pictures were resized by Pillow, which averages where it shrinks: of ours, "auto" comes nearest.
_PILLOW = Preprocess(size=(224, 224), resize="short_side", resize_to=256, interpolation="auto")
_OPENCV = Preprocess(size=(224, 224), resize="short_side", resize_to=256, interpolation="linear")
# Of pycls, which reads pictures with OpenCV: the order of colours stays as it is there.
_BGR = Preprocess(
    size=(224, 224),
    color="bgr",
    mean=(103.53, 116.28, 123.675),
    std=(57.375, 57.12, 58.395),
    resize="short_side",
    resize_to=256,
    interpolation="linear",
)
_DIGITS = Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,), interpolation="linear")

# Averaged copies of the weights, and the constants of the normalisation.
_IGNORED = ("ema_{name*}", "data_preprocessor.{name*}")


def _table(
    source_name: str,
    backbone: str,
    preprocess: Preprocess,
    head: str,
    *rules: Rule,
    form: str = "",
    fill: tuple[tuple[str, float | None], ...] = (),
) -> Table:
    return Table(
        family="mmcls",
        source_name=source_name,
        backbone=backbone,
        task="classification",
        rules=rules,
        ignored=_IGNORED,
        preprocess=preprocess,
        head=(f"{head}.weight", f"{head}.bias"),
        form=form,
        fill=fill,
    )


_LENET = (
    Rule("backbone.features.{i}.{leaf}", "features.{i}.{leaf}"),
    Rule("backbone.classifier.{i}.{leaf}", "classifier.{i}.{leaf}"),
)

_RESNET = (
    Rule("backbone.conv1.{leaf}", "conv1.{leaf}"),
    Rule("backbone.bn1.{leaf}", "bn1.{leaf}"),
    Rule("backbone.layer{s}.{b}.conv{c}.{leaf}", "layer{s}.{b}.conv{c}.{leaf}"),
    Rule("backbone.layer{s}.{b}.bn{c}.{leaf}", "layer{s}.{b}.bn{c}.{leaf}"),
    Rule("backbone.layer{s}.{b}.downsample.{i}.{leaf}", "layer{s}.{b}.downsample.{i}.{leaf}"),
    Rule("head.fc.{leaf}", "fc.{leaf}"),
)

# Seven stages of inverted residuals are one sequence with us, which starts after the stem.
_BLOCKS = (1, 2, 3, 4, 3, 3, 1)
_STAGED = [f"{stage}.{block}" for stage, count in enumerate(_BLOCKS, 1) for block in range(count)]
_SEQUENCE = {name: str(number) for number, name in enumerate(_STAGED, 1)}
_STEM = {"part": {"conv": "0", "bn": "1"}}

_MOBILENET_V2 = (
    Rule("backbone.conv1.{part}.{leaf}", "features.0.{part}.{leaf}", values=_STEM),
    Rule(
        "backbone.layer1.0.conv.{part}.{leaf}",
        "features.1.conv.{part}.{leaf}",
        values={"part": {"0.conv": "0.0", "0.bn": "0.1", "1.conv": "1", "1.bn": "2"}},
    ),
    Rule(
        "backbone.layer{block}.conv.{part}.{leaf}",
        "features.{block}.conv.{part}.{leaf}",
        values={
            "block": {name: number for name, number in _SEQUENCE.items() if name != "1.0"},
            "part": {
                "0.conv": "0.0",
                "0.bn": "0.1",
                "1.conv": "1.0",
                "1.bn": "1.1",
                "2.conv": "2",
                "2.bn": "3",
            },
        },
    ),
    Rule("backbone.conv2.{part}.{leaf}", "features.18.{part}.{leaf}", values=_STEM),
    Rule("head.fc.{leaf}", "classifier.1.{leaf}"),
)

# The three convolutions of a block are called a, b and c; a pair is the convolution and its normalisation.
_REGNET = (
    Rule("backbone.{part}1.{leaf}", "stem.{part}.{leaf}", values=_STEM),
    Rule(
        "backbone.layer{s}.{b}.{part}.{leaf}",
        "trunk_output.block{s}.block{s}-{b}.{part}.{leaf}",
        values={
            "part": {
                "conv1": "f.a.0",
                "bn1": "f.a.1",
                "conv2": "f.b.0",
                "bn2": "f.b.1",
                "conv3": "f.c.0",
                "bn3": "f.c.1",
                "downsample.0": "proj.0",
                "downsample.1": "proj.1",
            }
        },
    ),
    Rule("head.fc.{leaf}", "fc.{leaf}"),
)

_SHUFFLENET_V2 = (
    Rule("backbone.conv1.{part}.{leaf}", "conv1.{part}.{leaf}", values=_STEM),
    Rule("backbone.layers.3.{part}.{leaf}", "conv5.{part}.{leaf}", values=_STEM),
    Rule(
        "backbone.layers.{s}.{b}.branch1.{part}.{leaf}",
        "stage{s+2}.{b}.branch1.{part}.{leaf}",
        values={"part": {"0.conv": "0", "0.bn": "1", "1.conv": "2", "1.bn": "3"}},
    ),
    Rule(
        "backbone.layers.{s}.{b}.branch2.{part}.{leaf}",
        "stage{s+2}.{b}.branch2.{part}.{leaf}",
        values={"part": {"0.conv": "0", "0.bn": "1", "1.conv": "3", "1.bn": "4", "2.conv": "5", "2.bn": "6"}},
    ),
    Rule("head.fc.{leaf}", "fc.{leaf}"),
)

_REPVGG = (
    Rule(
        "backbone.stem.branch_{size}.{part}.{leaf}",
        "stem.branch_{size}.{part}.{leaf}",
        values={"part": {"conv": "0", "norm": "1"}},
    ),
    Rule(
        "backbone.stage_{s}.{b}.branch_{size}.{part}.{leaf}",
        "stages.{s-1}.{b}.branch_{size}.{part}.{leaf}",
        values={"part": {"conv": "0", "norm": "1"}},
    ),
    Rule("backbone.stage_{s}.{b}.branch_norm.{leaf}", "stages.{s-1}.{b}.branch_norm.{leaf}"),
    Rule("head.fc.{leaf}", "head.{leaf}"),
)

# Deployed, a block is one convolution. It becomes the 3×3 branch, behind a normalisation that changes nothing; the
# other branches are multiplied by 0, so that the sum is exactly that convolution. (1 + 1e-5) ** 0.5 undoes the
# epsilon under the root.
_REPARAM = {"leaf": {"weight": "0.weight", "bias": "1.bias"}}
_REPVGG_DEPLOY = (
    Rule("backbone.stem.branch_reparam.{leaf}", "stem.branch_3x3.{leaf}", values=_REPARAM),
    Rule("backbone.stage_{s}.{b}.branch_reparam.{leaf}", "stages.{s-1}.{b}.branch_3x3.{leaf}", values=_REPARAM),
    Rule("head.fc.{leaf}", "head.{leaf}"),
)
_REPVGG_FILL: tuple[tuple[str, float | None], ...] = (
    ("{block*}.branch_3x3.1.weight", (1 + 1e-5) ** 0.5),
    ("{block*}.branch_1x1.0.weight", None),
    ("{block*}.branch_1x1.1.weight", 0.0),
    ("{block*}.branch_1x1.1.bias", 0.0),
    ("{block*}.branch_norm.weight", 0.0),
    ("{block*}.branch_norm.bias", 0.0),
    ("{block*}.running_mean", 0.0),
    ("{block*}.running_var", 1.0),
    ("{block*}.num_batches_tracked", 0.0),
)


def _vgg(norm: bool) -> dict[str, str]:
    """Number the layers of configuration E: a convolution is one of theirs and, with its ReLU, two or three of ours."""
    numbers, theirs, ours = {}, 0, 0
    for count in (2, 2, 4, 4, 4):
        for _ in range(count):
            numbers[f"{theirs}.conv"] = str(ours)
            if norm:
                numbers[f"{theirs}.bn"] = str(ours + 1)
            theirs, ours = theirs + 1, ours + 2 + norm
        theirs, ours = theirs + 1, ours + 1  # the pooling
    return numbers


def _vgg_rules(norm: bool) -> tuple[Rule, ...]:
    return (
        Rule("backbone.features.{layer}.{leaf}", "features.{layer}.{leaf}", values={"layer": _vgg(norm)}),
        Rule("backbone.classifier.{i}.{leaf}", "classifier.{i}.{leaf}"),
    )


TABLES: tuple[Table, ...] = (
    _table("LeNet5", "LeNet", _DIGITS, "classifier.2", *_LENET),
    _table("MobileNetV2", "MobileNet", _PILLOW, "classifier.1", *_MOBILENET_V2),
    _table("ResNet-18", "ResNet18", _OPENCV, "fc", *_RESNET),
    _table("ResNet-34", "resnet34", _OPENCV, "fc", *_RESNET),
    _table("ResNet-50", "ResNet50", _OPENCV, "fc", *_RESNET),
    _table("ResNet-101", "resnet101", _OPENCV, "fc", *_RESNET),
    _table("ResNet-152", "resnet152", _OPENCV, "fc", *_RESNET),
    _table("ResNeXt-50 32x4d", "ResNeXt", _PILLOW, "fc", *_RESNET),
    _table("RegNetX-400MF", "RegNet_384", _BGR, "fc", *_REGNET),
    _table("RepVGG-A0", "RepVGG", _PILLOW, "head", *_REPVGG),
    _table("RepVGG-A0", "RepVGG", _PILLOW, "head", *_REPVGG_DEPLOY, form="deploy", fill=_REPVGG_FILL),
    _table("ShuffleNetV2 1x", "ShuffleNet_v2", _PILLOW, "fc", *_SHUFFLENET_V2),
    _table("VGG-19", "VGG", _PILLOW, "classifier.6", *_vgg_rules(norm=False)),
    _table("VGG-19-BN", "VGG_BN", _PILLOW, "classifier.6", *_vgg_rules(norm=True)),
)
