"""The input of an exported model is 32 bits, as runtimes and boards expect; what a user typed is decimals.

5.1 becomes 5.0999999 in 32 bits. Nearest neighbours that are equally far, and borders that lie on a number of the data,
would be decided by that digit. A number that is a decimal with few digits, to within the rounding of 32 bits, is taken
for that decimal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from BaseML.export.graph import Graph

_DIGITS = (6, 4, 2)
"""Behind the point; the fewest win."""
_ROUNDING = 6e-8
"""Of 32 bits: 2⁻²⁴."""
_NO_DIGITS = 1.5 * 2**52
"""What is added to it keeps no digits behind the point: it is rounded, without an operator that old runtimes lack."""


def restored(graph: Graph, value: str) -> str:
    """Return a value of 32 bits in 64, where it can be with the digits that were typed."""
    exact = graph.as_double(value)
    size = graph.op("Abs", exact)
    tolerance = graph.multiply(size, graph.constant(_ROUNDING))
    no_digits = graph.constant(_NO_DIGITS)
    found = size
    for digits in _DIGITS:
        unit = graph.constant(10.0**digits)
        whole = graph.subtract(graph.add(graph.multiply(size, unit), no_digits), no_digits)
        decimal = graph.divide(whole, unit)
        differs = graph.is_less(tolerance, graph.op("Abs", graph.subtract(decimal, size)))
        same = graph.subtract(graph.constant(1.0), differs)
        found = graph.add(graph.multiply(same, decimal), graph.multiply(differs, found))
    negative = graph.is_less(exact, graph.constant(0.0))
    return graph.multiply(found, graph.subtract(graph.constant(1.0), graph.add(negative, negative)))


def as_seen(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return rows as an exported model sees them: what ``restored`` gives of them in 32 bits."""
    exact = rows.astype(np.float32).astype(np.float64)
    found = exact
    for digits in _DIGITS:
        decimal = np.round(exact * 10.0**digits) / 10.0**digits
        found = np.where(np.abs(decimal - exact) > np.abs(exact) * _ROUNDING, found, decimal)
    return found
