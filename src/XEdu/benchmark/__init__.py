"""Measures exported models on the machine at hand: size, accuracy, images per second, latency, memory.

``run`` is the door; every measure happens in a process of its own (``worker``), so that memory and threads are honest.
Only the light install is needed.
"""

from __future__ import annotations

from XEdu.benchmark.conduct import run
from XEdu.benchmark.report import Report, Row, as_json, as_markdown

__all__ = ["Report", "Row", "as_json", "as_markdown", "run"]
