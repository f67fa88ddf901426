"""Tables of names: how a source calls each weight and how we call it, told once and read in both directions.

Data and text only: no torch, no files. The tables themselves are in ``MMEdu.weights.families``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from BaseDT.preprocess import Preprocess

# {name}: a piece of a name without dots; {name*}: one or more whole parts; {name+1}, {name-1}: a number, moved.
_FIELD = re.compile(r"\{(\w+)([*]|[+-]\d+)?\}")
_LEAF = "weight|bias|running_mean|running_var|num_batches_tracked"


@dataclass(frozen=True)
class Rule:
    """One line of a table: a pattern of source names and the pattern of ours.

    A field stands in braces and occurs once on each side. ``{b}`` is a piece of a name without dots, ``{rest*}`` any
    piece, ``{leaf}`` the last part of the weights of convolutions, linear layers and batch norms. ``{b+1}`` on one
    side is the number of the other side, moved.

    Attributes:
        source: Pattern of the source's names, e.g. ``"backbone.layer{s}.{b}.conv{c}.{leaf}"``.
        ours: Pattern of our names with the same fields.
        convert: Name of an operation on the tensor (see ``MMEdu.weights.convert``); None: the tensor as it is.
        values: For each field that is told value by value: how the source writes it → how we do, one to one. Only
            these values match, and they may hold dots.
    """

    source: str
    ours: str
    convert: str | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check that the rule can be read in both directions.

        Raises:
            ValueError: If it cannot: a mistake in the table, not in the user's file.
        """
        fields = [sorted(m.group(1) for m in _FIELD.finditer(text)) for text in (self.source, self.ours)]
        if fields[0] != fields[1] or len(set(fields[0])) != len(fields[0]) or not self.values.keys() <= set(fields[0]):
            raise ValueError(f"the fields of {self.source!r} and {self.ours!r} differ or repeat")
        for name, pairs in self.values.items():
            if len(set(pairs.values())) != len(pairs):
                raise ValueError(f"two values of {{{name}}} in {self.source!r} become the same")

    def to_ours(self, name: str) -> str | None:
        """Return our name of a source name, or None if the rule is not about it."""
        return _translate(name, self.source, self.ours, {key: dict(pairs) for key, pairs in self.values.items()})

    def to_source(self, name: str) -> str | None:
        """Return the source's name of one of ours, or None if the rule is not about it."""
        back = {key: {ours: source for source, ours in pairs.items()} for key, pairs in self.values.items()}
        return _translate(name, self.ours, self.source, back)


@dataclass(frozen=True)
class Table:
    """How one network of a family of sources maps onto one of ours.

    Attributes:
        family: The project whose files these are: ``"mmcls"``, ``"mmdet"``, ``"torchvision"``.
        source_name: What the source calls the network.
        backbone: What our registry calls it.
        task: Its task in our registry.
        rules: The lines; the first that matches counts.
        ignored: Patterns of source names that carry nothing for us, with fields as in rules.
        preprocess: How the source's recipe makes an input of a picture; None if it is not known.
        head: Our names of the weights whose rows (dimension 0) belong to classes.
        form: Which of several forms of the network the file holds, e.g. ``"deploy"``; empty: the usual one.
    """

    family: str
    source_name: str
    backbone: str
    task: str
    rules: tuple[Rule, ...]
    ignored: tuple[str, ...] = ()
    preprocess: Preprocess | None = None
    head: tuple[str, ...] = ()
    form: str = ""

    def to_ours(self, names: Iterable[str]) -> dict[str, str]:
        """Map those of the source's names that have a place with us; the order stays."""
        found = ((name, self.rule_of(name)) for name in names)
        pairs = ((name, rule.to_ours(name)) for name, rule in found if rule is not None)
        return {name: ours for name, ours in pairs if ours is not None}

    def to_source(self, names: Iterable[str]) -> dict[str, str]:
        """Map those of our names that the source has; the order stays."""
        pairs = ((name, next(filter(None, (rule.to_source(name) for rule in self.rules)), None)) for name in names)
        return {name: source for name, source in pairs if source is not None}

    def rule_of(self, name: str) -> Rule | None:
        """Return the line that is about a source name, or None."""
        if self.ignores(name):
            return None
        return next((rule for rule in self.rules if rule.to_ours(name) is not None), None)

    def ignores(self, name: str) -> bool:
        """Tell whether a source name is known to carry nothing for us."""
        return any(_pattern(text, ()).fullmatch(name) for text in self.ignored)


def _translate(name: str, written: str, wanted: str, values: dict[str, dict[str, str]]) -> str | None:
    match = _pattern(written, tuple((key, tuple(pairs)) for key, pairs in values.items())).fullmatch(name)
    if match is None:
        return None
    read = {place.group(1): place.group(2) for place in _FIELD.finditer(written)}

    def value(place: re.Match[str]) -> str:
        key, how = place.groups()
        found = match.group(key)
        if key in values:
            return values[key][found]
        step = _step(how) - _step(read[key])
        return str(int(found) + step) if step else found

    return _FIELD.sub(value, wanted)


def _step(text: str | None) -> int:
    return int(text) if text and text != "*" else 0


@lru_cache(maxsize=4096)
def _pattern(text: str, values: tuple[tuple[str, tuple[str, ...]], ...]) -> re.Pattern[str]:
    known, out, last = dict(values), [], 0
    for place in _FIELD.finditer(text):
        name, how = place.groups()
        if name in known:
            body = "|".join(re.escape(value) for value in known[name])
        elif how == "*":
            body = ".+"
        elif how is not None:
            body = r"\d+"
        else:
            body = _LEAF if name == "leaf" else r"[^.]+"
        out += [re.escape(text[last : place.start()]), f"(?P<{name}>{body})"]
        last = place.end()
    return re.compile("".join([*out, re.escape(text[last:])]))
