"""Which kinds of programs there are: every file of this room that has ``KIND``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping

from BaseDT.arguments import invalid
from MMEdu.studio import programs
from MMEdu.studio.programs.kind import Kind


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """Return them by their names."""
    here = f"{programs.__name__}.kinds"
    names = [f"{programs.__name__}.{module.name}" for module in pkgutil.iter_modules(programs.__path__)]
    modules = [importlib.import_module(name) for name in names if name != here]
    found = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in found}


def kind_of(name: object) -> Kind:
    """Return a kind.

    Raises:
        ParameterInvalid: There is none of this name (-305).
    """
    if isinstance(name, str) and name in kinds():
        return kinds()[name]
    listed = ", ".join(kinds())
    raise invalid("kind", name, f"one of {listed}", f"以下之一：{listed}")
