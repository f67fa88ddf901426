"""What an exported classifier gives: the probabilities of its classes, for any number of pictures; or features, too."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.model_info import Head
from MMEdu.export.parity import largest_difference
from MMEdu.export.signature import Arrays, NetworkSignature
from MMEdu.export.target import Format
from MMEdu.models.heads import features_and_logits, head_of
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import last_step
from XEdu.outputs import multi_label

_FEATURES = "features"


class Probabilities(nn.Module):
    """A classifier that gives probabilities (N, C): the clients take the largest as the confidence."""

    def __init__(self, network: nn.Module, kind: str = "") -> None:
        super().__init__()
        self.network = network
        self.last_step = last_step.of_kind(kind)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, C, H, W) to probabilities (N, classes)."""
        return self.last_step.probabilities(self.network(images))


class ProbabilitiesAndFeatures(nn.Module):
    """A classifier that also gives what its last layer sees. The probabilities stay first: clients read by position."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (N, C, H, W) to probabilities (N, classes) and features (N, D)."""
        features, logits = features_and_logits(self.network, images, head_of(self.network))
        return logits.softmax(1), features


def signature(entry: ModelEntry, target_format: Format) -> NetworkSignature:
    """Return what an exported classifier gives: the same for every model and every format."""
    del entry, target_format
    of_classes = _signature("classification")
    of_labels = replace(_signature(multi_label.NAME), remark=_one_answer_text)
    return replace(of_classes, variants={multi_label.NAME: of_labels})


def _signature(kind: str) -> NetworkSignature:
    return NetworkSignature(
        outputs=("probs",),
        kind=kind,
        options=lambda _: {},
        wrap=partial(Probabilities, kind=kind),
        difference=largest_difference,
        batches=True,
        tolerance=1e-4,
    )


def _one_answer_text() -> str:
    return say(
        "It gives several labels a picture. XEdu.hub and BaseDeploy of this version know that; other programs that "
        "read MODEL_INFO expect one answer and show the surest label alone.",
        "该模型可为一张图片给出多个标签。本版本的 XEdu.hub 和 BaseDeploy 能正确处理；"
        "其他读取 MODEL_INFO 的程序只会显示得分最高的一个标签。",
    )


def with_features(entry: ModelEntry) -> NetworkSignature:
    """Return what a classifier's ONNX file gives from which ``XEdu.teach`` learns other classes."""
    return replace(
        signature(entry, "ONNX"),
        outputs=("probs", _FEATURES),
        wrap=ProbabilitiesAndFeatures,
        difference=_difference,
        head=_replaceable_head,
        variants={},
    )


def _difference(trained: Arrays, exported: Arrays) -> float:
    """Compare probabilities as they are, and features as shares of their largest one: they have no fixed scale."""
    probabilities = largest_difference(trained[:1], exported[:1])
    scale = max(1.0, float(np.abs(trained[1]).max(initial=0.0)))
    return max(probabilities, largest_difference(trained[1:], exported[1:]) / scale)


def _replaceable_head(network: nn.Module) -> Head:
    """Name the tensors of the last layer as the exporter names them: by their place in the wrapped network.

    Raises:
        ParameterInvalid: It is no linear layer that the probabilities follow directly (-305).
    """
    head = head_of(network)
    ends_there = head.module[-1] is head.layer
    if not isinstance(head.layer, nn.Linear) or head.layer.bias is None or not ends_there:
        raise ParameterInvalid(
            say(
                f"features=True cannot be used with {type(network).__name__}: its last layer is not linear.",
                f"{type(network).__name__} 不能使用 features=True：它的最后一层不是线性层。",
            ),
            hint=say(
                "Choose another model, e.g. MobileNet or ResNet18, or leave features=True out.",
                "请换一个模型，例如 MobileNet 或 ResNet18，或去掉 features=True。",
            ),
        )
    return Head(_FEATURES, f"network.{head.name}.weight", f"network.{head.name}.bias")
