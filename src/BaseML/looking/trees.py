"""A decision tree as a picture: what it asks, how many rows go which way, what it answers at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.image import Pixels
from BaseDT.plot.figure import INK, points, render
from BaseML.looking import looks
from BaseML.looking.answering import Classes, Rows, column_names, note_of, title_of, unscaled
from BaseML.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LEAVES = 16
"""A wider tree is shown to the level at which it is not wider yet."""

_WHITE: Any = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
_WIDE, _HIGH, _APART, _LEVEL = 176, 92, 20, 160


@dataclass(frozen=True, eq=False)
class Node:
    """A node with its place.

    Attributes:
        number: Within the tree's arrays.
        level: 0 is the root.
        column: Its middle, in leaves.
        children: The nodes below for yes and for no; none at a leaf, or where the picture ends.
        cut: How many questions lie below that are not shown.
    """

    number: int
    level: int
    column: float
    children: tuple[Node, ...]
    cut: int


def draw(model: TrainedModel, classes: Classes) -> Pixels:
    """Return the tree of an estimator that is one, its widest levels left out where it is too wide.

    Args:
        model: With an estimator that has ``tree_``.
        classes: Of a classifier; empty for numbers.
    """
    tree = model.estimator.tree_
    root, leaves, depth = laid_out(tree)
    asks = _questions(model, tree, list(_shown(root)))
    width, height = leaves * (_WIDE + _APART), (depth + 1) * _LEVEL - 40

    def compose(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        _node(axes, root, tree, asks, classes)
        looks.title(axes, title_of(model, *_words(root, tree)))
        _legend(axes, classes)
        looks.footnote(figure, note_of(model))

    return render(max(760, width) + 120, height + 190, compose)


def _words(root: Node, tree: Any) -> tuple[str, str]:
    leaves = int(tree.n_leaves)
    en = f"{leaves - 1} questions, {leaves} answers" if leaves != 2 else "1 question, 2 answers"
    zh = f"{leaves - 1} 个问题，{leaves} 个答案"
    if not _is_cut(root):
        return en, zh
    return f"{en}; the first ones are shown", f"{zh}；只画出前几层"


def _is_cut(node: Node) -> bool:
    return node.cut > 0 or any(map(_is_cut, node.children))


def laid_out(tree: Any) -> tuple[Node, int, int]:
    """Return the root with places for all that is shown, how many leaves wide it is, and how many levels deep."""
    below = _Below.of(tree)
    depth = int(tree.max_depth)
    while depth > 1 and below.width(depth) > MOST_LEAVES:
        depth -= 1
    root, wide = _placed(below, 0, 0, 0, depth)
    return root, wide, depth


@dataclass(frozen=True, eq=False)
class _Below:
    """A tree's nodes as lists: one of a hundred thousand is walked through as a whole.

    Attributes:
        left: The node for yes; -1 at a leaf.
        right: That for no.
        levels: How deep each node lies, (nodes,).
        questions: How many questions there are at and below each.
    """

    left: list[int]
    right: list[int]
    levels: npt.NDArray[np.int64]
    questions: list[int]

    @classmethod
    def of(cls, tree: Any) -> _Below:
        left, right = tree.children_left.tolist(), tree.children_right.tolist()
        levels, questions = [0] * len(left), [0] * len(left)
        # scikit-learn numbers a node before its children.
        for node, (yes, no) in enumerate(zip(left, right, strict=True)):
            if yes >= 0:
                levels[yes] = levels[no] = levels[node] + 1
        for node in range(len(left) - 1, -1, -1):
            if left[node] >= 0:
                questions[node] = 1 + questions[left[node]] + questions[right[node]]
        return cls(left, right, np.array(levels, dtype=np.int64), questions)

    def width(self, depth: int) -> int:
        """Return how many leaves wide the tree is down to a level."""
        ends = np.array(self.left) < 0
        return int((ends & (self.levels <= depth)).sum() + (~ends & (self.levels == depth)).sum())


def _placed(below: _Below, number: int, level: int, first: int, depth: int) -> tuple[Node, int]:
    """Return a node whose leaves begin at column ``first``, and how many they are."""
    left, right = below.left[number], below.right[number]
    if left < 0 or level == depth:
        return Node(number, level, first + 0.5, (), below.questions[number]), 1
    yes, wide = _placed(below, left, level + 1, first, depth)
    no, more = _placed(below, right, level + 1, first + wide, depth)
    return Node(number, level, (yes.column + no.column) / 2, (yes, no), 0), wide + more


def _questions(model: TrainedModel, tree: Any, nodes: Sequence[int]) -> dict[int, str]:
    """Return what some nodes ask, in the units of the user's data; an empty text of leaves."""
    columns = column_names(model, int(model.estimator.n_features_in_))
    features = tree.feature[list(nodes)]
    limits = np.zeros((len(nodes), len(columns)))
    inner = np.flatnonzero(features >= 0)
    limits[inner, features[inner]] = tree.threshold[list(nodes)][inner]
    limits = unscaled(model, limits)
    return {
        node: f"{columns[feature]} ≤ {limits[place, feature]:.4g}" if feature >= 0 else ""
        for place, (node, feature) in enumerate(zip(nodes, features.tolist(), strict=True))
    }


