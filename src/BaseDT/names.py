"""Names of classes as people mean them: macOS, archives and editors write the letter é in two ways. All may call it."""

from __future__ import annotations

import unicodedata


def composed(name: str) -> str:
    """Return the one spelling of a name by which it is compared and shown: NFC."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)
