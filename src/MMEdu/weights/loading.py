"""Loading opened weights into a network: whole for prediction, as far as they fit for training. Nothing is silent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import init
from torch.overrides import TorchFunctionMode

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import english, say
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import head_rows
from MMEdu.weights.opened import OpenedWeights

_COUNTERS = "num_batches_tracked"
"""Files of older torch lack these, and nothing here reads them."""


_DRAWS = frozenset({Tensor.normal_, Tensor.uniform_, init.normal_, init.uniform_, init.kaiming_uniform_})


class _WithoutDrawing(TorchFunctionMode):
    """What would be drawn is its mean or 0, and no random number is used up."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        keywords = kwargs or {}
        if func not in _DRAWS:
            return func(*args, **keywords)
        tensor: Tensor = args[0] if args else keywords["tensor"]
        # The mean is within any bounds: torch draws again until every value is.
        tensor.detach().fill_(args[1] if func is Tensor.normal_ and len(args) > 1 else 0.0)
        return tensor


def build_undrawn(entry: ModelEntry, num_classes: int) -> nn.Module:
    """Build a network whose weights all come from a file: drawing them takes longer than reading them."""
    with _WithoutDrawing():
        return entry.build(num_classes)


def load_whole(network: nn.Module, weights: OpenedWeights, entry: ModelEntry, path: Path) -> None:
    """Load a network whole, for answers; its tensors become the file's, without a copy.

    Raises:
        CheckpointInvalid: Something is missing, too many or of another shape, or the source computes otherwise (-202).
    """
    if weights.computes_otherwise:
        raise _computes_otherwise(path, weights)
    own_state = network.state_dict()
    state = weights.state
    _check_finite(state, path)
    fitting = {
        name: value for name, value in state.items() if name in own_state and own_state[name].shape == value.shape
    }
    missing = [name for name in own_state if name not in fitting and not name.endswith(_COUNTERS)]
    unknown = [name for name in state if name not in own_state]
    if missing or unknown or weights.unmatched:
        raise _does_not_fit(path, entry, weights, missing, [*weights.unmatched, *unknown])
    fitting = {name: value.to(own_state[name].dtype) for name, value in fitting.items()}
    _put(network, fitting, assign=True)
    if not weights.is_native and callable(as_published := getattr(network, "as_published", None)):
        as_published()


def _put(network: nn.Module, state: Mapping[str, Tensor], *, assign: bool) -> None:
    """Load weights by the network's own names; MNASNet, for one, asks which version of a layer wrote them."""
    described = OrderedDict(state)
    described._metadata = network.state_dict()._metadata  # type: ignore[attr-defined]
    network.load_state_dict(described, strict=False, assign=assign)


def load_matching(
    network: nn.Module, weights: OpenedWeights, entry: ModelEntry, path: Path, classes: Sequence[str]
) -> list[str]:
    """Load what fits into a network that will be trained; returns lines that say what did not.

    Args:
        network: For the new classes, with fresh weights.
        weights: The file's.
        entry: The model.
        path: The file.
        classes: The new classes by label.

    Raises:
        CheckpointInvalid: Of what stays frozen anything is not in the file, or a weight of it is no number, or less
            than half of the network, its head aside, is there: so much an own file must have (-202).
    """
    _check_finite(weights.state, path)
    own_state = network.state_dict()
    rows = head_rows.rows_of(network)
    fitted = head_rows.fit(network, weights.state, weights.classes, classes)
    state = fitted.state
    fitting = {
        name: value for name, value in state.items() if name in own_state and own_state[name].shape == value.shape
    }
    body = [name for name in own_state if name not in rows and not name.endswith(_COUNTERS)]
    part = [name for name in body if name.startswith("backbone.")] if not weights.whole else body
    if 2 * sum(name in fitting for name in part) < len(part):
        raise _does_not_fit(path, entry, weights, [n for n in part if n not in fitting], list(weights.unmatched))
    fresh = [name for name in body if name not in fitting]
    frozen = _frozen(network)
    if noise := [name for name in fresh if name in frozen]:
        raise _frozen_noise(path, noise)
    _put(network, fitting, assign=False)
    left = [*weights.unmatched, *(name for name in state if name not in fitting and name not in rows)]
    return [
        _first(weights, path),
        *_about_form(weights),
        *_about_answers(weights),
        *_about_classes(weights, fitted, rows),
        *_about_others(fresh, left),
    ]


