"""The program that measures the memory of a board's own process: nothing of the bench is in it.

Started by ``deploy.py`` as ``python -c``, with the paths of a model and of a picture.
"""

from __future__ import annotations

MEMORY = """
import json, sys, time

def kept(key):
    try:
        lines = open("/proc/self/status", encoding="ascii", errors="replace").read().splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(key))
    except OSError:
        import psutil
        return psutil.Process().memory_info().rss / 1e6

before = kept("VmRSS")
began = time.perf_counter()
from XEdu.hub import Workflow
found = {"before_mb": before, "import_s": time.perf_counter() - began, "import_mb": kept("VmRSS")}
model = Workflow(task="mmedu", checkpoint=sys.argv[1])
model.inference(data=sys.argv[2])
print(json.dumps({**found, "process_mb": kept("VmRSS"), "peak_mb": kept("VmHWM")}))
"""
"""Prints seconds and MB (10⁶ bytes) as JSON."""
