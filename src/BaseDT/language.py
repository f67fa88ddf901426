"""Which language a message is shown in. Everybody may call it; it knows nothing of the rest of the project."""

from __future__ import annotations

import locale
import os


def is_chinese() -> bool:
    """Tell whether hints are shown in Chinese: ``MMEDU_LANG`` decides, otherwise the locale."""
    wanted = os.environ.get("MMEDU_LANG", "").strip().lower()
    if wanted:
        return wanted.startswith("zh")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        if value := os.environ.get(name, ""):
            return value.lower().startswith("zh")
    # Windows and macOS set none of these; there the locale is the system's own ("Chinese (Simplified)_China").
    return (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese"))


def say(en: str, zh: str) -> str:
    """Return the text in the user's language.

    Args:
        en: The text in English.
        zh: The same in Chinese.
    """
    return zh if is_chinese() else en