def _first(weights: OpenedWeights, path: Path) -> str:
    origin = f" ({weights.origin})" if weights.origin else ""
    return say(f"Starting from the weights of {path}{origin}.", f"从 {path}{origin} 的权重开始训练。")


def _check_finite(state: Mapping[str, Tensor], path: Path) -> None:
    """Refuse weights that are no numbers.

    Raises:
        CheckpointInvalid: NaN or an infinite one is among them (-202).
    """
    bad = [name for name, value in state.items() if value.is_floating_point() and not value.is_meta and _odd(value)]
    if not bad:
        return
    hint = say(
        "The training that wrote it failed: use a file of an earlier epoch, or train again with a lower lr.",
        "写出该文件的训练已经失败：请使用更早轮次的权重文件，或调低学习率 lr 重新训练。",
    )
    raise CheckpointInvalid(
        say(
            f"{path}: {len(bad)} weights hold NaN or infinity ({listed(bad)}).",
            f"{path}：{len(bad)} 个权重含有 NaN 或无穷大（{listed(bad)}）。",
        ),
        hint=hint,
    )


def _odd(value: Tensor) -> bool:
    # A sum takes no memory, and is a number only where all are; one that overflows says nothing.
    total = value.sum(dtype=torch.float32)
    return not bool(total.isfinite()) and not bool(value.float().isfinite().all())


def _frozen(network: nn.Module) -> set[str]:
    """Name what a training leaves as it is: weights that do not learn, and what their layers count beside them."""
    names: set[str] = set()
    for prefix, module in network.named_modules():
        own_state = dict(module.named_parameters(recurse=False))
        fixed = [name for name, value in own_state.items() if not value.requires_grad]
        if own_state and len(fixed) == len(own_state):
            fixed += [name for name, _ in module.named_buffers(recurse=False)]
        names.update(f"{prefix}.{name}" if prefix else name for name in fixed)
    return names


def _frozen_noise(path: Path, noise: Sequence[str]) -> CheckpointInvalid:
    hint = say(
        "What is frozen cannot learn: use a file that has them, or freeze less (fewer stages, or nothing).",
        "被冻结的部分不会再学习：请使用包含这些权重的文件，或减少冻结的部分（更少的阶段，或不冻结）。",
    )
    text = say(
        f"{path} lacks {len(noise)} weights of the part that is to be frozen ({listed(noise)}).",
        f"{path} 缺少要冻结部分的 {len(noise)} 个权重（{listed(noise)}）。",
    )
    return CheckpointInvalid(text, hint=hint)


def _about_answers(weights: OpenedWeights) -> list[str]:
    if not weights.computes_otherwise:
        return []
    what = weights.computes_otherwise
    text = f"The file's network computes otherwise ({what}): the weights are a start here, and give other answers."
    zh = f"文件中的网络计算方式与此处不同（{what}）：这些权重只作为训练的起点，训练前的结果会与原网络不同。"
    return [say(text, zh)]


def _about_form(weights: OpenedWeights) -> list[str]:
    if not weights.fused:
        return []
    text = "Its branches are fused: training changes it at once; freeze='backbone' or a file of the full form do not."
    zh = "该文件是融合后的部署形式：继续训练会立刻改变它。请用 freeze='backbone'，或使用训练形式的权重文件。"
    return [say(text, zh)]


