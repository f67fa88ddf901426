"""What is said of a name that a module or a model does not have: what it is called, or that it is not there yet.

For a module's ``__getattr__``, whose last line is ``raise no_such_name(__name__, name)``, and for classes: ``Named``.
"""

from __future__ import annotations

import dis
import pkgutil
import sys
from collections.abc import Collection
from types import FrameType
from typing import TYPE_CHECKING, Any

from BaseDT.errors import MemberUnknown, NameUnknown, did_you_mean
from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseDT.listing import shortened

_IMPORT_FROM = dis.opmap["IMPORT_FROM"]


def no_such_name(module: str, name: str, coming: Collection[str] = ()) -> NameUnknown | AttributeError:
    """Make the error of a name that a module lacks; called by its ``__getattr__`` alone.

    Args:
        module: The module's name.
        name: What was asked for.
        coming: Names of the documents that this version does not have yet.

    Returns:
        An ``ImportError`` with a hint for ``from module import name``; for all else, such as ``hasattr``, the
        ``AttributeError`` that Python expects.
    """
    if name.startswith("_"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    later = next((item for item in coming if item.lower() == name.lower()), None)
    if later is not None:
        message = say(f"{module} of this version has no {later} yet.", f"当前版本的 {module} 还没有 {later}。")
    else:
        message = say(f"{module} has no '{one_line(name)}'.", f"{module} 中没有 '{one_line(name)}'。")
    known = _names(module)
    near = "" if later is not None else did_you_mean(name, known)
    if _is_import(sys._getframe(2)):
        few = shortened(known, 20)
        return NameUnknown(message, hint=f"{near} " + say(f"It has: {english(few)}.", f"可用的名称：{few}。"))
    return AttributeError(f"module {module!r} has no attribute {name!r}. {near}".rstrip())


class Named:
    """What a documented class derives from: a misspelt method or attribute is answered with what it is called."""

    if not TYPE_CHECKING:  # a type checker is to find misspelt names itself

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            if hasattr(type(self), name):  # a property that failed: its own error says more
                return object.__getattribute__(self, name)
            raise _no_such_member(self, name)


def _no_such_member(owner: object, name: str) -> MemberUnknown:
    kind = type(owner).__name__
    known = [item for item in dir(owner) if not item.startswith("_")]
    callable_ = [item for item in known if callable(getattr(type(owner), item, None))]
    few = shortened(callable_, 40)
    return MemberUnknown(
        say(f"{kind} has no '{one_line(name)}'.", f"{kind} 没有 '{one_line(name)}'。"),
        hint=f"{did_you_mean(name, known)} " + say(f"It can: {english(few)}.", f"可用的方法：{few}。"),
    )


def _is_import(frame: FrameType | None) -> bool:
    """Tell whether a frame is in the midst of ``from module import name``.

    Where Python only asks whether a name is there (it does so before it looks for a module of that name), the answer
    must be an ``AttributeError``.
    """
    return frame is not None and frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM


def _names(module: str) -> list[str]:
    """Return what may be imported from a module, its documented names first."""
    content = sys.modules[module]
    documented = list(getattr(content, "__all__", ()))
    inner = [item.name for item in pkgutil.iter_modules(getattr(content, "__path__", ()))]
    listed = dict.fromkeys((*documented, *(inner if not documented else ())))
    return [name for name in listed if not name.startswith("_")]
