"""The main job of detection, by the documented calls: train, predict pages, measure, convert, run elsewhere.

``mmedu demo det`` calls ``show``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import files
from BaseDT.dataset import coco
from BaseDT.dataset.coco import CocoImage
from BaseDT.language import say
from BaseDT.metrics import BoxMetrics, BoxTruth, coco_map
from BaseDT.terminal import table
from MMEdu.demo import pages
from MMEdu.demo.ending import Ending, NamedFile, below, files_of_training
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu import MMDetection
    from MMEdu.actions.training_result import TrainingResult

GOAL = 90.0
"""What the demo must reach on the test pages: AP at an overlap of one half, percent, all digits as one class."""

# All chosen by validation, for four minutes on two cores.
EPOCHS = 6
LEARNING_RATE = 0.005
IMAGE_SIZE = 128
RANDOM_SEED = 1
RECIPE = """\
# SSD_Lite for handwritten digits. The pages vary enough by themselves; a mirrored digit is no digit.
backbone = "SSD_Lite"
# As fast for so small an input, and the same result on every processor.
bfloat16 = false

[schedule]
warmup_iters = 50

[augment]
flip = 0.0
photometric = 0.0
expand = 1.0
iou_crop = []
"""

_SHOWN = 12  # pages that are drawn
_LEAST_SCORE = 0.02  # of a box that counts: COCO's curves need the unsure ones, too
_THRESHOLD = 0.3  # of a box that is shown, by default
# Two runtimes may round a coordinate to neighbouring pixels, and a score in the fourth place.
_PIXELS, _SCORE = 1, 1e-3
_LINES = """\
    model = det('{recipe}')
    model.num_classes = 10
    model.load_dataset(path='{dataset}')
    model.save_fold = '{save_fold}'
    model.train(epochs={epochs}, lr={lr}, optimizer='AdamW', image_size={size}, random_seed={seed})"""

Detections = list[dict[str, Any]]
"""The boxes of one page, as ``inference`` and ``Workflow`` return them."""


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
        digit: How well digits are found on them, whichever they are: all are one class.
        ten: How well they are found and recognised: ten classes.
        compared: On how many pages the converted model was compared with the trained one.
        same: On how many of them it said the same.
    """

    dataset: Path
    recipe: Path
    training: TrainingResult
    pictures: Path
    converted: Path
    tested: int
    digit: BoxMetrics
    ten: BoxMetrics
    compared: int
    same: int

    @property
    def ap50(self) -> float:
        """AP of "digit" on the test pages at an overlap of one half, percent."""
        return 100 * self.digit.overall["mAP_50"]


def show(out: Path, notify: Callable[[str], None], epochs: int | None) -> Ending:
    """Run the demo, and tell what it reached; see ``MMEdu.demo.registry.Show``."""
    outcome = run(out, notify, epochs or EPOCHS)
    for line in _metrics(outcome):
        notify(line)
    failed = [] if outcome.ap50 >= GOAL else [below(GOAL, fewer=epochs is not None)]
    if outcome.same < outcome.compared:
        failed.append(say("The converted model says something else.", "转换后的模型与原模型结果不一致。"))
    return Ending(tuple(_files(outcome)), failed)


def _metrics(outcome: Outcome) -> Iterator[str]:
    yield say(
        f"\nTest set, {outcome.tested} pages with digits that it never saw (AP in percent):",
        f"\n测试集：{outcome.tested} 张页面，其中的数字从未见过（AP，百分比）：",
    )
    ten, digit = outcome.ten, outcome.digit
    head = (say("class", "类别"), say("digits", "数量"), "AP50", "AP")
    rows: list[tuple[str | int, ...]] = [head]
    for label, count in enumerate(ten.counts.tolist()):
        rows.append((str(label), count, _percent(ten.ap50[label]), _percent(ten.ap[label])))
    total = int(ten.counts.sum())
    for name, overall in ((say("ten classes", "十个类别"), ten.overall), (say("digit", "数字"), digit.overall)):
        rows.append((name, total, _percent(overall["mAP_50"]), _percent(overall["mAP"])))
    yield from (f"  {line}" for line in table(rows))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if share >= 0 else "-"  # -1: there is no such digit


def _files(outcome: Outcome) -> Iterator[NamedFile]:
    yield say("the pages", "页面数据集"), outcome.dataset
    yield say("the recipe", "训练配置"), outcome.recipe
    yield from files_of_training(outcome.training, "detection")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    yield say("the converted model", "转换后的模型"), outcome.converted


def run(
    out: Path, notify: Callable[[str], None], epochs: int = EPOCHS, counts: Mapping[str, int] = pages.COUNTS
) -> Outcome:
    """Compose pages, train SSD_Lite on them, look at the result, convert it and run it without torch.

    Args:
        out: Where everything is written; made when missing. Only files of the demo's own names are replaced.
        notify: Takes a line for the person who watches.
        epochs: How long to train.
        counts: How many pages of each kind; see ``pages.write``.

    Raises:
        XEduError: Something cannot be read or written, or a part is not installed.
    """
    require_train()
    total = sum(counts.values())
    notify(
        say(
            f"[1/5] {total} pages with real handwritten digits, from scikit-learn",
            f"[1/5] 用真实的手写数字（scikit-learn）拼成 {total} 张页面",
        )
    )
    dataset = pages.write(out / "pages", counts)
    recipe = files.write_whole(out / "ssd_lite_digits.toml", RECIPE.encode("utf-8"))
    notify(say("[2/5] Training SSD_Lite, in five lines:", "[2/5] 用五行代码训练 SSD_Lite："))
    model = train(recipe, dataset, out / "det_model", epochs, notify)
    tested, pictures = coco.load(dataset).test, out / "det_result"
    notify(say("[3/5] Finding digits on pages that were never seen", "[3/5] 在从未见过的页面上检测数字"))
    examples = [dataset / "images" / "test" / picture.path.name for picture in tested[:_SHOWN]]
    predictions = _predict(model, examples, pictures)
    notify(say(f"[4/5] Measuring on {len(tested)} test pages", f"[4/5] 在 {len(tested)} 张测试页面上评估"))
    digit, ten = _measured(model, tested)
    notify(say("[5/5] Converting, and running without torch", "[5/5] 模型转换，并脱离 torch 运行"))
    converted = model.convert(out_file=out / "digits_det.onnx")
    same = _matches_of_exported(converted, examples, predictions, notify)
    assert model.trained is not None
    return Outcome(
        dataset, recipe, model.trained, pictures, converted, len(tested), digit, ten, compared=len(examples), same=same
    )


