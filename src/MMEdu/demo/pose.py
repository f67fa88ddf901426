"""The main job of keypoints, by the documented calls: train, predict figures, measure, convert, run elsewhere.

``mmedu demo pose`` calls ``show``, which calls ``run`` and says what it returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT.dataset import keypoints
from BaseDT.dataset.keypoints import PosedObject
from BaseDT.language import say
from BaseDT.metrics import keypoints as metrics
from BaseDT.metrics.keypoints import PointMetrics
from BaseDT.terminal import table
from MMEdu.demo import figures
from MMEdu.demo.ending import Ending, NamedFile, below, files_of_training
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu import MMPose
    from MMEdu.actions.training_result import TrainingResult

GOAL = 90.0
"""What the demo must reach on the test pictures: PCK at a fifth of the figure's size, percent."""

# All chosen by validation, for four minutes on two cores from scratch, one from pretrained weights.
EPOCHS, EPOCHS_PRETRAINED = 10, 3
LEARNING_RATE = 0.002
IMAGE_SIZE = 128
RANDOM_SEED = 1

_SHOWN = 12  # pictures that are drawn
# Two runtimes may round a coordinate to neighbouring hundredths.
_PIXELS = 0.2
_LINES = """\
    model = pose('SimpleBaseline_MobileNet')
    model.load_dataset(path='{dataset}')
    model.save_fold = '{save_fold}'
    model.train(epochs={epochs}, lr={lr}, image_size={size}, random_seed={seed})"""

Figures = list[dict[str, Any]]
"""The figures of one picture, as ``inference`` and ``Workflow`` return them."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the demo made.

    Attributes:
        dataset: The folder of the pictures.
        training: What the training left.
        pictures: The folder of drawn pictures.
        converted: The ONNX file.
        tested: How many test pictures there are.
        right: How many of their points are where they should be.
        compared: On how many pictures the converted model was compared with the trained one.
        same: On how many of them it said the same.
    """

    dataset: Path
    training: TrainingResult
    pictures: Path
    converted: Path
    tested: int
    right: PointMetrics
    compared: int
    same: int

    @property
    def pck(self) -> float:
        """PCK on the test pictures, percent."""
        return 100 * (self.right.pck or 0.0)


def run(
    out: Path,
    notify: Callable[[str], None],
    epochs: int | None = None,
    counts: Mapping[str, int] = figures.COUNTS,
) -> Outcome:
    """Draw figures, train a model on them, look at the result, convert it and run it without torch.

    Args:
        out: Where everything is written; made when missing. Only files of the demo's own names are replaced.
        notify: Takes a line for the person who watches.
        epochs: How long to train; None: by whether the pretrained backbone is on this machine.
        counts: How many pictures of each kind; see ``figures.write``.

    Raises:
        XEduError: Something cannot be read or written, or a part is not installed.
    """
    require_train()
    total = sum(counts.values())
    notify(
        say(
            f"[1/5] {total} pictures of a stick figure with {len(figures.NAMES)} joints, drawn here",
            f"[1/5] 绘制 {total} 张火柴人图片，每个火柴人有 {len(figures.NAMES)} 个关节点",
        )
    )
    dataset = figures.write(out / "figures", counts)
    notify(say("[2/5] Training, in four lines:", "[2/5] 用四行代码训练："))
    model = train(dataset, out / "pose_model", epochs or usual_epochs(), notify)
    tested, pictures = keypoints.load(dataset).test, out / "pose_result"
    notify(say("[3/5] Finding joints on pictures that were never seen", "[3/5] 在从未见过的图片上寻找关节点"))
    examples = [person.path for person in tested[:_SHOWN]]
    model.inference(image=examples[0], show=False)
    model.print_result()
    predictions = _per_picture(model.inference(image=list(examples), show=True, save_fold=pictures))
    notify(say(f"[4/5] Measuring on {len(tested)} test pictures", f"[4/5] 在 {len(tested)} 张测试图片上评估"))
    right = _measured(model, tested)
    notify(say("[5/5] Converting, and running without torch", "[5/5] 模型转换，并脱离 torch 运行"))
    converted = model.convert(out_file=out / "figures_pose.onnx")
    same = _matches_of_exported(converted, examples, predictions, notify)
    assert model.trained is not None
    return Outcome(dataset, model.trained, pictures, converted, len(tested), right, compared=len(examples), same=same)


def usual_epochs() -> int:
    """Return how long to train: less where the training starts from a pretrained backbone."""
    from MMEdu.actions import weights

    here = any(row["here"] for row in weights.choose("SimpleBaseline_MobileNet", None))
    return EPOCHS_PRETRAINED if here else EPOCHS