def _about_classes(weights: OpenedWeights, fitted: head_rows.Fitted, rows: Mapping[str, head_rows.Rows]) -> list[str]:
    if not fitted.fresh and not fitted.gone:
        return []
    new = listed(fitted.fresh)
    if fitted.reused:
        reused, gone = len(fitted.reused), len(fitted.gone)
        names = listed(fitted.reused)
        return [
            say(
                f"The head keeps {reused} classes ({names}), {gone} are left out; new: {new or 'none'}.",
                f"输出层保留 {reused} 个类别（{names}），去掉 {gone} 个；新增：{new or '无'}。",
            )
        ]
    count = weights.num_classes
    if count is None:
        return [
            say("It has no head for this model: the head starts fresh.", "文件中没有该模型的输出层，输出层从头训练。")
        ]
    return [_about_new(f"{count}", _unnamed(weights), [name for name in rows if name in fitted.state], rows)]


def _unnamed(weights: OpenedWeights) -> tuple[str, str]:
    if weights.classes:
        return "", ""
    if weights.num_names:
        return f", but names {weights.num_names}", f"（但给出了 {weights.num_names} 个名称）"
    return " without names", "（未给出名称）"


def _about_new(
    count: str, unnamed: tuple[str, str], taken_over: Sequence[str], rows: Mapping[str, head_rows.Rows]
) -> str:
    """Say of a head none of whose classes are known what of it is fresh: all, or the classes' rows alone."""
    names, en, zh = (
        listed(list(rows)),
        f"It was made for {count} classes{unnamed[0]}",
        f"它有 {count} 个类别{unnamed[1]}",
    )
    if any(rows[name].before for name in taken_over):
        return say(
            f"{en}: in {len(taken_over)} weights of the head ({names}) the rows of the classes start fresh, "
            "those of boxes and objectness are taken over.",
            f"{zh}：输出层的 {len(taken_over)} 个权重（{names}）中，类别部分从头训练，边框和物体置信度部分沿用。",
        )
    return say(
        f"{en}: {len(rows)} weights stay fresh ({names}).",
        f"{zh}：{len(rows)} 个权重保持初始值（{names}）。",
    )


def _about_others(fresh: Sequence[str], left: Sequence[str]) -> list[str]:
    lines = []
    if left:
        text = f"{len(left)} weights of the file have no place here ({listed(left)})."
        lines.append(say(text, f"文件中有 {len(left)} 个权重用不上（{listed(left)}）。"))
    if fresh:
        text = f"{len(fresh)} weights are not in the file and start fresh ({listed(fresh)})."
        lines.append(say(text, f"文件中缺少 {len(fresh)} 个权重，从头训练（{listed(fresh)}）。"))
    return lines


def listed(names: Sequence[str], most: int = 4) -> str:
    """Write the first of some names."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _computes_otherwise(path: Path, weights: OpenedWeights) -> CheckpointInvalid:
    hint = say("Start a training from it with checkpoint=.", "请用 checkpoint= 从它开始训练。")
    what = weights.computes_otherwise
    text = say(
        f"{path} holds a {weights.origin} that computes otherwise ({english(what)}): its answers would be others here.",
        f"{path} 是 {weights.origin}，但计算方式与此处不同（{what}）：在这里得到的结果会不一样。",
    )
    return CheckpointInvalid(text, hint=hint)


def _does_not_fit(
    path: Path, entry: ModelEntry, weights: OpenedWeights, missing: Sequence[str], unknown: Sequence[str]
) -> CheckpointInvalid:
    first = [*missing, *unknown][0]
    if weights.is_native:
        hint = say("Train it again with this version.", "请用当前版本重新训练。")
    elif not weights.whole:
        hint = say("Start a training from it with checkpoint=.", "请用 checkpoint= 从它开始训练。")
    else:
        hint = say("Choose the model that it was trained as.", "请选择训练它时所用的模型。")
    text = say(
        f"{path} does not fit {entry.name}: {len(missing)} weights are missing, {len(unknown)} unknown ({first}, ...).",
        f"{path} 与 {entry.name} 不符：缺少 {len(missing)} 个权重，有 {len(unknown)} 个未知权重（{first} 等）。",
    )
    return CheckpointInvalid(text, hint=hint)
