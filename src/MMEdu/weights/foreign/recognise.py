"""Which network a file's weights belong to, told by their names and shapes; and the tables there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from MMEdu.models import registry
from MMEdu.models.classification import torchvision_classifiers
from MMEdu.weights.foreign.families import mmcls, mmdet, registry_wheels, torchvision, torchvision_detection
from MMEdu.weights.foreign.shapes import Shapes, shapes
from MMEdu.weights.foreign.tables import DROPPED, Table
from MMEdu.weights.state_dict import wrapper_prefix

_SURE = 0.95
_FEW = 2
"""So many weights may always be odd: those of one layer, which are more than a twentieth of a small network."""
_COUNTERS = ".num_batches_tracked"
# What heads are called, ours or not: they are made anew for other classes, so that they tell nothing of the network.
_HEADS = re.compile(r"(heads?|fc|classifier|last_linear)\.")
# What names of torchvision's classifiers start with; it takes seconds to build all of them.
_LIKE_TORCHVISION = re.compile(
    r"(blocks|bn1|class_token|classifier|conv[15]|conv_proj|encoder|fc|features|heads?|layer[1-4]|layers|norm"
    r"|stage[234]|stem|trunk_output)(\.|$)"
)
_WORTH_BUILDING = 0.2


@dataclass(frozen=True)
class Match:
    """How well weights fit a table.

    Attributes:
        table: The table.
        share: Share of the source's weights that have a place and our shape there; what the table ignores not counted.
        num_classes: For how many classes the head is; None if it is not there, or its parts disagree.
        covered: Share of our weights that the source, with what its form lacks, has; batch norms' counters, which
            files of old torch lack and nothing is computed with, are not counted.
        prefix: What stands before every name of the source and belongs to no name.
        missing: Shares as (how many lack, of how many): of our weights without the head.
        unused: Likewise: of the source's weights without its head, those that have no place.
        reshaped: How many of them have a place of another shape: a network of another width or with other groups.
    """

    table: Table
    share: float
    num_classes: int | None
    covered: float
    prefix: str = ""
    missing: tuple[int, int] = (0, 0)
    unused: tuple[int, int] = (0, 0)
    reshaped: int = 0

    @property
    def sure(self) -> bool:
        """Whether it is this network, whatever its head: nearly all of it is there, and hardly anything else is.

        The one without the other is no answer: all of a ResNet-50 has its place in a ResNet-101.
        """
        return self.reshaped <= _FEW and all(
            odd <= max(_FEW, (1 - _SURE) * count) for odd, count in (self.missing, self.unused)
        )

    @property
    def exact(self) -> bool:
        """Whether each weight has its place and each place its weight."""
        return self.share == self.covered == 1


@lru_cache(maxsize=1)
def tables() -> tuple[Table, ...]:
    """Return the tables of all families, and one for each of our own networks."""
    described = (
        *mmcls.TABLES,
        *mmdet.TABLES,
        *torchvision.TABLES,
        *torchvision.EARLY,
        *torchvision_detection.TABLES,
        *registry_wheels.TABLES,
    )
    same = {(table.task, table.backbone) for table in torchvision.TABLES}
    ours = ((task, name) for task in registry.tasks() for name in registry.names(task))
    return (*described, *(torchvision.identity_table(name, task) for task, name in ours if (task, name) not in same))


def recognise(shapes_by_name: Mapping[str, tuple[int, ...]], task: str | None = None, first: str = "") -> list[Match]:
    """Tell which networks weights may belong to.

    Args:
        shapes_by_name: The shape of each of the file's weights.
        task: Only networks of this task; None: of any.
        first: The network of ours that it should be. Where it is, no other is looked at, which saves seconds.

    Returns:
        The networks that share anything with it, the likeliest first.
    """
    # Cheapest first: the requested network, then the described ones, then all that torchvision could build.
    requested = _requested(first, task)
    matches = _compared(requested, shapes_by_name, task)
    if not any(match.exact for match in matches):
        matches += _compared([table for table in tables() if table not in requested], shapes_by_name, task)
    if (
        not any(match.sure for match in matches)
        and task in (None, torchvision.TASK)
        and _like_torchvision(shapes_by_name)
    ):
        compared = {table.source_name for table in (*torchvision.TABLES, *requested) if table.family == "torchvision"}
        others = (name for name in sorted(torchvision_classifiers.classifier_names()) if name not in compared)
        matches += _compared((torchvision.of(name) for name in others), shapes_by_name, task, first=True)
    return sorted(matches, key=lambda match: (not match.sure, -match.share, -match.covered))


def _requested(name: str, task: str | None) -> list[Table]:
    described = [table for table in tables() if table.backbone == name and task in (None, table.task)]
    usual = any(table.form == "" and table.family != "mmcls" for table in described)
    if not usual and name in torchvision_classifiers.classifier_names():
        described.append(torchvision.of(name))
    return described


def _like_torchvision(names: Collection[str]) -> bool:
    prefix = wrapper_prefix(names)
    return any(_LIKE_TORCHVISION.match(name.removeprefix(prefix)) for name in names)


def _compared(
    candidates: Iterable[Table], shapes_by_name: Mapping[str, tuple[int, ...]], task: str | None, first: bool = False
) -> list[Match]:
    """Hold weights against tables, with ``first`` until it is surely one."""
    prefix = wrapper_prefix(shapes_by_name)
    file_shapes = {name.removeprefix(prefix): shape for name, shape in shapes_by_name.items()}
    matches: list[Match] = []
    for table in candidates:
        match = _match(table, file_shapes, prefix) if task in (None, table.task) else None
        if match is not None and match.share > 0:
            matches.append(match)
            if first and match.sure:
                break
    return matches


def _match(table: Table, file_shapes: Mapping[str, tuple[int, ...]], prefix: str) -> Match | None:
    # Names first: comparing them is cheap, while the shapes of a table need its network to be built.
    names = table.to_ours(file_shapes)
    counted = sum(not table.ignores(name) for name in file_shapes)
    if len(names) < max(1, _WORTH_BUILDING * counted):
        return None
    ours, file_shapes = shapes(table.backbone, table.task), _shortened(table, file_shapes)
    fitting = [name for source, name in names.items() if ours.fixed.get(name) == file_shapes[source]]
    head = {name: ours.classes(name, file_shapes[source]) for source, name in names.items() if name in ours.rows}
    # The parts of a head vote for its classes: one that was exchanged alone must not decide for the others.
    votes = Counter(count for count in head.values() if count is not None)
    num_classes = votes.most_common(1)[0][0] if votes else None
    fitting += [name for name, count in head.items() if count is not None and count == num_classes]
    filled = table.fills(name for name in _all(ours) if name not in fitting)
    matched = {*fitting, *filled}
    covered, missing = _share_of(matched, _all(ours)), _lacking(matched, ours.fixed)
    body = [name for name in file_shapes if names.get(name) not in ours.rows and not table.ignores(name)]
    used = {source for source, name in names.items() if name in matched}
    # A head under a name that the table does not know says nothing against the network.
    unused = _lacking(used, (name for name in body if name in used or not _HEADS.match(name.removeprefix("backbone."))))
    reshaped = sum(name in ours.fixed and source not in used for source, name in names.items())
    return Match(table, len(fitting) / counted, num_classes, covered, prefix, missing, unused, reshaped)


def _shortened(table: Table, file_shapes: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    """Take from the shapes the rows that are left out on the way to ours."""
    if not any(rule.convert in DROPPED for rule in table.rules):
        return file_shapes
    rules = {name: table.rule_of(name) for name in file_shapes}
    rows = {name: DROPPED.get(rule.convert or "", 0) for name, rule in rules.items() if rule is not None}
    return {
        name: (shape[0] - rows[name], *shape[1:]) if rows.get(name) and shape else shape
        for name, shape in file_shapes.items()
    }


def _share_of(matched: Collection[str], names: Iterable[str]) -> float:
    lacking, count = _lacking(matched, names)
    return 1 - lacking / count


def _lacking(matched: Collection[str], names: Iterable[str]) -> tuple[int, int]:
    """Count the names that are not among those found, and all of them; counters are left out."""
    counted = [name for name in names if not name.endswith(_COUNTERS)]
    return sum(name not in matched for name in counted), len(counted)


def _all(ours: Shapes) -> Iterable[str]:
    return (*ours.fixed, *ours.rows)


def likeliest(shapes_by_name: Mapping[str, tuple[int, ...]]) -> Match | None:
    """Return the network that a file holds; None where no table is about nearly all of its weights."""
    matches = recognise(shapes_by_name)
    return matches[0] if matches and matches[0].sure else None
