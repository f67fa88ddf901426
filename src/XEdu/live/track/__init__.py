"""Objects over time: which box is the one of the picture before, who crosses a line, how many there were.

``Tracker`` gives numbers to what a detector finds, ``Counter`` counts it. Only arithmetic: no model, no camera, no file
(``CountTable`` writes one). Own code, because no library for it fits a board: trackers and supervision bring SciPy,
Matplotlib, and a second OpenCV or PyAV, norfair and motpy SciPy, boxmot PyTorch and the AGPL.
"""

from __future__ import annotations

from XEdu.live.track.counter import Counter, Crossing
from XEdu.live.track.line import Line
from XEdu.live.track.objects import TrackedObject
from XEdu.live.track.table import CountTable
from XEdu.live.track.tracker import Tracker

__all__ = ["CountTable", "Counter", "Crossing", "Line", "TrackedObject", "Tracker"]
