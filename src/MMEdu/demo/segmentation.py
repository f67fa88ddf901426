"""The main job of segmentation, by the documented calls: train, predict pages, measure, convert, run elsewhere.

``mmedu demo seg`` calls ``show``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import files
from BaseDT.dataset import segmentation
from BaseDT.dataset.masked import MaskedImage
from BaseDT.language import say
from BaseDT.metrics.segmentation import PixelCounts, mean_iou, pixel_confusion, pixel_reports
from BaseDT.terminal import table
from MMEdu.demo import pages
from MMEdu.demo.ending import Ending, NamedFile, below, files_of_training
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from BaseDT.results.segmentation import Regions
    from MMEdu import MMSegmentation
    from MMEdu.actions.training_result import TrainingResult

GOAL = 65.0
"""What the demo must reach on the test pages: mIoU of paper and ten digits, percent."""

# All chosen by validation, for three minutes on two cores.
COUNTS: Mapping[str, int] = MappingProxyType({"train": 900, "valid": 80, "test": 120})
EPOCHS = 7
LEARNING_RATE = 0.003
IMAGE_SIZE = 160
RANDOM_SEED = 1
RECIPE = """\
# UNet for handwritten digits. The pages vary enough by themselves; a mirrored digit is no digit.
backbone = "UNet"
batch_size = 16
# The same result on every processor.
bfloat16 = false

[augment]
flip = 0.0
photometric = 0.0
scale = [1.0, 1.0]
"""

_SHOWN = 12  # pages that are drawn
_AGREE = 0.999  # of the pixels: two runtimes round differently where two classes are as probable
_LINES = """\
    model = seg('{recipe}')
    model.num_classes = 11
    model.load_dataset(path='{dataset}')
    model.save_fold = '{save_fold}'
    model.train(epochs={epochs}, lr={lr}, optimizer='AdamW', image_size={size}, random_seed={seed})"""

Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the demo made.

    Attributes:
        dataset: The folder of the pages.
        recipe: How the model was trained.
        training: What the training left.
        pictures: The folder of drawn pages.
        converted: The ONNX file.
        tested: How many test pages there are.
        counts: Which pixels of these were taken for what; see ``BaseDT.metrics.segmentation``.
        same: The share of pixels of some pages of which the converted model says the same as the trained one.
    """

    dataset: Path
    recipe: Path
    training: TrainingResult
    pictures: Path
    converted: Path
    tested: int
    counts: PixelCounts
    same: float

    @property
    def miou(self) -> float:
        """mIoU on the test pages, percent."""
        return 100 * (mean_iou(self.counts) or 0.0)


def show(out: Path, notify: Callable[[str], None], epochs: int | None) -> Ending:
    """Run the demo, and tell what it reached; see ``MMEdu.demo.registry.Show``."""
    outcome = run(out, notify, epochs or EPOCHS)
    for line in _metrics(outcome):
        notify(line)
    failed = [] if outcome.miou >= GOAL else [below(GOAL, fewer=epochs is not None)]
    if outcome.same < _AGREE:
        failed.append(say("The converted model says something else.", "转换后的模型与原模型结果不一致。"))
    return Ending(tuple(_files(outcome)), failed)


def _metrics(outcome: Outcome) -> Iterator[str]:
    yield say(
        f"\nTest set, {outcome.tested} pages with digits that it never saw: mIoU {outcome.miou:.1f} %.",
        f"\n测试集：{outcome.tested} 张页面，其中的数字从未见过：mIoU {outcome.miou:.1f} %。",
    )
    rows: list[tuple[str | int, ...]] = [(say("class", "类别"), say("pixels", "像素"), "IoU")]
    for name, report in zip(_classes(), pixel_reports(outcome.counts), strict=True):
        rows.append((name, report.pixels, "-" if report.iou is None else f"{100 * report.iou:.1f}"))
    yield from (f"  {line}" for line in table(rows))


def _files(outcome: Outcome) -> Iterator[NamedFile]:
    yield say("the pages", "页面数据集"), outcome.dataset
    yield say("the recipe", "训练配置"), outcome.recipe
    yield from files_of_training(outcome.training, "segmentation")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    yield say("the converted model", "转换后的模型"), outcome.converted


