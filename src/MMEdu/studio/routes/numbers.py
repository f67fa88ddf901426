"""Classic machine learning on tables.

- ``GET /api/numbers`` → {families: [{family, name, shows, tells, algorithms: [{name, shows, arguments: JSON schema,
  labels, exports}]}], missing: [package], install}. Works without scikit-learn.
- ``POST /api/numbers/table {dataset}`` → {dataset, columns: [{number, name, holds: "numbers"|"words"|"gaps", kinds,
  tells: "classes"|"numbers"}], rows, sample}
"""

from __future__ import annotations

from BaseDT.errors import DatasetInvalid
from BaseDT.files import what_is_at
from BaseDT.language import say
from MMEdu.actions import classic_forms, learning_tables
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.programs import places


def what_there_is(asked: Asked) -> object:
    """Describe what can be done with a table."""
    del asked
    return {
        "families": classic_forms.families(),
        "missing": classic_forms.missing(),
        "install": classic_forms.INSTALL_ML,
    }


def table(asked: Asked) -> object:
    """Look into a table."""
    place = asked.studio.room(Jobs).place
    path, _ = places.learned_from({"dataset": asked.text("dataset")}, place)
    if what_is_at(place.work / path) != "file":
        raise DatasetInvalid(
            say(f"{path} is a folder, not a table.", f"{path} 是文件夹，不是表格。"),
            hint=say("Choose a .csv file.", "请选择 .csv 文件。"),
        )
    return {"dataset": path, **learning_tables.look(place.work / path).plain()}


ROUTES = [get("/api/numbers", what_there_is), post("/api/numbers/table", table)]
