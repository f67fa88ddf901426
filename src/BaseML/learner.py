"""``baseml``: what the four documented classes share. Two models are two models."""

from __future__ import annotations


class baseml:  # noqa: N801 - the documents' name
    """A model that is loaded with data, trained, asked, drawn, saved."""