def train(dataset: Path, save_fold: Path, epochs: int, notify: Callable[[str], None]) -> MMPose:
    """Train by the documented four lines."""
    from MMEdu import MMPose as pose  # noqa: N813 (as the documents write it)

    values = {"epochs": epochs, "lr": LEARNING_RATE, "size": IMAGE_SIZE, "seed": RANDOM_SEED}
    notify(_LINES.format(dataset=dataset.as_posix(), save_fold=save_fold.as_posix(), **values))
    model = pose("SimpleBaseline_MobileNet")
    model.load_dataset(path=dataset)
    model.save_fold = save_fold
    model.train(epochs=epochs, lr=LEARNING_RATE, image_size=IMAGE_SIZE, random_seed=RANDOM_SEED)
    return model


def _measured(model: MMPose, tested: Sequence[PosedObject]) -> PointMetrics:
    """Measure on the test pictures, in the box of each figure."""
    model.load_checkpoint(thr=0.0)
    found = []
    for person in tested:
        (result,) = model.fast_inference(image=person.path, show=False, verbose=False, boxes=[person.box])
        assert isinstance(result, dict)
        found.append(result["关键点坐标"])
    truth = np.stack([person.points for person in tested])
    boxes = np.array([person.box for person in tested])
    sizes = metrics.sizes_of(boxes, truth, figures.NAMES)
    return metrics.pck(metrics.errors(np.array(found, dtype=np.float64), truth, sizes))


def _matches_of_exported(
    converted: Path, examples: Sequence[Path], predictions: Sequence[Figures], notify: Callable[[str], None]
) -> int:
    """Run the converted model on pictures, and count those about which it says the same."""
    from XEdu.hub import Workflow as wf  # noqa: N813 (as the documents write it)

    notify(f"    wf(task='mmedu', checkpoint='{converted.as_posix()}').inference(data='{examples[0].as_posix()}')")
    workflow = wf(task="mmedu", checkpoint=converted)
    exported = _per_picture(workflow.inference(data=[str(path) for path in examples]))
    same = sum(agree(ours, theirs) for ours, theirs in zip(predictions, exported, strict=True))
    notify(
        say(
            f"The converted model says the same on {same} of {len(examples)} pictures.",
            f"转换后的模型在 {len(examples)} 张图片中有 {same} 张结果一致。",
        )
    )
    return same


def agree(ours: Figures, theirs: Figures) -> bool:
    """Tell whether two answers about a picture have the same figures with the same points."""
    if len(ours) != len(theirs):
        return False
    pairs = [(one["关键点坐标"], other["关键点坐标"]) for one, other in zip(ours, theirs, strict=True)]
    return all(float(np.abs(np.subtract(one, other)).max()) <= _PIXELS for one, other in pairs)


def _per_picture(results: Any) -> list[Figures]:
    """Return the figures of each picture of a list."""
    return list(_lists(results))


def _lists(results: Any) -> Iterator[Figures]:
    for people in results:
        assert isinstance(people, list)
        yield people


def show(out: Path, notify: Callable[[str], None], epochs: int | None) -> Ending:
    """Run the demo and say how it went; see ``registry.Show``."""
    outcome = run(out, notify, epochs)
    notify(
        say(
            f"\nTest set, {outcome.tested} pictures that it never saw: {outcome.pck:.1f} % of the points are within a "
            "fifth of the figure's size (PCK@0.2).",
            f"\n测试集：{outcome.tested} 张从未见过的图片，{outcome.pck:.1f} % 的关键点误差在火柴人大小的五分之一以内"
            "（PCK@0.2）。",
        )
    )
    head = (say("point", "关键点"), "PCK@0.2")
    shares = zip(figures.NAMES, outcome.right.per_point, strict=True)
    rows = [head, *((name, "-" if share is None else f"{100 * share:.1f}") for name, share in shares)]
    for line in table(rows):
        notify(f"  {line}")
    failed = [] if outcome.pck >= GOAL else [below(GOAL, fewer=epochs is not None)]
    if outcome.same < outcome.compared:
        failed.append(say("The converted model says something else.", "转换后的模型与原模型结果不一致。"))
    return Ending(list(_files(outcome)), failed)


def _files(outcome: Outcome) -> Iterator[NamedFile]:
    yield say("the pictures", "图片数据集"), outcome.dataset
    yield from files_of_training(outcome.training, "pose")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    yield say("the converted model", "转换后的模型"), outcome.converted
