"""Stages of a classifier, and how the first of them are kept as they are.

A stage begins where the maps become smaller; the stem belongs to the first. A network of another family takes each
of its parts for a stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.models.heads import head_of

# Names of a family's modules, a line for each stage; a network belongs to the first family whose modules it has all.
_FAMILIES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("conv1", "bn1", "layer1"), ("layer2",), ("layer3",), ("layer4",)),  # ResNet, ResNeXt
    (("stem", "trunk_output.block1"), *((f"trunk_output.block{i}",) for i in (2, 3, 4))),  # RegNet
    (("stem", "stages.0"), ("stages.1",), ("stages.2",), ("stages.3",)),  # RepVGG
    (("conv1", "stage2"), ("stage3",), ("stage4",), ("conv5",)),  # ShuffleNetV2
)
MOBILENET_STAGES = ((0,), (1,), (2, 3), (4, 5, 6), (7, 8, 9, 10), (11, 12, 13), (14, 15, 16), (17,), (18,))
"""Indices into ``features`` of torchvision's MobileNetV2: the stem, then a stage per row of the paper's table 2."""
_POOLINGS = (nn.MaxPool2d, nn.AvgPool2d)


def stages_of(network: nn.Module) -> list[list[nn.Module]]:
    """Return the modules of each stage in the order of the data, without the head."""
    for family in _FAMILIES:
        if all(_has(network, name) for stage in family for name in stage):
            return [[network.get_submodule(name) for name in stage] for stage in family]
    parts = getattr(network, "features", None)
    if not isinstance(parts, nn.Sequential):
        return [[part] for part in _learning(network.children()) if not _holds_head(network, part)]
    if type(network).__name__ == "MobileNetV2":
        stem, first, *others = ([parts[index] for index in row] for row in MOBILENET_STAGES)
        return [[*stem, *first], *others]
    if sum(isinstance(part, _POOLINGS) for part in parts) > 1:
        return _between_poolings(parts)
    return [[part] for part in _learning(parts)]


def _has(network: nn.Module, name: str) -> bool:
    try:
        network.get_submodule(name)
    except AttributeError:
        return False
    return True


def _learning(parts: Iterator[nn.Module] | nn.Sequential) -> Iterator[nn.Module]:
    return (part for part in parts if any(True for _ in part.parameters()))


def _holds_head(network: nn.Module, part: nn.Module) -> bool:
    layer = head_of(network).layer
    return any(module is layer for module in part.modules())


def _between_poolings(parts: nn.Sequential) -> list[list[nn.Module]]:
    """Cut a plain sequence, VGG or LeNet, behind each pooling."""
    stages: list[list[nn.Module]] = [[]]
    for part in parts:
        stages[-1].append(part)
        if isinstance(part, _POOLINGS):
            stages.append([])
    return [stage for stage in stages if any(True for _ in _learning(iter(stage)))]


def freeze_stages(network: nn.Module, count: int) -> nn.Module:
    """Let the first ``count`` stages stay as they are; returns the network.

    Raises:
        ParameterInvalid: There are not so many stages (-305).
    """
    stages: Sequence[Sequence[nn.Module]] = stages_of(network)
    if count > len(stages):
        text = say(
            f"freeze={count}: this backbone has {len(stages)} stages.",
            f"freeze={count}：该主干网络只有 {len(stages)} 个阶段。",
        )
        hint = say(
            f"Choose a number up to {len(stages)}, or freeze='backbone'.",
            f"请选择不大于 {len(stages)} 的整数，或 freeze='backbone'。",
        )
        raise ParameterInvalid(text, hint=hint)
    for stage in stages[:count]:
        for part in stage:
            part.requires_grad_(False)
    return network
