"""A process that measures one model and ends: its memory and its threads belong to that model alone.

Started by ``XEdu.benchmark.conduct`` with the paths of the job and of the figures, both JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

from BaseDT.errors import XEduError
from BaseDT.files import write_whole


def main(job_file: str, figures_file: str) -> None:
    """Do the job in a file, and leave the figures, or the named error, in another."""
    from XEdu.benchmark.measure import job_of, measure

    try:
        figures = measure(job_of(json.loads(Path(job_file).read_text(encoding="utf-8"))))
    except XEduError as error:
        figures = {"error": str(error).replace("\n", " ")}
    write_whole(Path(figures_file), json.dumps(figures).encode(), durable=False)
