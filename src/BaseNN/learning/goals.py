"""What a network is to meet: loss and targets, checked against what the network gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.errors import ClassCountMismatch, ParameterInvalid
from BaseDT.escaping import first_line, one_line
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseNN.data.training_data import TrainingData
from BaseNN.learning import ranges
from BaseNN.learning.feeds import scaled
from BaseNN.learning.losses import LOSSES, Loss, as_numbers, ends_in, learner_of, loss_named, suited
from BaseNN.learning.request import TrainingRequest

_TINY = 1e-12
_MOST_COUNTED = 20
"""More classes that are called by numbers may be measured values."""


@dataclass(frozen=True)
class Goal:
    """A loss, and what it compares with what.

    Attributes:
        loss: It.
        outputs: How many numbers the network gives for a sample.
        chooses: Whether the targets are classes.
        shares: Whether the network ends in a softmax that cannot be left out: the loss has their logarithm then.
        notes: What the user should know.
    """

    loss: Loss
    outputs: int
    chooses: bool
    shares: bool = False
    notes: Sequence[str] = ()

    def compute(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of what is trained."""
        return self.loss.compute(outputs.clamp_min(_TINY).log() if self.shares else outputs, targets)

    def compute_whole(self, outputs: Tensor, targets: Tensor, model: nn.Module) -> Tensor:
        """Return the loss of what the whole network gives, of which less may be trained."""
        is_less = learner_of(model, self.loss) is not model
        return self.loss.compute(outputs.clamp_min(_TINY).log() if is_less or self.shares else outputs, targets)

    def are_logits(self, softmax_left_out: bool) -> bool:
        """Whether what the loss is given is no share yet."""
        return softmax_left_out or self.loss.name == "BCEWithLogitsLoss"

    def targets(self, values: npt.NDArray[Any]) -> Tensor:
        """Return targets as the loss takes them: (N,) labels, or (N, K) numbers."""
        targets = torch.from_numpy(np.ascontiguousarray(values))
        if targets.dtype != torch.int64:
            return targets.to(torch.float32).reshape(len(targets), -1)
        return targets if self.loss.wants == "labels" else as_numbers(targets, self.outputs)


def goal_of(request: TrainingRequest) -> Goal:
    """Return what the network of a training is to meet.

    Raises:
        ParameterInvalid: The loss does not go with the network or the task, or the network cannot compute (-305).
        ClassCountMismatch: It gives fewer numbers than there are classes (-306).
    """
    loss, notes = loss_named(request.loss), []
    targets = request.data.targets
    if targets is None or (targets.dtype == np.int64 and targets.ndim > 1):
        raise _needs_a_whole_network(texts=targets is not None)
    if request.task == "reg" and loss.wants == "labels":
        notes.append(_numbers_need_another(loss.name))
        loss = LOSSES["MSELoss"]
    loss = suited(loss, request.model)
    answers = trial(request.model, request)
    outputs = _count(answers)
    if outputs == 1 and ends_in(request.model, nn.Softmax):
        raise _always_one()
    if request.task == "reg":
        notes += ranges.out_of_reach(request.model, targets)
    elif cut := ranges.cut_off(request.model, loss):
        notes.append(cut)
    if targets.dtype == np.int64:
        _check_labels(targets, outputs, request, loss)
    else:
        _check_numbers(targets, outputs)
    shares = loss.of_logits and learner_of(request.model, loss) is request.model and _are_shares(answers)
    goal = Goal(loss, outputs, request.task != "reg", shares, tuple(notes))
    _check_loss(goal, answers, goal.targets(targets[[0, -1]]))
    return goal


def _are_shares(answers: Tensor) -> bool:
    """Tell whether every row adds up to 1: a softmax within a module of the user's own."""
    return answers.shape[1] > 1 and bool((answers >= 0).all()) and bool(((answers.sum(dim=1) - 1).abs() < 1e-4).all())


def begin_at_the_mean(request: TrainingRequest) -> None:
    """Let a network of numbers first say the mean of what it is to say: it would take long to get there."""
    layers = list(request.model.children()) if isinstance(request.model, nn.Sequential) else []
    last = layers[-1] if layers else None
    targets = request.data.targets
    if request.task != "reg" or targets is None or not isinstance(last, nn.Linear) or last.bias is None:
        return
    mean = torch.from_numpy(targets.reshape(len(targets), -1).mean(axis=0, dtype=np.float64))
    with torch.no_grad():
        last.bias.add_(mean.to(last.bias))


def _numbers_need_another(name: str) -> str:
    return say(
        f"{name} is for classes; numbers are learnt with MSELoss.", f"{name} 用于分类；回归任务改用 MSELoss 训练。"
    )


def _needs_a_whole_network(*, texts: bool) -> ParameterInvalid:
    if texts:
        return ParameterInvalid(
            say("Texts are learnt by a network of words.", "文字数据需要用词的网络来学习。"),
            hint=say(
                "Use add('em_lstm', size=(128, 256), num_layers=2).",
                "请使用 add('em_lstm', size=(128, 256), num_layers=2)。",
            ),
        )
    return ParameterInvalid(
        say("These data have nothing to be met: no labels, no numbers.", "这些数据没有标签，无法训练这种网络。"),
        hint=say(
            "Layers of this kind need labels: nn('cls') or nn('reg'). Without them learns add('diffusion_model').",
            "这种网络需要标签：请使用 nn('cls') 或 nn('reg')。不需要标签的是 add('diffusion_model')。",
        ),
    )


