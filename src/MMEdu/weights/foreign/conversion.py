"""What happens to tensors on their way from a source's names to ours, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from MMEdu.weights.foreign.shapes import empty
from MMEdu.weights.foreign.tables import DROPPED, Table
from MMEdu.weights.state_dict import wrapper_prefix


@dataclass(frozen=True)
class Operation:
    """What a rule does to a tensor, and what undoes it."""

    forward: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor], Tensor]


def _first_row_last(rows: Tensor) -> Tensor:
    """Move the row of the background from the first to the last place."""
    return rows.roll(-1, 0)


def _last_row_first(rows: Tensor) -> Tensor:
    return rows.roll(1, 0)


def _without_first(count: int) -> Operation:
    """Leave out rows; zeros stand in them on the way back."""
    return Operation(lambda rows: rows[count:], lambda rows: torch.cat((torch.zeros_like(rows[:count]), rows)))


OPERATIONS: dict[str, Operation] = {
    "background_last_rows": Operation(_first_row_last, _last_row_first),
    **{name: _without_first(count) for name, count in DROPPED.items()},
}


def to_ours(table: Table, state: Mapping[str, Tensor], num_classes: int | None = None) -> dict[str, Tensor]:
    """Give a source's weights our names.

    Args:
        table: How the source's names become ours.
        state: The source's weights; names without a place are left out.
        num_classes: For how many classes its head is, if it has one.

    Returns:
        Weights by our names, with those that the source's form lacks; what nothing happens to is no copy.
    """
    prefix = wrapper_prefix(state)
    names = table.to_ours(name.removeprefix(prefix) for name in state)
    out = {ours: _convert(table, source, state[prefix + source]) for source, ours in names.items()}
    if table.fill:
        empty_state = empty(table.backbone, table.task, num_classes or 1)
        numbers = table.fills(name for name in empty_state if name not in out)
        out.update({name: _filled(empty_state[name], number) for name, number in numbers.items()})
    return out


def _filled(tensor: Tensor, number: float | None) -> Tensor:
    if number is not None:
        return torch.full_like(tensor, number, device="cpu")
    # As torch draws a convolution, but always the same: what is multiplied by 0 must not make two loads differ.
    seed = torch.Generator().manual_seed(0)
    return torch.nn.init.kaiming_uniform_(torch.empty_like(tensor, device="cpu"), a=5**0.5, generator=seed)


def _convert(table: Table, source: str, tensor: Tensor) -> Tensor:
    operation = _operation(table, source)
    return tensor if operation is None else operation.forward(tensor)


def _operation(table: Table, source: str) -> Operation | None:
    if not any(rule.convert for rule in table.rules):
        return None
    rule = table.rule_of(source)
    return None if rule is None or rule.convert is None else OPERATIONS[rule.convert]


def to_source(table: Table, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give our weights the source's names: ``to_ours`` backwards."""
    out = {}
    for ours, source in table.to_source(state).items():
        operation = _operation(table, source)
        out[source] = state[ours] if operation is None else operation.backward(state[ours])
    return out
