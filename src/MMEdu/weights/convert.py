"""What happens to tensors on their way from a source's names to ours, and back. The only tables' part with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from MMEdu.weights.tables import Table


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


OPERATIONS: dict[str, Operation] = {
    "background_last_rows": Operation(_first_row_last, _last_row_first),
}


def to_ours(table: Table, state: Mapping[str, Tensor], own: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
    """Give a source's weights our names.

    Args:
        table: How the source's names become ours.
        state: The source's weights; names without a place are left out.
        own: The weights of the network that will take them, for forms of a source that lack some of ours.

    Returns:
        Weights by our names; tensors that nothing happens to are the source's own, not copies.
    """
    names = table.to_ours(state)
    out = {ours: _convert(table, source, state[source]) for source, ours in names.items()}
    for name, number in table.fills(own or {}).items():
        if own is not None and name not in out:
            out[name] = own[name] if number is None else torch.full_like(own[name], number)
    return out


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