def _check_loss(goal: Goal, answers: Tensor, targets: Tensor) -> None:
    """Refuse a loss that cannot be computed of what the network gives."""
    try:
        goal.compute(answers, targets.to(answers.device))
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        reason = first_line(error)
        raise ParameterInvalid(
            say(
                f"{goal.loss.name} cannot be computed of what the network gives: {reason}",
                f"无法用网络的输出计算 {goal.loss.name}：{reason}",
            ),
            hint=say(
                "CrossEntropyLoss is for classes, MSELoss for numbers.", "分类可用 CrossEntropyLoss，回归可用 MSELoss。"
            ),
        ) from None


def _count(answers: Tensor) -> int:
    """Return how many numbers the network gives for a sample."""
    if answers.ndim == 2:
        return int(answers.shape[1])
    found = "×".join(map(str, answers.shape[1:]))
    raise ParameterInvalid(
        say(
            f"The network gives {found or 'a single number without an axis'} for a sample, which is no row of numbers.",
            f"网络对每个样本输出 {found or '一个标量'}，而不是一行数字。",
        ),
        hint=say(
            "Let a linear layer be the last one; add('reshape') lays pictures and sequences out in a row.",
            "请让全连接层（linear）作为最后一层；add('reshape') 可以把图片或序列展平。",
        ),
    )


def trial(model: nn.Module, request: TrainingRequest) -> Tensor:
    """Return what a network gives for two samples, the first and the last.

    Raises:
        ParameterInvalid: It cannot compute with them (-305).
    """
    inputs = scaled(torch.from_numpy(request.data.inputs[[0, -1]]), request.data)
    place = next((p.device for p in model.parameters()), torch.device("cpu"))
    was = [(part, part.training) for part in model.modules()]
    try:
        with torch.no_grad():
            outputs = model.eval()(inputs.to(place))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise _cannot_compute(tuple(inputs.shape[1:]), error) from None
    finally:
        for part, training in was:
            part.training = training
    if not isinstance(outputs, Tensor):
        raise _cannot_compute(tuple(inputs.shape[1:]), TypeError(f"{type(outputs).__name__} is no tensor"))
    return outputs


def _cannot_compute(shape: Sequence[int], error: Exception) -> ParameterInvalid:
    reason = first_line(error)
    comes = "×".join(map(str, shape))
    return ParameterInvalid(
        say(
            f"The network cannot compute with these data ({comes} for a sample): {reason}",
            f"网络无法处理这些数据（每个样本 {comes}）：{reason}",
        ),
        hint=say("print_model() shows what each layer takes and gives.", "print_model() 可以查看每一层的输入和输出。"),
    )


def _check_labels(targets: npt.NDArray[Any], outputs: int, request: TrainingRequest, loss: Loss) -> None:
    classes = max(int(targets.max()) + 1, 1)
    if outputs == 1 and classes <= 2:
        if loss.wants == "labels":
            raise _one_output()
        return
    if classes > outputs:
        raise _too_few_outputs(outputs, classes, request.data)


def _too_few_outputs(outputs: int, classes: int, data: TrainingData) -> ClassCountMismatch:
    names = shortened(map(one_line, data.classes))
    known = say(f" ({english(names)})", f"（{names}）") if names else ""
    larger = say(f"size must end in {classes}: size=(…, {classes}).", f"最后一层应写成 size=(…, {classes})。")
    number = say(
        f"To estimate numbers: nn('reg'). For classes, {english(larger)}", f"预测数值请用 nn('reg')；分类时{larger}"
    )
    return ClassCountMismatch(
        say(
            f"The last layer gives {_numbers(outputs)}, and there are {classes} classes{english(known)}.",
            f"最后一层输出 {outputs} 个数，而数据有 {classes} 个类别{known}。",
        ),
        hint=number if _look_measured(outputs, classes, data) else larger,
    )


def _look_measured(outputs: int, classes: int, data: TrainingData) -> bool:
    """Tell whether labels are numbers that are rather to be estimated: one is given, or there are about as many."""
    return all(map(_is_number, data.classes)) and (outputs == 1 or classes > max(_MOST_COUNTED, len(data.inputs) // 4))


def _is_number(name: str) -> bool:
    try:
        return math.isfinite(float(name))
    except ValueError:
        return False


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def _always_one() -> ParameterInvalid:
    return ParameterInvalid(
        say("A softmax of a single number is always 1.", "只有一个输出时，softmax 的结果总是 1。"),
        hint=say(
            "Leave the last activation out for numbers; use activation='sigmoid' and loss='BCELoss' for two classes.",
            "回归：最后一层不加激活函数；二分类：使用 activation='sigmoid' 和 loss='BCELoss'。",
        ),
    )


def _one_output() -> ParameterInvalid:
    return ParameterInvalid(
        say(
            "A single output cannot choose between classes with this loss.", "只有一个输出时，不能用这个损失函数分类。"
        ),
        hint=say(
            "Let the last layer give 2 numbers: size=(…, 2); or use activation='sigmoid' and loss='BCELoss'.",
            "请让最后一层输出 2 个数：size=(…, 2)；或使用 activation='sigmoid' 和 loss='BCELoss'。",
        ),
    )


def _check_numbers(targets: npt.NDArray[Any], outputs: int) -> None:
    wanted = int(np.prod(targets.shape[1:], dtype=np.int64))
    if wanted == outputs:
        return
    raise ParameterInvalid(
        say(
            f"The last layer gives {_numbers(outputs)}, and each sample has {wanted} to meet.",
            f"最后一层输出 {outputs} 个数，而每个样本的目标有 {wanted} 个数。",
        ),
        hint=say(f"Let its size end in {wanted}: size=(…, {wanted}).", f"请把最后一层写成 size=(…, {wanted})。"),
    )
