"""How good a model is on pictures whose content is known: checkpoints and exported files, judged by the same code.

What is judged, and how, is the kind of output's (``XEdu.evaluation``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.arguments import PathLike
from BaseDT.errors import DatasetNotLoaded
from BaseDT.language import say
from MMEdu.engine.events import Listener, Notice, long_work
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskData, TaskSpec

if TYPE_CHECKING:
    from MMEdu.weights.loaded_model import LoadedModel
    from XEdu.evaluation.kind import LabelledSet
    from XEdu.evaluation.run import Evaluation
    from XEdu.runtime.model import Model


@dataclass(frozen=True)
class Request:
    """What is asked of an evaluation.

    Attributes:
        data: A folder; or the labelled pictures of the data set that is loaded.
        thr: Lowest score of a result, ``"auto"``, or None for the usual one.
        save_fold: Where the report is written; None makes a folder below ``eval_result``.
    """

    data: PathLike | LabelledSet
    thr: float | str | None = None
    save_fold: PathLike | None = None


def evaluate_file(
    file: Path,
    data: Path,
    *,
    thr: float | str | None,
    save_fold: Path | None,
    device: str = "cpu",
    classes: Path | None = None,
    listener: Listener | None = None,
) -> tuple[dict[str, Any], Sequence[str]]:
    """Judge a checkpoint or an exported model; the file says what it was made for. An exported one needs no torch.

    Args:
        file: The model.
        data: A folder of labelled pictures.
        thr: As in ``Request``.
        save_fold: As in ``Request``.
        device: Where a checkpoint computes.
        classes: What names the classes of a checkpoint.
        listener: Told of progress; None is the console.

    Returns:
        Everything as plain JSON data, and the same in lines for a terminal.

    Raises:
        XEduError: The model or the folder cannot be used; see ``XEdu.evaluation.run.evaluate``.
    """
    from MMEdu.actions.info import is_exported
    from MMEdu.engine.listeners.console import console

    request = Request(data, thr, save_fold)
    if is_exported(file):
        from MMEdu.actions.exported_model import opened

        evaluation = _judged(opened(file, device, classes), request, listener or console(), "")
    else:
        from MMEdu.actions import origin
        from MMEdu.models import recipe_file
        from MMEdu.weights.class_names import names_from
        from MMEdu.weights.loaded_model import load_model

        spec, backbone = origin.origin(file)
        entry = recipe_file.entry_of(backbone, spec.name)
        loaded = load_model(entry, file, device, names=names_from(classes))
        evaluation = judge_loaded(loaded, file, request, listener or console())
    return dict(evaluation.content), evaluation.text


def evaluate(load: Callable[[], tuple[LoadedModel, PathLike]], request: Request, listener: Listener) -> dict[str, Any]:
    """Judge a checkpoint, and tell the result.

    Args:
        load: Loads it, and says which file that is; called when the arguments are known to be in order.
        request: What is asked.
        listener: Told of progress, and of the result line by line.
    """
    loaded, file = load()
    evaluation = judge_loaded(loaded, file, request, listener)
    for line in evaluation.text:
        listener(Notice(line))
    return dict(evaluation.content)


def judge_loaded(loaded: LoadedModel, file: PathLike, request: Request, listener: Listener) -> Evaluation:
    """Judge a loaded network as its exported file would be judged."""
    from MMEdu.export.trained_model import opened

    signature = registry.find(loaded.entry.task).part("signature")(loaded.entry, "ONNX").of(loaded.kind)
    return _judged(opened(loaded, signature, file), request, listener, loaded.trained_on)


def _judged(model: Model, request: Request, listener: Listener, trained_on: str) -> Evaluation:
    from MMEdu.actions.exported_model import threshold_of
    from XEdu.evaluation.run import evaluate as run

    with long_work(listener, say("Evaluating", "评估")) as progress:
        return run(
            model,
            request.data,
            threshold=threshold_of(model, request.thr),
            save_fold=request.save_fold,
            progress=progress,
            remarks_on=lambda labelled: _about_training(labelled, trained_on),
        )


def loaded_pictures(spec: TaskSpec, data: TaskData | None) -> LabelledSet:
    """Return the test pictures of the loaded data set, or those for validation where it has no others.

    Raises:
        DatasetNotLoaded: None is loaded, or its task cannot tell (-603).
    """
    if data is None or not spec.labelled:
        raise DatasetNotLoaded(
            say("There are no pictures to evaluate with.", "没有可用于评估的图片。"),
            hint=say(
                "Give a folder: evaluate('my_test_set'); or call load_dataset(path=...) first.",
                "请给出文件夹：evaluate('my_test_set')；或先调用 load_dataset(path=...)。",
            ),
        )
    pictures: LabelledSet = spec.part("labelled")(data)
    return pictures


def _about_training(labelled: LabelledSet, trained_on: str) -> list[str]:
    """Say what a reader must know where the model was trained on this very set."""
    fingerprints = labelled.fingerprints() if trained_on else ()
    if trained_on not in fingerprints:
        return []
    dataset, whole = labelled.dataset, labelled.dataset.without_validation()
    if whole is not dataset and trained_on != fingerprints[0]:
        dataset = whole  # nobody validated: what was held out was trained on, too
    learned = {picture.path for picture in dataset.train}
    known = sum(picture.path in learned for picture in labelled.pictures)
    if known:
        total = len(labelled.pictures)
        return [
            say(
                f"Take care: the model was trained on {known} of these {total} pictures. How good it is on new ones is "
                "not seen here.",
                f"注意：这 {total} 张图片中有 {known} 张是训练时用过的，看不出模型对新图片的效果。",
            )
        ]
    if labelled.part in ("val", "held_out"):
        return [
            say(
                "The best epoch was chosen by these pictures, which flatters it a little: pictures of their own for a "
                "test (test_set) tell more.",
                "最佳轮次正是用这些图片选出的，结果会略微偏高：另备测试图片（test_set）更能说明问题。",
            )
        ]
    return []
