"""BaseDT: pictures, datasets and results. The torch-free foundation of MMEdu.

The rooms are imported by their own names (``BaseDT.image``, ``BaseDT.preprocess``, ...), so that a program pays only
for what it uses. Nothing here imports torch.
"""

from __future__ import annotations

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    from BaseDT.missing_names import no_such_name

    raise no_such_name(__name__, name)
