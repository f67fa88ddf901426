"""Whether the files of a model belong together: the one that describes it names the hash of the one with its weights.

Two files cannot be renamed in one step: where a program was killed between the two, or one was copied by hand, the old
numbers would answer under the new names. Files without a hash, of older versions and of other tools, are taken as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say

KEY = "weights_sha256"
"""Of the property that holds the hash."""
_TEXT = 1 << 20
"""Bytes: no description of a network is longer."""


def of(*parts: bytes) -> str:
    """Return the SHA-256 of a model's other files in hexadecimal digits. 20 MB take some 15 ms.

    Line ends of a text are not counted: tools that carry files between systems change them.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.replace(b"\r\n", b"\n") if len(part) < _TEXT and b"\0" not in part else part)
    return digest.hexdigest()


def check(metadata: Mapping[str, str], described_by: Path, *others: Path) -> None:
    """Make sure that the files beside a model are those that it was written with.

    Args:
        metadata: The properties of the model, of which one may name the hash.
        described_by: The file that they stand in, for the message.
        others: The files beside it, in the order in which they were hashed; the last one has the weights.

    Raises:
        CheckpointInvalid: They are another model's (-202).
    """
    expected = metadata.get(KEY)
    if expected is None or expected == of(*(file.read_bytes() for file in others)):
        return
    weights = others[-1]
    raise CheckpointInvalid(
        say(
            f"{weights.name} holds the weights of another model than {described_by.name} describes.",
            f"{weights.name} 中的权重与 {described_by.name} 描述的不是同一个模型。",
        ),
        hint=say(
            "One of the two files is older: copy both again, or convert the model anew.",
            "其中一个文件是旧的：请重新复制这两个文件，或重新转换模型。",
        ),
    )
