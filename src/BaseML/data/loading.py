"""What ``load_dataset`` takes, whatever its form, as rows of numbers with what is to be learned of them."""

from __future__ import annotations

import os

from BaseDT.arguments import check_choice, checked_path, invalid
from BaseDT.escaping import quoted
from BaseDT.tabular.reading import read_table
from BaseML.data.from_memory import of_memory
from BaseML.data.from_table import of_table
from BaseML.data.loaded import Loaded, Wanted

_FORMS = ("csv", "txt", "numpy", "pandas", "list")


def load(x: object, y: object, form: object, x_column: object, y_column: object, wanted: Wanted) -> Loaded:
    """Read what the user gave.

    Args:
        x: A path, an array, lists, a frame.
        y: Likewise; empty or None where the labels are columns of ``x``, or there are none.
        form: One of the documented ``type``; None looks at ``x``.
        x_column: Columns to learn from; empty: all that are not labels.
        y_column: Columns of the labels; empty: all of ``y``; of a file the last, where labels are needed and
            it is not in ``x_column``.
        wanted: What ``y`` is for.

    Raises:
        DatasetNotFound, DatasetInvalid, ParameterInvalid: -101, -201, -305.
    """
    if form is not None:
        check_choice("type", form, _FORMS)
    is_file = isinstance(x, (str, os.PathLike))
    if form in ("csv", "txt") and not is_file:
        found = quoted(x, 60)
        raise invalid("X", found, f"the path of a file, as type={form!r} says", f"文件路径（type={form!r}）")
    if is_file:
        return of_table(read_table(checked_path("X", x)), x_column, y_column, wanted)
    return of_memory(x, y, x_column, y_column, wanted)
