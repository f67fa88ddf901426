"""What torch's launcher starts: ``python -m MMEdu.engine.worker JOB``. One of several processes of a training.

The job names the function that does the work, so that the engine need not know who asks it.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(job_file: str) -> None:
    """Do the work of a job.

    Args:
        job_file: A JSON file with ``function`` (``"module:function"``) and what that function takes.
    """
    path = Path(job_file)
    job = json.loads(path.read_text(encoding="utf-8"))
    module, _, function = job["function"].partition(":")
    getattr(importlib.import_module(module), function)(job, path.parent)


if __name__ == "__main__":
    main(sys.argv[1])
