"""One exception tree for the whole family. Everybody may raise these; only what writes sentences is imported.

Every error carries the documented ``code``, a ``message`` that says what was found, and a ``hint`` that says what was
expected and what to do. Each is also the builtin that a Python programmer would expect.

- ``XEduError``
    - 1, paths: ``DatasetNotFound`` (-101), ``CheckpointNotFound`` (-102), ``ImageNotFound`` (-103),
      ``PathNotWritable`` (-104), ``PathExists`` (-105), ``LogNotFound`` (-106), ``WeightsUnavailable`` (-107)
    - 2, contents of files: ``DatasetInvalid`` (-201), ``CheckpointInvalid`` (-202), ``ImageUnsupported`` (-203),
      ``RecipeInvalid`` (-204), ``ImageDamaged`` (-205), ``ModelUnsupported`` (-206)
    - 3, values: ``DeviceUnavailable`` (-301), ``BackboneUnknown`` (-302), ``ValidateNotBoolean`` (-303),
      ``ImageTypeUnsupported`` (-304), ``ParameterInvalid`` (-305), ``ClassCountMismatch`` (-306),
      ``MetricUnsupported`` (-307), ``GridMismatch`` (-308), ``InputMismatch`` (-309), ``TaskMismatch`` (-311),
      ``TaskUnknown`` (-312)
    - 4, what a model can do: ``MethodUnsupported`` (-405)
    - 5, parameters: ``ParameterUnknown`` (-501), ``DependencyMissing`` (-502), ``NameUnknown`` (-503),
      ``MemberUnknown`` (-504)
    - 6, order of calls: ``NothingToShow`` (-601), ``NothingLoaded`` (-602), ``DatasetNotLoaded`` (-603),
      ``CannotResume`` (-604)
    - 7, annotations: ``AnnotationMissing`` (-701)
    - 8, while running: ``TrainingInterrupted`` (-801), ``LossNotFinite`` (-802), ``DiskFull`` (-803),
      ``MemoryExhausted`` (-804), ``WorkerFailed`` (-805), ``ExportFailed`` (-806), ``ExportDiffers`` (-807),
      ``AccuracyLost`` (-808)
"""

from __future__ import annotations

import difflib
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from BaseDT.escaping import visible
from BaseDT.language import english, say
from BaseDT.sentences import tidied


class XEduError(Exception):
    """The root of the tree: a mistake that we can name.

    Attributes:
        code: The documented number.
        message: What was found, in one sentence, in the user's language.
    """

    code: ClassVar[int] = 0

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = tidied(message)
        self.hint = hint

    @property
    def message_en(self) -> str:
        """The message in English, for programs and for searching, whatever the user's language."""
        return english(self.message)

    @property
    def hint(self) -> str:
        """What was expected and what to do, in the user's language; may be empty."""
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = tidied(text)  # parts of it, such as "did you mean", may be empty

    def __str__(self) -> str:
        text = f"Error Code: {self.code}. {self.message}"
        # A message quotes names out of files, and is mostly shown on a terminal, by whomever.
        return visible(f"{text}\n{self.hint}" if self.hint else text)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message,), {"hint": self.hint}

    def _render_traceback_(self) -> list[str]:
        """What Jupyter and IPython show in place of a traceback."""
        return [str(self)]


class DatasetNotFound(XEduError, FileNotFoundError):
    """The dataset directory does not exist."""

    code = -101


class CheckpointNotFound(XEduError, FileNotFoundError):
    """The checkpoint file does not exist."""

    code = -102


class ImageNotFound(XEduError, FileNotFoundError):
    """The file to infer does not exist."""

    code = -103


class PathNotWritable(XEduError, PermissionError):
    """A file or folder cannot be written."""

    code = -104


class PathExists(XEduError, FileExistsError):
    """A file or folder is there already, and is not overwritten."""

    code = -105


class LogNotFound(XEduError, FileNotFoundError):
    """There is no training log."""

    code = -106


class WeightsUnavailable(XEduError, FileNotFoundError):
    """Pretrained weights are not on this machine, and could not be downloaded."""

    code = -107


class DatasetInvalid(XEduError, ValueError):
    """The dataset's layout or one of its files is wrong."""

    code = -201


class CheckpointInvalid(XEduError, ValueError):
    """The checkpoint is not one that can be used here."""

    code = -202


class ImageUnsupported(XEduError, ValueError):
    """The file is of no supported image type."""

    code = -203


class RecipeInvalid(XEduError, ValueError):
    """A recipe file cannot be used."""

    code = -204


class ImageDamaged(XEduError, ValueError):
    """The file is an image, but does not decode whole."""

    code = -205


class ModelUnsupported(XEduError, ValueError):
    """The model is whole, but too new for this runtime, or of a task or kind unknown to this mmedu."""

    code = -206


class DeviceUnavailable(XEduError, ValueError):
    """No such device, or it is not on this machine."""

    code = -301


class BackboneUnknown(XEduError, ValueError):
    """No model of this name."""

    code = -302


class ValidateNotBoolean(XEduError, TypeError):
    """``validate`` is neither ``True`` nor ``False``."""

    code = -303


class ImageTypeUnsupported(XEduError, TypeError):
    """The image argument has a type that holds no image."""

    code = -304


