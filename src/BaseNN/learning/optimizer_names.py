"""Names of optimisers, as ``nn.optimizer`` and ``add(optimizer=)`` take them. Torch-free."""

from __future__ import annotations

from BaseDT.arguments import checked_name

OPTIMIZERS = ("Adam", "SGD", "Adagrad", "ASGD")


def checked_optimizer(value: object) -> str:
    """Return the name of an optimiser as it is documented, whatever its letter case.

    Raises:
        ParameterInvalid: There is no such optimiser (-305); the hint offers the nearest.
    """
    return checked_name("optimizer", value, {name.lower(): name for name in OPTIMIZERS})
