"""Losses by the names of ``torch.nn``, from a table: nothing that a user writes is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the usual name)

from BaseDT.arguments import invalid
from BaseDT.errors import did_you_mean
from BaseDT.language import say


@dataclass(frozen=True)
class Loss:
    """A loss.

    Attributes:
        name: As ``torch.nn`` has it.
        wants: Targets as ``labels`` (N,) of classes (or shares of each, (N, K)), or as ``numbers`` (N, K); classes then
            are 1 in their own column and 0 in the others.
        compute: ``(outputs (N, K), targets) -> loss``.
        of_logits: Whether it has the softmax within: a softmax at the end of the network is left out for it, as two of
            them in a row leave hardly anything to learn from.
    """

    name: str
    wants: Literal["labels", "numbers"]
    compute: Callable[[Tensor, Tensor], Tensor]
    of_logits: bool = False


def _divergence(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.kl_div(F.log_softmax(outputs, dim=1), targets, reduction="batchmean")


def _soft_margin(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.soft_margin_loss(outputs, 2 * targets - 1)


def _margin(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.multi_margin_loss(outputs, targets if targets.ndim == 1 else targets.argmax(dim=1))


# Cross-entropy of what is a logarithm of probabilities already is that of ``NLLLoss``: log_softmax changes no such.
LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("CrossEntropyLoss", "labels", F.cross_entropy, of_logits=True),
        Loss("NLLLoss", "labels", F.cross_entropy, of_logits=True),
        Loss("MultiMarginLoss", "labels", _margin),
        Loss("MSELoss", "numbers", F.mse_loss),
        Loss("L1Loss", "numbers", F.l1_loss),
        Loss("SmoothL1Loss", "numbers", F.smooth_l1_loss),
        Loss("HuberLoss", "numbers", F.huber_loss),
        Loss("BCELoss", "numbers", F.binary_cross_entropy),
        Loss("BCEWithLogitsLoss", "numbers", F.binary_cross_entropy_with_logits),
        Loss("KLDivLoss", "numbers", _divergence, of_logits=True),
        Loss("PoissonNLLLoss", "numbers", F.poisson_nll_loss),
        Loss("MultiLabelSoftMarginLoss", "numbers", F.multilabel_soft_margin_loss),
        Loss("SoftMarginLoss", "numbers", _soft_margin),
    )
}


def loss_named(name: object) -> Loss:
    """Return a loss, whatever the letter case of its name.

    Raises:
        ParameterInvalid: There is no such loss, or not here (-305).
    """
    by_name = {known.lower(): loss for known, loss in LOSSES.items()}
    if isinstance(name, str) and name.strip().lower() in by_name:
        return by_name[name.strip().lower()]
    listed = ", ".join(LOSSES)
    error = invalid("loss", name, f"one of {listed}", f"以下之一：{listed}")
    if isinstance(name, str):
        error.hint = f"{did_you_mean(name, LOSSES)} {error.hint}".strip()
    raise error


def ends_in(model: nn.Module, kind: type[nn.Module]) -> bool:
    """Tell whether the last layer of a network is of a kind."""
    layers = list(model.children()) if isinstance(model, nn.Sequential) else []
    return bool(layers) and isinstance(layers[-1], kind)


def suited(loss: Loss, model: nn.Module) -> Loss:
    """Return the loss for what a network gives: of a sigmoid the one that has none within.

    Raises:
        ParameterInvalid: It wants shares from 0 to 1, and the network gives any number (-305).
    """
    if loss.name == "BCEWithLogitsLoss" and ends_in(model, nn.Sigmoid):
        return LOSSES["BCELoss"]
    if loss.name == "BCELoss" and not _gives_shares(model):
        error = invalid("loss", "BCELoss", "of a network that gives numbers from 0 to 1", "用于输出 0 到 1 的网络")
        error.hint = say(
            "Let the last layer have activation='sigmoid' (or 'softmax'), or use loss='BCEWithLogitsLoss'.",
            "请让最后一层使用 activation='sigmoid'（或 'softmax'），或改用 loss='BCEWithLogitsLoss'。",
        )
        raise error
    return loss


def _gives_shares(model: nn.Module) -> bool:
    known = (nn.Sigmoid, nn.Softmax)
    if not isinstance(model, nn.Sequential):  # a module of the user's own may end in anything
        return True
    layers = list(model.children())
    ours = layers and type(layers[-1]).__module__.startswith("torch.nn.")
    return not ours or isinstance(layers[-1], known)


def learner_of(model: nn.Module, loss: Loss) -> nn.Module:
    """Return what is trained: the network, less its last softmax where the loss has one within."""
    if loss.of_logits and ends_in(model, nn.Softmax):
        return nn.Sequential(*list(model.children())[:-1])
    return model


def as_numbers(labels: Tensor, outputs: int) -> Tensor:
    """Return labels (N,) as numbers (N, K): 1 in the column of the class; of one output the label itself."""
    if outputs == 1:
        return labels.to(torch.float32).unsqueeze(1)
    return F.one_hot(labels, outputs).to(torch.float32)
