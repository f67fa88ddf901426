"""A process that measures one model and ends: its memory and its threads belong to that model alone.

Started by ``XEdu.benchmark.conduct`` with the paths of the job and of the answer, both JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

from BaseDT.errors import XEduError
from BaseDT.files import write_whole


def main(job: str, answer: str) -> None:
    """Do the job in a file, and leave the figures, or the named error, in another."""
    from XEdu.benchmark.measure import job_of, measure

    try:
        found = measure(job_of(json.loads(Path(job).read_text(encoding="utf-8"))))
    except XEduError as error:
        found = {"error": str(error).replace("\n", " ")}
    write_whole(Path(answer), json.dumps(found).encode(), durable=False)
