"""Training with a frozen backbone: the features of every picture are computed once, and the head learns from them.

The engine's loop does not know: its feed gives features in place of pixels, and its task trains the head alone.
Checkpoints hold the whole network.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from BaseDT.errors import MemoryExhausted
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine import footprint, memory
from MMEdu.engine.events import Notice, long_work
from MMEdu.engine.feed import EvalFeed, Indices, SampleSource
from MMEdu.engine.loop import Trainer, predict_all
from MMEdu.engine.plan import EVAL_BATCH
from MMEdu.engine.protocol import Batch
from MMEdu.models.heads import features, head_of
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.feature_batches import FeatureFeed, Rows, Views
from MMEdu.tasks.classification.learning import ClassificationTask

if TYPE_CHECKING:
    from MMEdu.engine.distributed import Group
    from MMEdu.tasks.classification.arguments import ClassificationArguments

SAVE_EVERY = 2.0
"""Seconds between savings: an epoch of the head lasts less than its file takes."""
_PASS = 2000  # pictures: views beyond the first are computed while the pass is no longer than that
MOST_VIEWS = 5
_SHARE_OF_MEMORY = 0.4
_SMALL = 1 << 20  # weights: threads would wait for each other longer than they compute


def freeze_backbone(network: nn.Module) -> nn.Module:
    """Let nothing but the head learn."""
    network.requires_grad_(False)
    head_of(network).module.requires_grad_(True)
    return network


class HeadTask(ClassificationTask):
    """Classification where a batch holds features, as ``heads.features`` gives them, in place of pixels.

    Attributes:
        shape: That of one picture's features; known once they are computed.
    """

    shape: tuple[int, ...] = ()

    def inputs(self, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
        """Move features (N, D) and labels to the device."""
        return torch.from_numpy(batch.inputs).to(device), torch.from_numpy(batch.targets).to(device)

    def trained(self, model: nn.Module) -> nn.Module:
        """The head."""
        return head_of(model).module

    def losses(self, model: nn.Module, inputs: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """The loss of the head's logits; a head is too small to win by less precision."""
        with torch.autocast(inputs[0].device.type, enabled=False):
            return super().losses(model, inputs)

    def dummy_inputs(self, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Made-up features of ``size`` pictures."""
        labels = self.last_step.blank(size, self.num_classes).to(device)
        return torch.zeros(size, *self.shape, device=device), labels

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> Rows:
        """Predict probabilities (N, num_classes)."""
        with torch.autocast(device.type, enabled=False):
            logits: Tensor = head_of(model).module(torch.from_numpy(batch.inputs).to(device))
        scores: Rows = self.last_step.probabilities(logits).cpu().numpy()
        return scores


@dataclass
class FrozenBackbone:
    """What a run with a frozen backbone feeds on.

    Attributes:
        data: The loaded data.
        arguments: The run's, resolved.
        group: The processes that train together; each computes its share of the features.
        on_unreadable: Called for files that cannot be read.
        train: Feeds features of the training pictures.
        val: Feeds features of the validation pictures.
        seconds_per_picture: What a picture took, from its file to its features; 0 before they are computed.
    """

    data: ClassificationData
    arguments: ClassificationArguments
    group: Group
    on_unreadable: Callable[[str], None]
    train: FeatureFeed = field(init=False)
    val: FeatureFeed = field(init=False)
    seconds_per_picture: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        train, val, batch = self.data.train.samples, self.data.val.samples, self._batch_size
        self.train = FeatureFeed(train.labels, batch, self.group, self.arguments.random_seed)
        self.val = FeatureFeed(val.labels, batch * EVAL_BATCH, self.group)

    @property
    def _batch_size(self) -> int:
        assert self.arguments.batch_size is not None  # resolved
        return self.arguments.batch_size

    def prepare(self, trainer: Trainer) -> None:
        """Compute all features with a run's network.

        Raises:
            MemoryExhausted: They do not fit into memory (-804).
        """
        started = time.perf_counter()
        extract = _Extractor(trainer, self.data.preprocess)
        assert isinstance(trainer.task, HeadTask)
        trainer.task.shape = extract.shape
        samples, count = self.data.train.samples, self._number_of_views(trainer, 4 * math.prod(extract.shape))
        views = Views(samples, self.arguments.random_seed)
        batch = footprint.fitting_batch(self._batch_size * EVAL_BATCH, extract.picture_bytes, 0, _room())
        feed = self._feed(SampleSource(views, self.data.train.store, self.on_unreadable), batch)
        val = self._feed(SampleSource(self.data.val.samples, self.data.val.store, self.on_unreadable), batch)
        validates = self.arguments.validate and len(self.val.labels) > 0
        steps = [feed.steps] * count + [val.steps] * validates
        with long_work(trainer.emit, say("Computing features", "计算特征")) as progress:
            views_of_features = []
            for views.number in range(count):
                views_of_features.append(extract.all_of(feed, _part(progress, steps, views.number)))
            self.train.take(views_of_features)
            if validates:
                self.val.take([extract.all_of(val, _part(progress, steps, count))])
        if trainer.device.type == "cpu" and sum(p.numel() for p in trainer.learner.parameters()) < _SMALL:
            torch.set_num_threads(1)
        seconds = time.perf_counter() - started
        self.seconds_per_picture = seconds / max(1, len(samples) * count + len(self.val.labels) * validates)
        trainer.emit(Notice(_summary_text(len(samples), count, seconds)))

    def _feed(self, source: SampleSource, batch_size: int) -> EvalFeed:
        return EvalFeed(source, batch_size, rank=self.group.rank, world=self.group.world)

    def _number_of_views(self, trainer: Trainer, size: int) -> int:
        """As many views as were asked for, or as a short pass allows, if their features fit into memory.

        Args:
            trainer: Told where there are fewer.
            size: Bytes of one picture's features.
        """
        samples, requested = self.data.train.samples, self.arguments.views
        count = requested or min(MOST_VIEWS, max(1, _PASS // max(1, len(samples))))
        if not samples.varies:
            count = 1
        view_bytes = size * max(1, len(samples) + len(self.val.labels))
        fitting = _room() // view_bytes - 1  # while they are put together, one view is there twice
        if fitting < 1:
            raise _too_large(view_bytes)
        if requested is not None and min(count, fitting) < requested:
            fewer = min(count, fitting)
            trainer.emit(
                Notice(say(f"{fewer} of {requested} views are kept.", f"只保留 {fewer} 个视图（共 {requested} 个）。"))
            )
        return min(count, fitting)


class _Extractor:
    """Computes features with a run's network as it is now, with its branches fused where it has some.

    Attributes:
        shape: That of one picture's features.
        picture_bytes: What one picture more in a batch takes.
    """

    def __init__(self, trainer: Trainer, preprocess: Preprocess) -> None:
        self._trainer, self._preprocess = trainer, preprocess
        network = trainer.model
        if callable(getattr(network, "fuse", None)):
            network = copy.deepcopy(network)
            network.fuse()  # type: ignore[operator]
        self._network = network.eval()
        self._head = head_of(network)
        probe: list[Rows] = []
        with torch.inference_mode(), trainer.precision.autocast():
            blank = np.zeros((1, *preprocess.size, preprocess.channels), dtype=np.uint8)
            widest = footprint.inference_bytes(network, lambda: probe.append(self._rows(blank, trainer.device)))
        self.picture_bytes = widest
        self.shape = probe[0].shape[1:]

    def all_of(self, feed: EvalFeed, progress: Callable[[int, int], None]) -> tuple[Rows, Indices]:
        """Compute the features of all samples of a feed: rows, and the samples that could be read."""

        def predict(network: nn.Module, batch: Batch, device: torch.device) -> Rows:
            del network  # the fused one instead
            return self._rows(batch.inputs, device)

        return predict_all(self._trainer, feed, predict, progress)

    def _rows(self, pixels: Pixels, device: torch.device) -> Rows:
        images = torch.from_numpy(self._preprocess.normalize(pixels)).to(device)
        images = images.contiguous(memory_format=torch.channels_last)
        rows: Rows = features(self._network, images, self._head).float().cpu().numpy()
        return rows


def _room() -> int:
    """Bytes that may be taken."""
    return int(memory.available_bytes() * _SHARE_OF_MEMORY / memory.processes_here())


def _part(progress: Callable[[int, int], None], steps: Sequence[int], number: int) -> Callable[[int, int], None]:
    """Tell the progress of one pass as that of all."""
    return lambda done, _: progress(sum(steps[:number]) + done, sum(steps))


def _summary_text(pictures: int, views: int, seconds: float) -> str:
    each_en, each_zh = (f" in {views} views each", f"（每张 {views} 个视图）") if views > 1 else ("", "")
    return say(
        f"The backbone is frozen: features of {pictures} pictures{each_en} took {seconds:.1f} s, once; "
        "the head learns from them.",
        f"主干网络已冻结：{pictures} 张图片{each_zh}的特征已算好，用时 {seconds:.1f} 秒；用它们训练分类头。",
    )


def _too_large(size: int) -> MemoryExhausted:
    hint = say("Leave freeze='backbone' out, or use fewer pictures.", "请去掉 freeze='backbone'，或减少图片数量。")
    return MemoryExhausted(
        say(
            f"There is no room for the features of the pictures ({size // memory.MB} MB).",
            f"内存放不下这些图片的特征（{size // memory.MB} MB）。",
        ),
        hint=hint,
    )
