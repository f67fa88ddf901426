"""Tables of names: how a source calls each weight and how we call it, told once and read in both directions.

Data and text only: no torch, no files. The tables themselves are in ``MMEdu.weights.foreign.families``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from BaseDT.preprocess import Preprocess

# {name}: a piece of a name without dots; {name*}: one or more whole parts; {name+1}, {name-1}: a number, moved.
_FIELD = re.compile(r"\{(\w+)([*]|[+-]\d+)?\}")
DROPPED = {"no_background_boxes": 4, "no_background_mask": 1}
"""Operations that leave out the first rows of a weight, and how many: what nobody reads of the background."""
_LEAF = "weight|bias|running_mean|running_var|num_batches_tracked"


@dataclass(frozen=True)
class Rule:
    """One line of a table: a pattern of source names and the pattern of ours.

    A field stands in braces, and both sides have the same ones. ``{b}`` is a piece of a name without dots,
    ``{rest*}`` any piece, ``{leaf}`` the last part of a weight's name in convolutions, linear layers and batch norms.
    ``{b+1}`` on one side is the number of the other side, moved.

    Attributes:
        source: Pattern of the source's names, e.g. ``"backbone.layer{s}.{b}.conv{c}.{leaf}"``.
        ours: Pattern of our names with the same fields.
        convert: Name of an operation on the tensor (see ``foreign.conversion``); None: the tensor as it is.
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
        fields = [{placeholder.group(1) for placeholder in _FIELD.finditer(text)} for text in (self.source, self.ours)]
        if fields[0] != fields[1] or not self.values.keys() <= fields[0]:
            raise ValueError(f"the fields of {self.source!r} and {self.ours!r} differ")
        for name, pairs in self.values.items():
            if len(set(pairs.values())) != len(pairs):
                raise ValueError(f"two values of {{{name}}} in {self.source!r} become the same")

    def to_ours(self, name: str) -> str | None:
        """Return our name of a source name, or None if the rule is not about it."""
        return self._forward(name)

    def to_source(self, name: str) -> str | None:
        """Return the source's name of one of ours, or None if the rule is not about it."""
        return self._backward(name)

    @cached_property
    def _forward(self) -> Callable[[str], str | None]:
        return _translator(self.source, self.ours, self.values)

    @cached_property
    def _backward(self) -> Callable[[str], str | None]:
        back = {key: {ours: source for source, ours in pairs.items()} for key, pairs in self.values.items()}
        return _translator(self.ours, self.source, back)


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
        fill: Patterns of our names that the source lacks by its form, each with the number that stands in all of its
            elements, or None where any start of a convolution does, because it counts nothing. The first match counts.
        only_start: What the source computes otherwise with the same weights, so that a training can start from them,
            but they give no answers here; empty: nothing.
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
    fill: tuple[tuple[str, float | None], ...] = ()
    only_start: str = ""

    def to_ours(self, names: Iterable[str]) -> dict[str, str]:
        """Map those of the source's names that have a place with us; the order stays."""
        pairs = ((name, self._first(name)) for name in names if not self.ignores(name))
        return {name: ours for name, ours in pairs if ours is not None}

    def _first(self, name: str) -> str | None:
        return next((ours for rule in self.rules if (ours := rule.to_ours(name)) is not None), None)

    def to_source(self, names: Iterable[str]) -> dict[str, str]:
        """Map those of our names that the source has; the order stays."""
        pairs = ((name, next(filter(None, (rule.to_source(name) for rule in self.rules)), None)) for name in names)
        return {name: source for name, source in pairs if source is not None}

    def rule_of(self, name: str) -> Rule | None:
        """Return the line that is about a source name, or None."""
        if self.ignores(name):
            return None
        return next((rule for rule in self.rules if rule.to_ours(name) is not None), None)

    def fills(self, names: Iterable[str]) -> dict[str, float | None]:
        """Tell which of our names the source lacks by its form, and which number stands there (see ``fill``)."""
        groups = ((name, [value for text, value in self.fill if _pattern(text, ()).fullmatch(name)]) for name in names)
        return {name: values[0] for name, values in groups if values}

    def ignores(self, name: str) -> bool:
        """Tell whether a source name is known to carry nothing for us."""
        return any(_pattern(text, ()).fullmatch(name) for text in self.ignored)


def _translator(written: str, target: str, values: Mapping[str, Mapping[str, str]]) -> Callable[[str], str | None]:
    """Make the function that reads names by one pattern and writes them by another."""
    pattern = _pattern(written, tuple((key, tuple(pairs)) for key, pairs in values.items()))
    steps = {placeholder.group(1): _step(placeholder.group(2)) for placeholder in _FIELD.finditer(written)}

    def translate(name: str) -> str | None:
        match = pattern.fullmatch(name)
        if match is None:
            return None
        groups = match.groupdict()

        def value(placeholder: re.Match[str]) -> str:
            key, how = placeholder.groups()
            if key in values:
                return values[key][groups[key]]
            step = _step(how) - steps[key]
            return str(int(groups[key]) + step) if step else groups[key]

        try:
            out = _FIELD.sub(value, target)
        except ValueError:  # no number where the rule counts
            return None
        return None if ".-" in out else out  # a number below zero: the rule is about later layers

    return translate


def _step(text: str | None) -> int:
    return int(text) if text and text != "*" else 0


@lru_cache(maxsize=4096)
def _pattern(text: str, values: tuple[tuple[str, tuple[str, ...]], ...]) -> re.Pattern[str]:
    bound, last = dict(values), 0
    out: list[str] = []
    for placeholder in _FIELD.finditer(text):
        name, how = placeholder.groups()
        if name in bound:
            body = "|".join(re.escape(value) for value in bound[name])
        elif how == "*":
            body = ".+"
        elif how is not None:
            body = r"\d+"
        else:
            body = _LEAF if name == "leaf" else r"[^.]+"
        # A group can be defined once only; a second field of the same name must read the same text.
        again = f"(?P<{name}>" in "".join(out)
        # What stands between fields is text: the dots of names are no wildcards.
        out += [re.escape(text[last : placeholder.start()]), f"(?P={name})" if again else f"(?P<{name}>{body})"]
        last = placeholder.end()
    return re.compile("".join([*out, re.escape(text[last:])]))