def _shown(node: Node) -> Iterator[int]:
    """Give the numbers of a node and of all that is shown below it."""
    yield node.number
    for child in node.children:
        yield from _shown(child)


def _node(axes: Axes, node: Node, tree: Any, asks: Mapping[int, str], classes: Classes) -> None:
    x, y = node.column * (_WIDE + _APART), node.level * _LEVEL + _HIGH / 2 + 10
    words = (fonts.picture_text("yes", "是"), fonts.picture_text("no", "否"))
    for child, word in zip(node.children, words, strict=False):
        to_x, to_y = child.column * (_WIDE + _APART), y + _LEVEL
        axes.plot([x, to_x], [y + _HIGH / 2, to_y - _HIGH / 2], color="#9E9E9E", linewidth=1.8, zorder=1)
        side = -1 if to_x < x else 1
        where = (x + (to_x - x) * 0.5 + side * 14, y + _LEVEL / 2)
        axes.text(*where, word, ha="center", va="center", fontsize=points(15), color="#616161", bbox=_WHITE)
        _node(axes, child, tree, asks, classes)
    _box(axes, node, (x, y), tree, asks[node.number], classes)


def _box(axes: Axes, node: Node, middle: tuple[float, float], tree: Any, ask: str, classes: Classes) -> None:
    from matplotlib.patches import Rectangle

    x, y = middle
    shares = np.ravel(tree.value[node.number])
    face, heading = _look(shares, ask, classes)
    corner = (x - _WIDE / 2, y - _HIGH / 2)
    style = "dashed" if node.cut else "solid"
    axes.add_patch(Rectangle(corner, _WIDE, _HIGH, facecolor=face, edgecolor="#757575", linestyle=style, zorder=2))
    text: Any = {"ha": "center", "va": "center", "zorder": 4, "color": INK}
    size = points(min(19.0, 1.75 * _WIDE / max(8, len(heading))))
    axes.text(x, y - 24, looks.plain(heading), fontsize=size, fontweight="bold", **text)
    count = int(tree.n_node_samples[node.number])
    axes.text(x, y + 3, _counted(node, count), fontsize=points(15), **text)
    if len(classes.names):
        _bar(axes, corner[0] + 12, y + 22, shares / max(shares.sum(), 1e-12))
    else:
        axes.text(x, y + 28, f"= {_value(shares)}" if ask else "", fontsize=points(15), **text)


def _look(shares: Rows, ask: str, classes: Classes) -> tuple[Any, str]:
    """Return colour and heading of a node: what it asks, or what it answers."""
    if ask:
        return "white", ask
    if not len(classes.names):
        return "#E3EEF6", _value(shares)
    from matplotlib.colors import to_rgb

    place = int(shares.argmax())
    return tuple(1 - 0.3 * (1 - part) for part in to_rgb(looks.colour_of(place))), classes.names[place]


def _value(shares: Rows) -> str:
    return f"{float(shares[0]):.4g}"


def _counted(node: Node, count: int) -> str:
    if node.cut:
        return fonts.picture_text(f"{count} rows, {node.cut} more …", f"{count} 行，还有 {node.cut} 问…")
    return fonts.picture_text(f"{count} row{'s' if count > 1 else ''}", f"{count} 行")


def _bar(axes: Axes, left: float, top: float, shares: Rows) -> None:
    """Draw the shares of the classes as a bar."""
    from matplotlib.patches import Rectangle

    for place, share in enumerate(shares.tolist()):
        wide = (_WIDE - 24) * share
        axes.add_patch(Rectangle((left, top), wide, 12, facecolor=looks.colour_of(place), edgecolor="none", zorder=3))
        left += wide


def _legend(axes: Axes, classes: Classes) -> None:
    for place, name in enumerate(classes.names[:12]):
        axes.plot([], [], "s", color=looks.colour_of(place), markersize=11, label=looks.plain(name))
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            loc="upper left", frameon=False, ncols=min(3, len(handles)), bbox_to_anchor=(0, 0), fontsize=points(17)
        )
