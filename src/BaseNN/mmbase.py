"""``MMBase``: the documents' spelling of a network (``add_layer``, ``.pkl`` files), each call one of ``nn``."""

from __future__ import annotations


class MMBase:
    """A network that is laid layer by layer, in the documents' first spelling."""