class ParameterInvalid(XEduError, ValueError):
    """A parameter has a value that cannot work, or an argument is missing."""

    code = -305


class ClassCountMismatch(XEduError, ValueError):
    """``num_classes`` disagrees with the data, or a picture needs another number of features."""

    code = -306


class MetricUnsupported(XEduError, ValueError):
    """The metric is not one that this model is measured by, or the labels that it needs are missing."""

    code = -307


class GridMismatch(XEduError, ValueError):
    """The grid of a picture does not fit the number of its parts."""

    code = -308


class InputMismatch(XEduError, ValueError):
    """The data have another shape or type than those that the model was trained with."""

    code = -309


class TaskMismatch(XEduError, ValueError):
    """The model was made for another task."""

    code = -311


class TaskUnknown(XEduError, ValueError):
    """No task of this name."""

    code = -312


class MethodUnsupported(XEduError, NotImplementedError):
    """This kind of model cannot do what was asked for."""

    code = -405


class ParameterUnknown(XEduError, TypeError):
    """No such parameter."""

    code = -501


class DependencyMissing(XEduError, ImportError):
    """An optional part is not installed."""

    code = -502


class NameUnknown(XEduError, ImportError):
    """A module has no such name to import, or not in this version."""

    code = -503


class MemberUnknown(XEduError, AttributeError):
    """A model has no such method or attribute."""

    code = -504


class NothingToShow(XEduError, RuntimeError):
    """A result was asked for before there was one, or its picture has changed since."""

    code = -601


class NothingLoaded(XEduError, RuntimeError):
    """Inference was asked for before anything was loaded."""

    code = -602


class DatasetNotLoaded(XEduError, RuntimeError):
    """Training was asked for before ``load_dataset``, or of fewer than two classes."""

    code = -603


class CannotResume(XEduError, RuntimeError):
    """There is no run that could be continued, or it is not the same run any more."""

    code = -604


class AnnotationMissing(XEduError, ValueError):
    """An annotation is missing."""

    code = -701


class TrainingInterrupted(XEduError, KeyboardInterrupt):
    """The user stopped the training."""

    code = -801


class LossNotFinite(XEduError, FloatingPointError):
    """The loss became NaN or infinite."""

    code = -802


class DiskFull(XEduError, OSError):
    """There is no room left for a file."""

    code = -803


class MemoryExhausted(XEduError, MemoryError):
    """There is not enough memory, even for the smallest batch."""

    code = -804


class WorkerFailed(XEduError, RuntimeError):
    """One of several training processes ended with an error."""

    code = -805


class ExportFailed(XEduError, RuntimeError):
    """A model cannot be written in the format that was asked for."""

    code = -806


class ExportDiffers(XEduError, RuntimeError):
    """The exported model does not say what the trained one says."""

    code = -807


class AccuracyLost(XEduError, RuntimeError):
    """Fewer bits would cost more accuracy than is allowed."""

    code = -808


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known name, or an empty text.

    Args:
        name: What the user wrote.
        names: The names that exist; letter case is ignored in the comparison.
    """
    by_lower = {item.lower(): item for item in reversed(list(names))}  # of equals the first
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    near = near or [item for item in by_lower if len(item) > 2 and sorted(item) == sorted(name.lower())]  # rule, relu
    if not near:
        return ""
    return say(f"Did you mean '{by_lower[near[0]]}'?", f"你是不是想写 '{by_lower[near[0]]}'？")


def _users_line(trace: TracebackType | None) -> str:
    """Name the last line of the user's own code in a traceback: the place to mend."""
    frames = [
        summary
        for (frame, _), summary in zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True)
        if _is_users(summary.filename, str(frame.f_globals.get("__name__", "")))
    ]
    if not frames:
        return ""
    last = frames[-1]
    location = f'File "{last.filename}", line {last.lineno}'
    return f"{location}\n    {last.line}\n" if last.line else f"{location}\n"


def _is_users(file: str, module: str) -> bool:
    """Tell whether code is the user's: not ours, Python's, a package's, nor generated as in dataclasses."""
    if file.startswith("<"):  # <stdin>, and python -c, whose code is <string>
        return module == "__main__"
    path = Path(file).resolve()
    homes = (Path(__file__).parents[1], *(Path(sysconfig.get_paths()[name]) for name in ("stdlib", "platstdlib")))
    is_package = any(part in ("site-packages", "dist-packages") for part in path.parts)
    return not is_package and not any(home.resolve() in path.parents for home in homes)


def show_named_errors_plainly() -> None:
    """Let an uncaught ``XEduError`` end a script with its message and the user's own line, not with a traceback.

    Every other exception goes to the hook that was there before. ``MMEDU_TRACEBACK=1`` shows full tracebacks.
    """
    previous = sys.excepthook
    if getattr(previous, "shows_named_errors", False):
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt) and isinstance(error.__context__, XEduError):
            error = error.__context__  # an impatient second Ctrl-C: what the first one has saved is worth more
        if not isinstance(error, XEduError) or os.environ.get("MMEDU_TRACEBACK", "") not in ("", "0"):
            previous(kind, error, trace)
            return
        sys.stderr.write(f"{_users_line(trace)}{error}\n")

    hook.shows_named_errors = True  # type: ignore[attr-defined]
    sys.excepthook = hook
