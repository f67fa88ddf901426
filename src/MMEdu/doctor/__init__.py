"""What is wrong with an environment, and the command that mends it. ``mmedu doctor`` shows what is found here.

Torch-free: torch is only ever imported in a second process, because a broken one can take its process down.
"""

from __future__ import annotations

from MMEdu.doctor.finding import Finding, Status
from MMEdu.doctor.machine import examine_machine, examine_python
from MMEdu.doctor.packages import examine_packages
from MMEdu.doctor.pytorch import examine_torch
from MMEdu.doctor.surroundings import Surroundings

__all__ = ["Finding", "Status", "Surroundings", "examine"]


def examine(surroundings: Surroundings) -> list[Finding]:
    """Look at everything that can keep the library from working, in the order in which one would mend it.

    Args:
        surroundings: What to look at; ``Surroundings.here()`` is this process.
    """
    return [
        examine_python(surroundings),
        *examine_packages(surroundings),
        *examine_torch(surroundings),
        *examine_machine(surroundings),
    ]
