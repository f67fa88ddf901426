"""numpy multiplies matrices on one core in a server: its threads wait for each other by spinning.

Beside whatever else runs, two of them take several times as long as one, and keep live answers from their core.
"""

from __future__ import annotations

import os
import sys

_VARIABLE = "OPENBLAS_NUM_THREADS"


def on_one_core() -> None:
    """Load numpy so. OpenBLAS reads the variable when it is loaded; jobs inherit the environment, and not this."""
    if "numpy" in sys.modules or _VARIABLE in os.environ:
        return
    os.environ[_VARIABLE] = "1"
    try:
        import numpy as np

        np.zeros(1)
    finally:
        del os.environ[_VARIABLE]
