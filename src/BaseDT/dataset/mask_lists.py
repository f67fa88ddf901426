"""What each picture of a segmentation set is for: as lists say, or folders, else by its name. ``segmentation`` asks.

``splits/train.txt``, VOC's ``ImageSets/Segmentation/train.txt``, or ``train.txt`` in the folder: a name a line, with or
without suffix; behind it the name of the mask may stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset.dividing import SPLITS, TRAIN, VAL, Ratios, by_rarest, hold_out, split_named
from BaseDT.dataset.mask_layout import Pair
from BaseDT.dataset.pictures import folded, stem_of
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid, did_you_mean
from BaseDT.escaping import one_line
from BaseDT.language import say

_FOLDERS = (("splits",), ("split",), ("imagesets", "segmentation"), ("imagesets",), ("lists",), ())
_HELD_OUT = Ratios(0.8, 0.2, 0.0)


@dataclass(frozen=True)
class Listing:
    """What lists say.

    Attributes:
        pairs: Those that a list names, each with its split; all of them where there is no list.
        notes: Lines for the user.
        by_lists: Whether there are lists.
    """

    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()
    by_lists: bool = False


def listed(root: Path, pairs: Sequence[Pair], without_mask: Sequence[str], *, to_train: bool = True) -> Listing:
    """Divide pictures as the lists of a set say.

    Args:
        root: The set's folder.
        pairs: All pictures with masks.
        without_mask: Keys of the others: a list may name one, which is counted and not used.
        to_train: Whether it is an error that no picture is for training.

    Raises:
        DatasetInvalid: A list names a picture that is not there, or none is for training (-201).
    """
    files = _files(root)
    if not files:
        return Listing(tuple(pairs))
    names = _Names(pairs, without_mask)
    split_of: dict[str, int] = {}
    repeated: list[str] = []
    unmasked: list[str] = []
    for split, file in sorted(files.items()):
        for number, line in enumerate(read_lines(file), 1):
            if not line.strip():
                continue
            key = names.meant(line.strip())
            if key is None:
                raise _not_there(f"{file.name}:{number}", line.strip(), [pair.key for pair in pairs])
            if key in names.unmasked:
                unmasked.append(key)
            elif split_of.setdefault(key, split) != split:
                repeated.append(key)
    if to_train and TRAIN not in split_of.values():
        raise _nothing_to_train(files)
    chosen = tuple(replace(pair, split=split_of[pair.key]) for pair in pairs if pair.key in split_of)
    return Listing(chosen, tuple(_notes(len(pairs) - len(chosen), repeated, unmasked, files)), by_lists=True)


class _Names:
    """What a line may call a picture."""

    def __init__(self, pairs: Sequence[Pair], without_mask: Sequence[str]) -> None:
        self.unmasked = frozenset(without_mask)
        self._keys: dict[str, list[str]] = {}
        for key in (*(pair.key for pair in pairs), *without_mask):
            self._add(key, key)
        for pair in pairs:  # masks are named, too, in some lists
            self._add(pair.mask.name, pair.key)

    def _add(self, name: str, key: str) -> None:
        plain = folded(name)
        for form in {plain, stem_of(plain), plain.rpartition("/")[2], stem_of(plain).rpartition("/")[2]}:
            keys = self._keys.setdefault(form, [])
            if key not in keys:
                keys.append(key)

    def meant(self, line: str) -> str | None:
        """Return the picture that a line means; None where there is none, or several."""
        first = line.replace(",", " ").replace("\t", " ").split()
        for name in (line, *first[:1]):
            parts = [part for part in folded(name.replace("\\", "/")).split("/") if part not in ("", ".")]
            for start in range(len(parts)):
                tail = "/".join(parts[start:])
                keys = self._keys.get(tail) or self._keys.get(stem_of(tail), [])
                exact = [key for key in keys if stem_of(key).endswith(stem_of(name))]
                if len(keys) == 1 or len(exact) == 1:
                    return (exact or keys)[0]
        return None


def _files(root: Path) -> dict[int, Path]:
    """Return the lists of a set by split; those of the first folder that has some."""
    for names in _FOLDERS:
        folder: Path | None = root
        for name in names:
            folder = folder and next((folder / n for n in folders_in(folder) if n.lower() == name), None)
        if folder is None:
            continue
        try:
            files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".txt", ".lst"))
        except OSError:
            continue
        of_split: dict[int, Path] = {}
        for file in files:
            split = split_named(file.stem)
            if split is not None and file.is_file():
                of_split.setdefault(split, file)
        both = next((file for file in files if file.stem.lower() == "trainval"), None)
        if TRAIN not in of_split and both is not None:
            of_split[TRAIN] = both
        if of_split:
            return of_split
    return {}


def held_out(pairs: Sequence[Pair], labels: Mapping[str, frozenset[int]] | None) -> tuple[tuple[Pair, ...], int]:
    """Give every picture a split; where none validates, about a fifth of the training pictures does, by name.

    Args:
        pairs: Where no split stands it is training.
        labels: The labels of each key's mask where they are known: then every class keeps a training picture.

    Returns:
        The pairs, and how many were held out.
    """
    told = [replace(pair, split=TRAIN if pair.split is None else pair.split) for pair in pairs]
    training = [pair.key for pair in told if pair.split == TRAIN]
    if any(pair.split == VAL for pair in told):
        return tuple(told), 0
    chosen = hold_out(training)
    if labels is not None:
        splits = by_rarest(training, [labels.get(key, frozenset()) for key in training], _HELD_OUT, seed=0)
        chosen = frozenset(key for key, split in zip(training, splits, strict=True) if split == VAL) or chosen
    return tuple(replace(pair, split=VAL) if pair.key in chosen else pair for pair in told), len(chosen)


def held_out_note(held: int, of: int) -> str:
    """Say how many pictures validate where the set says none."""
    if not held:
        return say(
            "No validation pictures, and too few training pictures to keep any for it.",
            "没有验证图片，训练图片太少，也无法留出一部分。",
        )
    return say(
        f"No validation pictures: {held} of the {of} training pictures, chosen by name, are kept for it.",
        f"没有验证图片：从 {of} 张训练图片中按文件名留出 {held} 张用于验证。",
    )


def _notes(unlisted: int, repeated: Sequence[str], unmasked: Sequence[str], files: Mapping[int, Path]) -> list[str]:
    lists = ", ".join(file.name for file in files.values())
    lines = []
    if unlisted:
        lines.append(
            say(
                f"{unlisted} pictures stand in no list ({lists}): not used.",
                f"{unlisted} 张图片不在任何列表中（{lists}），不使用。",
            )
        )
    if repeated:
        lines.append(
            say(
                f"{len(repeated)} pictures stand in two lists (e.g. {repeated[0]}): they are used in the first alone.",
                f"{len(repeated)} 张图片同时出现在两个列表中（如 {repeated[0]}）：只用于前一个部分。",
            )
        )
    if unmasked:
        lines.append(
            say(
                f"{len(unmasked)} pictures of the lists have no mask (e.g. {unmasked[0]}): not used.",
                f"列表中有 {len(unmasked)} 张图片没有掩码（如 {unmasked[0]}），不使用。",
            )
        )
    return lines


def _not_there(where: str, line: str, keys: Sequence[str]) -> DatasetInvalid:
    shown = one_line(line[:80])
    return DatasetInvalid(
        say(f"{where}: there is no picture '{shown}', or not only one", f"{where}：没有图片“{shown}”，或者有多张同名"),
        hint=did_you_mean(line, [stem_of(key) for key in keys])
        or say(
            "A line is the name of a picture. Add it, or delete the line.", "每行一个图片名：请补上图片，或删除这一行。"
        ),
    )


def _nothing_to_train(files: Mapping[int, Path]) -> DatasetInvalid:
    names = ", ".join(f"{file.parent.name}/{file.name}" for file in files.values())
    return DatasetInvalid(
        say(f"The lists name no training picture (found: {names})", f"列表中没有训练图片（有：{names}）"),
        hint=say(
            f"Write the training pictures into {SPLITS[TRAIN]}.txt, a name a line.",
            f"请把训练图片的名称写入 {SPLITS[TRAIN]}.txt，每行一个。",
        ),
    )
