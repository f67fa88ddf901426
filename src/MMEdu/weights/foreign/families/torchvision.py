"""Tables of torchvision's classifiers: most of ours are its networks, so that the names are the same. Data only.

Its other classifiers, and our own networks without a description, are told by ``of``.
"""

from __future__ import annotations

from BaseDT.preprocess import Preprocess
from MMEdu.weights.foreign.tables import Rule, Table

# Of its first weights; the later ones were tested on other sizes, which the catalogue of pretrained weights knows.
_INPUT = Preprocess(size=(224, 224), resize="short_side", resize_to=256, interpolation="auto")
TASK = "classification"
_SAME = Rule("{name*}", "{name*}")


def of(name: str, *rules: Rule, backbone: str = "", head: str = "", form: str = "") -> Table:
    """Make the table of a classifier of torchvision, by its name there."""
    return Table(
        family="torchvision",
        source_name=name,
        backbone=backbone or name,
        task=TASK,
        rules=(*rules, _SAME),
        preprocess=_INPUT,
        head=(f"{head}.weight", f"{head}.bias") if head else (),
        form=form,
    )


def identity_table(backbone: str, task: str) -> Table:
    """Make the table of one of our own networks whose weights come without a description."""
    return Table(family="mmedu", source_name=backbone, backbone=backbone, task=task, rules=(_SAME,))


TABLES: tuple[Table, ...] = (
    of("mobilenet_v2", backbone="MobileNet", head="classifier.1"),
    of("resnet18", backbone="ResNet18", head="fc"),
    of("resnet50", backbone="ResNet50", head="fc"),
    of("regnet_x_400mf", backbone="RegNet", head="fc"),
    of("resnext50_32x4d", backbone="ResNeXt", head="fc"),
    of("shufflenet_v2_x1_0", backbone="ShuffleNet_v2", head="fc"),
    of("vgg19", backbone="VGG", head="classifier.6"),
    of("vgg19_bn", backbone="VGG_BN", head="classifier.6"),
)

# Files of its early versions, which it renames itself while it loads them.
_DENSE_LAYER = (
    Rule(
        "features.denseblock{b}.denselayer{n}.{part}.{leaf}",
        "features.denseblock{b}.denselayer{n}.{part}.{leaf}",
        values={"part": {"norm.1": "norm1", "conv.1": "conv1", "norm.2": "norm2", "conv.2": "conv2"}},
    ),
)
_TRANSFORMER = (
    Rule(
        "encoder.layers.{layer}.mlp.{part}.{leaf}",
        "encoder.layers.{layer}.mlp.{part}.{leaf}",
        values={"part": {"linear_1": "0", "linear_2": "3"}},
    ),
)
EARLY: tuple[Table, ...] = (
    *(of(f"densenet{n}", *_DENSE_LAYER, head="classifier", form="early") for n in (121, 161, 169, 201)),
    *(
        of(f"vit_{name}", *_TRANSFORMER, head="heads.head", form="early")
        for name in ("b_16", "b_32", "l_16", "l_32", "h_14")
    ),
)
