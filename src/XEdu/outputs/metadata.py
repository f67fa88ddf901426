"""Whether this version can read the outputs of a file, by what its metadata say. Called when a model is opened."""

from __future__ import annotations

from BaseDT.language import english, say
from BaseDT.model_info import ModelInfo, damaged, newer
from XEdu.outputs.kind import UnknownOption, find, names


def check(info: ModelInfo, file: str, *, is_ours: bool = True) -> None:
    """Make sure that this version can read the outputs of a file.

    Args:
        info: What the file says of itself.
        file: What messages call it.
        is_ours: Whether our own metadata say it; those of the original tools have no preprocessing.

    Raises:
        ModelUnsupported: Its kind, or an option, is unknown here: a newer version wrote it (-206).
        CheckpointInvalid: It lacks something that its kind needs, or contradicts itself (-202).
    """
    if info.kind not in names():
        raise newer(
            file,
            say(
                f"its kind of output {info.kind!r} (task {info.task!r}) is not known here",
                f"这里没有输出类型 {info.kind!r}（任务 {info.task!r}）",
            ),
        )
    kind = find(info.kind)
    contradiction = False
    if kind.tasks and info.task not in kind.tasks:
        # The name of another kind's task is a contradiction, any other name is the next version's.
        if info.task not in names():
            raise newer(file, say(f"its task {info.task!r} is not known here", f"这里没有任务 {info.task!r}"))
        contradiction = True
    lacks_classes = kind.needs_classes and not info.classes
    lacks_preprocess = is_ours and kind.needs_preprocess and info.preprocess is None
    if contradiction or lacks_classes or lacks_preprocess:
        raise damaged(file)
    try:
        kind.check_options(info.options)
    except UnknownOption as error:
        raise newer(file, say(f"{english(error.args[0])} is not known here", f"这里没有{error.args[0]}")) from None
    except TypeError as error:
        raise damaged(file) from error
