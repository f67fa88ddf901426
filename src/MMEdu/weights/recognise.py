"""Which network a file's weights belong to, told by their names and shapes; and the tables there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from MMEdu.models import registry, torchvision_classifiers
from MMEdu.weights.families import mmcls, mmdet, torchvision
from MMEdu.weights.shapes import Shapes, shapes
from MMEdu.weights.tables import Table

_PREFIXES = ("module.", "_orig_mod.", "model.", "network.", "net.")
_SURE = 0.95
# What names of torchvision's classifiers start with; it takes seconds to build all of them.
_FIRST_PARTS = frozenset(
    [
        "blocks",
        "bn1",
        "class_token",
        "classifier",
        "conv1",
        "conv5",
        "conv_proj",
        "encoder",
        "fc",
        "features",
        "head",
        "heads",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "layers",
        "norm",
        "stage2",
        "stage3",
        "stage4",
        "stem",
        "trunk_output",
    ]
)
_WORTH_BUILDING = 0.2


@dataclass(frozen=True)
class Match:
    """How well weights fit a table.

    Attributes:
        table: The table.
        share: Share of the source's weights that have a place and our shape there; what the table ignores not counted.
        num_classes: For how many classes the head is; None if it is not there, or its parts disagree.
        covered: Share of our weights that the source, with what its form lacks, has.
        prefix: What stands before every name of the source and belongs to no name.
    """

    table: Table
    share: float
    num_classes: int | None
    covered: float
    prefix: str = ""


def prefix_of(names: Collection[str]) -> str:
    """Return what wrappers put before every name, e.g. ``"module."``; mostly nothing."""
    prefix = ""
    while True:
        more = next((p for p in _PREFIXES if names and all(name.startswith(prefix + p) for name in names)), "")
        if not more:
            return prefix
        prefix += more


@lru_cache(maxsize=1)
def tables() -> tuple[Table, ...]:
    """Return the tables of all families, and one for each of our own networks."""
    told = (*mmcls.TABLES, *mmdet.TABLES, *torchvision.TABLES, *torchvision.EARLY)
    same = {(table.task, table.backbone) for table in torchvision.TABLES}
    ours = ((task, name) for task in ("classification", "detection") for name in registry.names(task))
    return (*told, *(torchvision.own(name, task) for task, name in ours if (task, name) not in same))


def recognise(
    shapes_by_name: Mapping[str, tuple[int, ...]], task: str | None = None, backbone: str | None = None
) -> list[Match]:
    """Tell which networks weights may belong to.

    Args:
        shapes_by_name: The shape of each of the file's weights.
        task: Only networks of this task; None: of any.
        backbone: Only this network of ours, which takes much less time; None: all.

    Returns:
        The networks that share anything with it, the likeliest first.
    """
    told = [table for table in tables() if backbone in (None, table.backbone)]
    matches = _compared(told, shapes_by_name, task)
    sure = any(match.share >= _SURE for match in matches)
    if not sure and task != "detection" and (backbone is None or not told):
        matches += _compared(_others(shapes_by_name, backbone), shapes_by_name, task, enough=_SURE)
    return sorted(matches, key=lambda match: (-match.share, -match.covered))


def _others(names: Collection[str], backbone: str | None) -> Iterable[Table]:
    """Make tables of torchvision's other classifiers, if it can be one of them."""
    prefix = prefix_of(names)
    if not any(name.removeprefix(prefix).partition(".")[0] in _FIRST_PARTS for name in names):
        return ()
    known = {table.source_name for table in torchvision.TABLES}
    others = sorted(torchvision_classifiers.classifier_names() - known)
    return (torchvision.of(name) for name in others if backbone in (None, name))


def _compared(
    candidates: Iterable[Table], shapes_by_name: Mapping[str, tuple[int, ...]], task: str | None, enough: float = 2
) -> list[Match]:
    """Hold weights against tables, until one fits with the share ``enough``."""
    prefix = prefix_of(shapes_by_name)
    given = {name.removeprefix(prefix): shape for name, shape in shapes_by_name.items()}
    found: list[Match] = []
    for table in candidates:
        match = _match(table, given, prefix) if task in (None, table.task) else None
        if match is not None and match.share > 0:
            found.append(match)
            if match.share >= enough:
                break
    return found


def _match(table: Table, given: Mapping[str, tuple[int, ...]], prefix: str) -> Match | None:
    names = table.to_ours(given)
    counted = sum(not table.ignores(name) for name in given)
    if len(names) < max(1, _WORTH_BUILDING * counted):
        return None
    ours = shapes(table.backbone, table.task)
    fitting = [name for source, name in names.items() if ours.fixed.get(name) == given[source]]
    head = {name: ours.classes(name, given[source]) for source, name in names.items() if name in ours.rows}
    votes = Counter(count for count in head.values() if count is not None)
    num_classes = votes.most_common(1)[0][0] if votes else None
    fitting += [name for name, count in head.items() if count is not None and count == num_classes]
    filled = table.fills(name for name in _all(ours) if name not in fitting)
    covered = len({*fitting, *filled}) / len(ours)
    return Match(table, len(fitting) / counted, num_classes, covered, prefix)


def _all(ours: Shapes) -> Iterable[str]:
    return (*ours.fixed, *ours.rows)
