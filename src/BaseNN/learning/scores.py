"""How good answers to held-out samples are."""

from __future__ import annotations

from torch import Tensor, nn

from BaseNN.learning.goals import Goal
from BaseNN.learning.metrics import measured


def of_held_out(goal: Goal, outputs: Tensor, targets: Tensor, model: nn.Module) -> dict[str, float]:
    """Score what the whole network gives.

    Args:
        goal: What it is to meet.
        outputs: (N, K), after a softmax at its end.
        targets: As the goal makes them.
        model: The network.

    Returns:
        ``acc`` (a share from 0 to 1) and ``loss`` of classes; ``mae``, ``mse``, ``r2`` and ``loss`` of numbers.
    """
    loss = float(goal.compute_whole(outputs, targets, model))
    if goal.chooses:
        return {"acc": float(measured("acc", outputs, targets, logits=goal.are_logits(False))), "loss": loss}
    mae, mse = (float(measured(name, outputs, targets, logits=False)) for name in ("mae", "mse"))
    spread = float((targets - targets.mean(dim=0)).square().mean())
    return {"mae": mae, "mse": mse, "r2": 1 - mse / spread if spread else 0.0, "loss": loss}
