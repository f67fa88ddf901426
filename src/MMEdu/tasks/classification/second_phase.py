"""The second phase of a pretrained start: after its head the whole network learns, at small rates.

It pays where the pictures are unlike those that the network was pretrained on; where the head alone answers nearly
all of them right, it costs minutes and wins nothing.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from BaseDT.language import say
from MMEdu.engine.feed import SampleSource
from MMEdu.engine.optim import make_optimizer, one_group
from MMEdu.engine.plan import RunParts, SecondPhase
from MMEdu.engine.protocol import Metrics
from MMEdu.models.recipe import PretrainedStart, Recipe, Schedule
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.frozen_backbone import FrozenBackbone
from MMEdu.tasks.classification.learning import ClassificationTask
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures
from MMEdu.tasks.picture_feeds import feeds, report_unreadable, sources
from MMEdu.tasks.spec import RunContext

_ENOUGH = 95.0
"""Percent right of the head alone above which the whole network has nothing to win that few pictures could show."""
_LEAST_PICTURES = 200
_LEAST_STEPS = 60
"""The first steps disturb what the network knows; fewer do not make up for it (MobileNet, 200 pictures: 30 did not)."""
_LONGEST = 600.0
"""Seconds that the phase may take without being asked for."""
_STEP = 5.0
"""A picture's training over its prediction, measured with MobileNet: the way back, the optimiser, unfused layers."""
_USUAL = PretrainedStart("AdamW", 0.0003)
_CLIP_NORM = 1.0  # a head that is sure of itself sends gradients a hundred times as long into the backbone
_LEAST_CROP = 0.5  # few epochs at small rates see whole things, not corners of them


def thaw(network: nn.Module) -> nn.Module:
    """Let everything learn but normalisation: its statistics are those of a million pictures, a batch has few."""
    network.requires_grad_(True)
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.requires_grad_(False)
    return network


@dataclass(frozen=True)
class WholeNetwork:
    """What the second phase of a run is made of.

    Attributes:
        context: The run's.
        task: Of pictures, as opposed to features.
        cached: What the first phase feeds on; knows how long a picture takes.
    """

    context: RunContext
    task: ClassificationTask
    cached: FrozenBackbone

    def phase(self) -> SecondPhase | None:
        """Describe the phase; None where the run is too short, or the pictures too few, to have one."""
        data = self._data
        steps = -(-data.size // self.context.arguments.batch_size) * self._epochs
        if self._after < 1 or steps < _LEAST_STEPS or data.size < _LEAST_PICTURES or not len(data.val.samples):
            return None
        return SecondPhase(
            after=self._after, judge=self._judge, thaw=thaw, parts=self._parts, recipe=self._recipe, lr=self._start.lr
        )

    @property
    def _data(self) -> ClassificationData:
        data: ClassificationData = self.context.data
        return data

    @property
    def _after(self) -> int:
        """Epochs of the head."""
        return int(self.context.arguments.epochs) // 2

    @property
    def _epochs(self) -> int:
        """Epochs of the whole network."""
        return int(self.context.arguments.epochs) - self._after

    @property
    def _start(self) -> PretrainedStart:
        return self.context.entry.recipe.pretrained or _USUAL

    @property
    def _recipe(self) -> Recipe:
        recipe = self.context.entry.recipe
        schedule = Schedule("cosine", warmup_iters=100)
        return replace(recipe, schedule=schedule, clip_norm=recipe.clip_norm or _CLIP_NORM)

    def _judge(self, best: Metrics) -> tuple[bool, str]:
        reached, en, zh = self.task.answers.reached(best)
        predictions = _STEP * self._data.size + len(self._data.val.samples)
        seconds = self.cached.seconds_per_picture * predictions * self._epochs
        if reached >= _ENOUGH:
            return False, _enough_text(en, zh)
        if seconds > _LONGEST:
            return False, _long_text(en, zh, seconds)
        return True, _begins_text(en, zh, seconds, self._start)

    def _parts(self, first: RunParts) -> RunParts:
        arguments, data = self.context.arguments, self._data
        _, val = sources(self.context)
        pictures = SampleSource(_milder(data.train.samples), data.train.store, partial(report_unreadable, self.context))
        train, validation = feeds(self.context, pictures, val)

        def optimizers(network: nn.Module) -> dict[str, torch.optim.Optimizer]:
            start = self._start
            return {"main": make_optimizer(start.optimizer, one_group(network), start.lr, arguments.weight_decay)}

        return RunParts(
            build=first.build,
            task=self.task,
            optimizers=optimizers,
            train=train,
            val=validation,
            best_key=first.best_key,
            meta=first.meta,
            size=first.size,
        )


def _milder(samples: LabelledPictures) -> LabelledPictures:
    """The same pictures and cache, with crops that keep at least half of the area."""
    if not isinstance(samples, VariedPictures) or samples.augment.crop_scale is None:
        return samples
    low, high = samples.augment.crop_scale
    milder = copy.copy(samples)
    milder.augment = replace(samples.augment, crop_scale=(min(high, max(low, _LEAST_CROP)), high))
    return milder


def _minutes(seconds: float) -> tuple[str, str]:
    if seconds < 90:
        return f"{seconds:.0f} s", f"{seconds:.0f} 秒"
    return f"{seconds / 60:.0f} minutes", f"{seconds / 60:.0f} 分钟"


def _enough_text(en: str, zh: str) -> str:
    return say(
        f"The last layer alone {en}: it goes on, the backbone stays as it is.",
        f"只训练最后一层已{zh}：继续这样训练，主干网络保持不变。",
    )


def _begins_text(en: str, zh: str, seconds: float, start: PretrainedStart) -> str:
    english, chinese = _minutes(seconds)
    return say(
        f"The last layer alone {en}: now the whole network learns, at small rates "
        f"({start.optimizer}, {start.lr:g}), for about {english}; freeze='backbone' leaves that out.",
        f"只训练最后一层{zh}：接下来以小学习率（{start.optimizer}，{start.lr:g}）训练整个网络，"
        f"约需 {chinese}；freeze='backbone' 可跳过这一阶段。",
    )


def _long_text(en: str, zh: str, seconds: float) -> str:
    english, chinese = _minutes(seconds)
    return say(
        f"The last layer alone {en}. The whole network would learn for about {english} here, so "
        "it stays as it is; with a smaller image_size or fewer epochs it takes less.",
        f"只训练最后一层{zh}。训练整个网络在这台电脑上约需 {chinese}，因此保持不变；"
        "减小 image_size 或 epochs 可缩短时间。",
    )