def run(out: Path, notify: Callable[[str], None], epochs: int = EPOCHS, counts: Mapping[str, int] = COUNTS) -> Outcome:
    """Compose pages, train UNet on them, look at the result, convert it and run it without torch.

    Args:
        out: Where everything is written; made when missing. Only files of the demo's own names are replaced.
        notify: Takes a line for the person who watches.
        epochs: How long to train.
        counts: How many pages of each kind; see ``pages.write_masks``.

    Raises:
        XEduError: Something cannot be read or written, or a part is not installed.
    """
    require_train()
    total = sum(counts.values())
    notify(
        say(
            f"[1/5] {total} pages with real handwritten digits, from scikit-learn, and the digits' pixels",
            f"[1/5] 用真实的手写数字（scikit-learn）拼成 {total} 张页面，并标出每个数字的像素",
        )
    )
    dataset = pages.write_masks(out / "masks", counts)
    recipe = files.write_whole(out / "unet_digits.toml", RECIPE.encode("utf-8"))
    notify(say("[2/5] Training UNet, in five lines:", "[2/5] 用五行代码训练 UNet："))
    model = train(recipe, dataset, out / "seg_model", epochs, notify)
    tested, pictures = segmentation.load(dataset).test, out / "seg_result"
    notify(say("[3/5] Finding digits on pages that were never seen", "[3/5] 在从未见过的页面上分割数字"))
    examples = [picture.path for picture in tested[:_SHOWN]]
    predicted = _predict(model, examples, pictures)
    notify(say(f"[4/5] Measuring on {len(tested)} test pages", f"[4/5] 在 {len(tested)} 张测试页面上评估"))
    measured = _measured(model, tested)
    notify(say("[5/5] Converting, and running without torch", "[5/5] 模型转换，并脱离 torch 运行"))
    converted = model.convert(out_file=out / "digits_seg.onnx")
    same = _agreement(converted, examples, predicted, notify)
    assert model.trained is not None
    return Outcome(dataset, recipe, model.trained, pictures, converted, len(tested), measured, same)


def train(recipe: Path, dataset: Path, save_fold: Path, epochs: int, notify: Callable[[str], None]) -> MMSegmentation:
    """Train by the documented five lines."""
    from MMEdu import MMSegmentation as seg  # noqa: N813 (as the documents write it)

    values = {"epochs": epochs, "lr": LEARNING_RATE, "size": IMAGE_SIZE, "seed": RANDOM_SEED}
    paths = {"recipe": recipe, "dataset": dataset, "save_fold": save_fold}
    notify(_LINES.format(**{name: path.as_posix() for name, path in paths.items()}, **values))
    model = seg(str(recipe))
    model.num_classes = len(_classes())
    model.load_dataset(path=dataset)
    model.save_fold = save_fold
    model.train(epochs=epochs, lr=LEARNING_RATE, optimizer="AdamW", image_size=IMAGE_SIZE, random_seed=RANDOM_SEED)
    return model


def _classes() -> tuple[str, ...]:
    return (pages.PAPER, *pages.CLASSES)


def _predict(model: MMSegmentation, examples: Sequence[Path], pictures: Path) -> list[Mask]:
    """Find the digits of some pages, draw them into ``pictures``, and print those of the first."""
    model.inference(image=examples[0], show=False)
    model.print_result()
    return _masks(model.inference(image=list(examples), show=True, save_fold=pictures))


def _masks(results: Any) -> list[Mask]:
    regions: list[Regions] = list(results)
    return [result.mask for result in regions]


def _measured(model: MMSegmentation, tested: Sequence[MaskedImage]) -> PixelCounts:
    """Count which pixels of the test pages are taken for what."""
    model.load_checkpoint()
    masks = _masks(model.fast_inference(image=[page.path for page in tested], show=False, verbose=False))
    number = len(_classes())
    counts = [pixel_confusion(page.read_mask(), mask, number) for page, mask in zip(tested, masks, strict=True)]
    return np.asarray(np.sum(counts, axis=0), np.int64)


def _agreement(
    converted: Path, examples: Sequence[Path], predicted: Sequence[Mask], notify: Callable[[str], None]
) -> float:
    """Run the converted model on pages; return the share of pixels of which it says the same."""
    from XEdu.hub import Workflow as wf  # noqa: N813 (as the documents write it)

    notify(f"    wf(task='mmedu', checkpoint='{converted.as_posix()}').inference(data='{examples[0].as_posix()}')")
    workflow = wf(task="mmedu", checkpoint=converted)
    masks = _masks(workflow.inference(data=list(examples)))
    same = float(np.mean([(one == other).mean() for one, other in zip(predicted, masks, strict=True)]))
    notify(
        say(
            f"The converted model says the same of {same:.3%} of the pixels of {len(examples)} pages.",
            f"转换后的模型在 {len(examples)} 张页面上有 {same:.3%} 的像素结果一致。",
        )
    )
    return same
