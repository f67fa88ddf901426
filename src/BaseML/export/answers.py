"""What an algorithm's graph gives: scores or numbers, and labels where there are some."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answers:
    """Values of a graph.

    Attributes:
        output: (N, K) in 64 bits: shares or votes of classes, numbers, columns; of groups how near: minus the distance.
        best: (N,) which of ``labels``; None where there are none.
        labels: What the estimator calls its classes or groups.
        width: K.
        space: About how many numbers each row needs in between.
        shares: Whether ``output`` tells how sure a classifier is.
    """

    output: str
    width: int
    best: str | None = None
    labels: tuple[int, ...] = ()
    space: int = 0
    shares: bool = True
