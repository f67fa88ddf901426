"""The figures of a measurement, as JSON and as Markdown tables. Nothing is measured here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from BaseDT.escaping import json_text
from BaseDT.language import say
from XEdu.outputs import kind as kinds

_MISSING = "–"
_DEFAULT_KIND = "classification"
"""Whose columns a file has that says nothing of itself."""
# How people mark a quantised file beside its original.
_INT8_NAME = re.compile(r"[-_. ]?(int8|quantized|quant|qdq)$", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One model at one number of threads. None: not measured.

    Attributes:
        model: Name of the file, or its path where another has the same name.
        threads: Of the runtime.
        size_mb: Of all its files, in 10⁶ bytes.
        precision: ``FP32`` or ``INT8``.
        backend: Name of the runtime.
        input: Shape of the input; 0 where any size goes.
        metrics: How right it is, by the keys of its kind of output; empty where nothing was judged.
        judged: Pictures that were judged.
        images_per_s: The whole way from a file's bytes to the answer.
        model_per_s: The model alone.
        p50_ms: Median latency of the whole way; of the model alone where it says nothing of its preprocessing.
        p95_ms: What one in twenty exceeds.
        peak_mb: Peak resident memory of the process, in 10⁶ bytes.
        load_s: Until the model was ready.
        error: Why there are no figures.
        task: What the file says it does; empty where it says nothing.
        kind: Its kind of output, whose columns it has; likewise.
        backbone: What the file says it is; empty where it says nothing.
        file: Its whole path.
    """

    model: str
    threads: int
    size_mb: float
    precision: str = "FP32"
    backend: str = ""
    input: tuple[int, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    judged: int = 0
    images_per_s: float | None = None
    model_per_s: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    peak_mb: float | None = None
    load_s: float | None = None
    error: str = ""
    task: str = ""
    kind: str = ""
    backbone: str = ""
    file: str = ""

    @property
    def stem(self) -> str:
        """The name that a quantised file shares with its original."""
        return _INT8_NAME.sub("", self.model.rsplit(".", 1)[0])

    @property
    def network(self) -> tuple[str, str, str]:
        """Folder, name and backbone: what a quantised file shares with its original, and with no other."""
        file = Path(self.file or self.model)
        return str(file.parent), _INT8_NAME.sub("", file.stem), self.backbone


@dataclass(frozen=True)
class Report:
    """A measurement.

    Attributes:
        machine: What it was measured on.
        pictures: What it was measured with.
        rows: The figures.
        notes: What a reader must know.
    """

    machine: dict[str, str | int]
    pictures: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def as_json(report: Report) -> str:
    """All figures as JSON text; names stay as they are read."""
    values = {"format": 1, **asdict(report), "rows": [_plain(row) for row in report.rows]}
    return json_text(json.dumps(values, indent=2, allow_nan=False, ensure_ascii=False), "utf-8") + "\n"


def _plain(row: Row) -> dict[str, Any]:
    """A row with its metrics beside the other figures; those of other kinds are there too, as null."""
    values = asdict(row)
    metrics, kind = values.pop("metrics"), values.pop("kind")
    # Readers of the JSON find the same keys in every row, whatever was measured.
    every = (*kinds.names(), *([kind] if kind else ()))
    columns = dict.fromkeys(key for name in every for key in kinds.find(name).metrics)
    return {**values, **columns, **metrics}


def as_markdown(report: Report) -> str:
    """The figures as tables; FP32 and INT8 side by side where both are there."""
    machine = report.machine
    runtimes = ", ".join(f"{k} {v}" for k, v in machine.items() if k not in ("cpu", "cores", "system"))
    head = say(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, {runtimes}",
        f"{machine['cpu']}，{machine['cores']} 核，{machine['system']}，{runtimes}",
    )
    parts = [head, say(f"Pictures: {report.pictures}", f"图片：{report.pictures}"), _all(report.rows)]
    if pairs := _pairs(report.rows):
        parts.append(_side_by_side(pairs, report.pictures))
    if notes := [*dict.fromkeys(f"{row.model}: {row.error}" for row in report.rows if row.error), *report.notes]:
        parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join(parts) + "\n"


def _columns(rows: Sequence[Row]) -> dict[str, str]:
    """The heads of the metrics, by key, of all kinds of output that the rows have."""
    present = {row.kind or _DEFAULT_KIND for row in rows}
    return {key: head for name in kinds.names() if name in present for key, head in kinds.find(name).metrics.items()}


def _all(rows: Sequence[Row]) -> str:
    # A model that failed has nothing to show in either column, and asks for none.
    columns = _columns([row for row in rows if not row.error] or rows)
    head = (
        *(say("model", "模型"), say("backend", "推理框架"), say("threads", "线程"), say("precision", "精度类型")),
        *(say("size MB", "大小 MB"), say("input", "输入"), *columns.values()),
        *(say("images/s", "图片/秒"), say("model alone /s", "仅模型/秒"), "p50 ms", "p95 ms"),
        *(say("memory MB", "内存 MB"), say("load s", "加载 s")),
    )
    return _table(
        head, ([row.model, row.backend or _MISSING, str(row.threads), *_figures(row, columns)] for row in rows)
    )


def _figures(row: Row, metrics: Iterable[str]) -> list[str]:
    size = "×".join(str(side) if side else "?" for side in row.input) or _MISSING
    return [
        *(_MISSING if row.error else row.precision, f"{row.size_mb:.1f}", size),
        *(_percent(row.metrics.get(name)) for name in metrics),
        *(_cell(row.images_per_s), _cell(row.model_per_s), _ms(row.p50_ms), _ms(row.p95_ms)),
        *(_cell(row.peak_mb, ".0f"), _cell(row.load_s, ".2f")),
    ]


def _pairs(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """The FP32 and the INT8 row of the same model, runtime and number of threads."""
    groups: dict[tuple[tuple[str, str, str], str, int], dict[str, Row]] = {}
    for row in rows:
        if not row.error:
            groups.setdefault((row.network, row.backend, row.threads), {})[row.precision] = row
    return [(both["FP32"], both["INT8"]) for both in groups.values() if {"FP32", "INT8"} <= both.keys()]


def _side_by_side(pairs: Sequence[tuple[Row, Row]], pictures: str) -> str:
    columns = _columns([row for pair in pairs for row in pair])
    heads = [head if head.startswith("m") else head.upper() for head in columns.values()]
    compared = (say("size", "权重大小"), *heads, say("images/s", "吞吐量（图片数/秒）"))
    head = [say("model", "模型"), say("pictures", "数据集"), say("threads", "线程")]
    head += [f"{column} {precision}" for column in compared for precision in ("FP32", "INT8")]
    rows = [[pair[0].stem, pictures, str(pair[0].threads), *_both(pair, columns)] for pair in pairs]
    return _table(head, rows)


def _both(pair: tuple[Row, Row], metrics: Iterable[str]) -> list[str]:
    return [
        *(f"{row.size_mb:.1f} MB" for row in pair),
        *(_percent(row.metrics.get(name)) for name in metrics for row in pair),
        *(_cell(row.images_per_s or row.model_per_s, ".2f") for row in pair),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    lines = [head, rule, *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: float | None, form: str = ".1f") -> str:
    return _MISSING if value is None else format(value, form)


def _ms(value: float | None) -> str:
    """A latency; small models take hundredths of a millisecond."""
    return _cell(value, ".2f" if value is not None and value < 10 else ".1f")


def _percent(value: float | None) -> str:
    return _MISSING if value is None else f"{value:.2f}%"


def row_of(figures: dict[str, Any], row: Row) -> Row:
    """Complete a row with the figures of a worker."""
    names = {entry.name for entry in fields(Row)} - {"precision"}
    measured = {name: value for name, value in figures.items() if name in names}
    measured["input"] = tuple(figures.get("input", ()))
    if precision := figures.get("precision"):
        measured["precision"] = "INT8" if precision == "int8" else "FP32"
    return replace(row, **measured)