def train(recipe: Path, dataset: Path, save_fold: Path, epochs: int, notify: Callable[[str], None]) -> MMDetection:
    """Train by the documented five lines."""
    from MMEdu import MMDetection as det  # noqa: N813 (as the documents write it)

    values = {"epochs": epochs, "lr": LEARNING_RATE, "size": IMAGE_SIZE, "seed": RANDOM_SEED}
    paths = {"recipe": recipe, "dataset": dataset, "save_fold": save_fold}
    notify(_LINES.format(**{name: path.as_posix() for name, path in paths.items()}, **values))
    model = det(str(recipe))
    model.num_classes = 10
    model.load_dataset(path=dataset)
    model.save_fold = save_fold
    model.train(epochs=epochs, lr=LEARNING_RATE, optimizer="AdamW", image_size=IMAGE_SIZE, random_seed=RANDOM_SEED)
    return model


def _predict(model: MMDetection, examples: Sequence[Path], pictures: Path) -> list[Detections]:
    """Find the digits of some pages, draw them into ``pictures``, and print those of the first."""
    model.inference(image=examples[0], show=False)
    model.print_result()
    return _per_page(model.inference(image=list(examples), show=True, save_fold=pictures))


def _measured(model: MMDetection, tested: Sequence[CocoImage]) -> tuple[BoxMetrics, BoxMetrics]:
    """Measure on the test pages: all digits as one class, and ten classes."""
    model.load_checkpoint(thr=_LEAST_SCORE)
    detections = model.fast_inference(image=[picture.path for picture in tested], show=False, verbose=False)
    rows = [_rows(page) for page in _per_page(detections)]
    truth = [_truth(picture) for picture in tested]
    digit_rows = [np.concatenate([boxes[:, :5], np.zeros((len(boxes), 1))], axis=1) for boxes in rows]
    digit_truth = [BoxTruth(page.boxes, np.zeros_like(page.labels)) for page in truth]
    return coco_map(digit_rows, digit_truth, 1), coco_map(rows, truth, len(pages.CLASSES))


def _rows(detections: Detections) -> npt.NDArray[np.float64]:
    """Return x1, y1, x2, y2, score, label of each box, (k, 6)."""
    numbers = [[*box["坐标"].values(), box["置信度"], box["类别标签"]] for box in detections]
    return np.array(numbers, dtype=np.float64).reshape(-1, 6)


def _truth(picture: CocoImage) -> BoxTruth:
    corners = np.array([box.corners for box in picture.boxes], dtype=np.float64).reshape(-1, 4)
    return BoxTruth(corners, np.array([box.label for box in picture.boxes], dtype=np.int64))


def _matches_of_exported(
    converted: Path, examples: Sequence[Path], predictions: Sequence[Detections], notify: Callable[[str], None]
) -> int:
    """Run the converted model on pages, and count those about which it says the same."""
    from XEdu.hub import Workflow as wf  # noqa: N813 (as the documents write it)

    notify(f"    wf(task='mmedu', checkpoint='{converted.as_posix()}').inference(data='{examples[0].as_posix()}')")
    workflow = wf(task="mmedu", checkpoint=converted)
    exported = _per_page(workflow.inference(data=list(examples)))
    same = sum(agree(page, other) for page, other in zip(predictions, exported, strict=True))
    notify(
        say(
            f"The converted model says the same on {same} of {len(examples)} pages.",
            f"转换后的模型在 {len(examples)} 张页面中有 {same} 张结果一致。",
        )
    )
    return same


def agree(page: Detections, other: Detections) -> bool:
    """Tell whether two answers about a page have the same boxes; the order is free."""
    rest = list(other)
    for box in page:
        match = next((other for other in rest if _same_box(box, other)), None)
        if match is not None:
            rest.remove(match)
        elif not _on_the_edge(box):
            return False
    return all(map(_on_the_edge, rest))


def _same_box(box: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if box["预测结果"] != other["预测结果"] or abs(box["置信度"] - other["置信度"]) > _SCORE:
        return False
    return all(abs(value - other["坐标"][edge]) <= _PIXELS for edge, value in box["坐标"].items())


def _on_the_edge(box: Mapping[str, Any]) -> bool:
    """Whether a little less, and the box is not shown."""
    return bool(box["置信度"] <= _THRESHOLD + _SCORE)


def _per_page(results: Any) -> list[Detections]:
    """Return the detections of each page of a list."""
    return list(_lists(results))


def _lists(results: Any) -> Iterator[Detections]:
    for boxes in results:
        assert isinstance(boxes, list)
        yield boxes
