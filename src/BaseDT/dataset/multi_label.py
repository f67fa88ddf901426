"""Sets whose pictures have any number of labels, told by tables. ``labelled.load`` calls it; no picture is opened.

One table ``labels.csv`` (or ``_classes.csv``) beside the pictures, tables ``train.csv``, ``val.csv``, ``test.csv``, or
an export of Roboflow with ``_classes.csv`` in ``train``, ``valid`` and ``test``. Nothing is written into such a set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset import multi_label_notes as notes
from BaseDT.dataset.dividing import SPLITS, TRAIN, VAL, Ratios, by_rarest, split_named
from BaseDT.dataset.label_table import LabelTable, Row, read
from BaseDT.dataset.label_table_files import TableFile, files_of
from BaseDT.dataset.pictures import PictureFolder, folded, unnamed_pictures
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset, MultiLabelSample, Sample
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import AnnotationMissing, DatasetInvalid, did_you_mean
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

_HELD_OUT = Ratios(0.8, 0.2, 0.0)
_SHOWN = 5


@dataclass(frozen=True)
class Entry:
    """One picture of a table: its path, the names of its labels, its split, and where the table says so."""

    path: Path
    key: str
    labels: tuple[str, ...]
    split: int | None
    origin: str


def load(root: Path, tables: Sequence[TableFile], *, complete: bool = True) -> MultiLabelDataset | ImageNetDataset:
    """Read a set that tables describe.

    Where every picture has exactly one label it is a set of ordinary classes.

    Args:
        root: Its folder, absolute.
        tables: What ``label_table_files.tables_of`` returned, at least one.
        complete: Whether pictures are held out where there are none for validation.

    Raises:
        DatasetInvalid: A table, or what it says, cannot be used (-201).
        AnnotationMissing: Not one picture has a label (-701).
    """
    entries, read_tables, lines = _read(root, tables)
    names, of_names = _names(root, read_tables, entries)
    return _dataset(root, entries, names, [*lines, *of_names], complete=complete)


def load_for_tests(root: Path, tables: Sequence[TableFile]) -> MultiLabelDataset:
    """Read all that tables say, to judge a model by it: labels that no training picture has, or none at all, too.

    Args:
        root: The set's folder, absolute.
        tables: What ``label_table_files.tables_of`` returned, at least one.

    Raises:
        DatasetInvalid: A table, or what it says, cannot be used (-201).
        AnnotationMissing: Not one picture has a label (-701).
    """
    entries, read_tables, lines = _read(root, tables)
    everywhere, known = _known(root, read_tables, entries)
    if not everywhere:
        raise _nothing_labelled(say("No picture has a label", "没有任何图片带有标签"))
    data = divided(root, known, _samples(entries, known), [entry.split for entry in entries], complete=False)
    return replace(data, notes=(*lines, *notes.doubtful(known, everywhere)))


def _read(root: Path, tables: Sequence[TableFile]) -> tuple[list[Entry], list[LabelTable], list[str]]:
    """Return what tables say of each picture, the tables, and what the user should know."""
    read_tables = [read(table.path, _name_of(root, table.path)) for table in tables]
    folders = {table.folder: PictureFolder(table.folder, table.folder.name) for table in tables}
    lines = [notes.held_by(table.name, table.by_blanks) for table in read_tables]
    entries: list[Entry] = []
    for file, table in zip(tables, read_tables, strict=True):
        entries += _entries(file, table, folders[file.folder])
        lines += notes.unread(table)
    entries, repeated = _merged(entries, by_columns=any(table.labels for table in read_tables))
    lines += notes.repeated(repeated)
    entries = _by_folders(entries)
    for folder, pictures in folders.items():
        used = [entry.key for entry in entries if entry.path.is_relative_to(folder)]
        lines += unnamed_pictures(_names_in(folder, tables, read_tables), pictures, used)
    return entries, read_tables, lines


def _names_in(folder: Path, files: Sequence[TableFile], tables: Sequence[LabelTable]) -> str:
    """Name the tables whose pictures lie in a folder."""
    return ", ".join(table.name for file, table in zip(files, tables, strict=True) if file.folder == folder)


def _name_of(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()


def _entries(file: TableFile, table: LabelTable, pictures: PictureFolder) -> list[Entry]:
    """Find the pictures that a table names.

    Raises:
        DatasetInvalid: Some are not there (-201).
    """
    ends = _by_end(pictures)
    keys = [_picture(row.file, pictures, ends) for row in table.rows]
    if missing := [row for row, key in zip(table.rows, keys, strict=True) if key is None]:
        raise _not_there(missing, table, pictures)
    return [
        Entry(pictures.path(key), key, row.labels, file.split if row.split is None else row.split, _origin(table, row))
        for row, key in zip(table.rows, keys, strict=True)
        if key is not None
    ]


def _origin(table: LabelTable, row: Row) -> str:
    return f"{table.name}:{row.line}"


def _by_end(pictures: PictureFolder) -> dict[str, list[str]]:
    """Return the pictures by every end of their paths: a table need not name all folders above them."""
    ends: dict[str, list[str]] = {}
    for key in pictures.keys:
        parts = folded(key).split("/")
        for start in range(len(parts) - 1):  # a bare name is ``PictureFolder``'s affair
            ends.setdefault("/".join(parts[start:]), []).append(key)
    return ends


def _picture(name: str, pictures: PictureFolder, ends: Mapping[str, list[str]]) -> str | None:
    """Return the picture that a cell means, with or without its suffix."""
    of_end = ends.get(folded(name.replace("\\", "/")), [])
    key = of_end[0] if len(of_end) == 1 else pictures.named(name)
    if key is not None:
        return key
    of_stem = pictures.of_stem(name.replace("\\", "/"))
    return of_stem[0] if len(of_stem) == 1 else None


def _not_there(missing: Sequence[Row], table: LabelTable, pictures: PictureFolder) -> DatasetInvalid:
    listed = ", ".join(one_line(row.file) for row in missing[:_SHOWN]) + (", …" if len(missing) > _SHOWN else "")
    first = f"{table.name}:{missing[0].line}"
    return DatasetInvalid(
        say(
            f"{first}: {len(missing)} of {len(table.rows)} pictures are not in {pictures.name}, or not only once: "
            f"{listed}",
            f"{first}：{len(table.rows)} 张图片中有 {len(missing)} 张不在 {pictures.name} 中，或有重名：{listed}",
        ),
        hint=did_you_mean(missing[0].file, pictures.keys)
        or say(
            "Add them, or delete their lines; write paths relative to the data set's folder.",
            "请补上这些图片，或删除对应的行；路径应相对于数据集文件夹。",
        ),
    )


def _merged(entries: Sequence[Entry], *, by_columns: bool) -> tuple[list[Entry], list[Entry]]:
    """Put several lines of one picture together; returns the entries, and those that had more than one line.

    Raises:
        DatasetInvalid: Two lines contradict each other (-201).
    """
    first: dict[Path, Entry] = {}
    repeated: dict[Path, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.path, entry)
        if before is entry:
            continue
        same = set(before.labels) == set(entry.labels)
        if before.split != entry.split or (by_columns and not same):
            raise _contradiction(before, entry)
        first[entry.path] = replace(before, labels=tuple(dict.fromkeys((*before.labels, *entry.labels))))
        repeated[entry.path] = entry
    return list(first.values()), list(repeated.values())


def _contradiction(before: Entry, entry: Entry) -> DatasetInvalid:
    key = one_line(entry.key)
    return DatasetInvalid(
        say(
            f"{before.origin} and {entry.origin} say different things of one picture: {key}",
            f"{before.origin} 与 {entry.origin} 对同一张图片的说法不同：{key}",
        ),
        hint=say("Leave one line for each picture.", "每张图片只保留一行。"),
    )


def _by_folders(entries: Sequence[Entry]) -> list[Entry]:
    """Divide pictures as the folders do in which all of them lie (``train/…``, ``images/val/…``)."""
    if any(entry.split is not None for entry in entries):
        return list(entries)
    splits = [_split_of_folder(entry.key) for entry in entries]
    if any(split is None for split in splits) or TRAIN not in splits:
        return list(entries)
    return [replace(entry, split=split) for entry, split in zip(entries, splits, strict=True)]


def _split_of_folder(key: str) -> int | None:
    return next((split for part in key.split("/")[:-1] if (split := split_named(part)) is not None), None)


def _names(root: Path, tables: Sequence[LabelTable], entries: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """Return the names of the labels by number, and what the user should know of them.

    Raises:
        DatasetInvalid: ``classes.txt`` lacks a label (-201).
        AnnotationMissing: There is no label at all (-701).
    """
    everywhere, known = _known(root, tables, entries)
    trained = {label for entry in entries if entry.split in (None, TRAIN) for label in entry.labels}
    if not trained:
        raise _nothing_labelled(say("No training picture has a label", "没有任何训练图片带有标签"))
    names = [name for name in known if name in trained]
    lines = [*notes.unused([name for name in known if name not in everywhere])]
    lines += notes.untrained(sorted(set(everywhere) - trained))
    return names, [*lines, *notes.doubtful(names, everywhere)]


def _known(root: Path, tables: Sequence[LabelTable], entries: Sequence[Entry]) -> tuple[Counter[str], list[str]]:
    """Return how many pictures have each label, and all names in their order.

    Raises:
        DatasetInvalid: ``classes.txt`` lacks a label (-201).
    """
    everywhere = Counter(label for entry in entries for label in entry.labels)
    columns = dict.fromkeys(label for table in tables for label in table.labels)
    known = list(columns) or sorted(everywhere)
    listed = _listed(root)
    if listed:
        if unknown := sorted(set(everywhere) - set(listed)):
            raise _not_listed(unknown[0], listed)
        known = listed
    return everywhere, known


def _nothing_labelled(message: str) -> AnnotationMissing:
    return AnnotationMissing(
        message,
        hint=say(
            "Fill in the labels: 'a.jpg,cat;dog', or 1 in the columns of what a picture shows.",
            "请填写标签：例如 a.jpg,cat;dog，或在图片所含标签的列中填 1。",
        ),
    )


def _listed(root: Path) -> list[str]:
    file = files_of(root).get("classes.txt")
    return [] if file is None else [name for line in read_lines(file) if (name := composed(line.strip()))]


def _not_listed(label: str, listed: Sequence[str]) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"classes.txt does not have the label '{label}'", f"classes.txt 中没有标签“{label}”"),
        hint=did_you_mean(label, listed) or say("Add it there, or delete classes.txt.", "请补上，或删除 classes.txt。"),
    )


def _dataset(
    root: Path, entries: Sequence[Entry], names: Sequence[str], lines: Sequence[str], *, complete: bool
) -> MultiLabelDataset | ImageNetDataset:
    one_each = all(len(entry.labels) == 1 for entry in entries)
    if one_each:  # a label that nobody trains on has no number
        entries = [entry for entry in entries if entry.labels[0] in names]
    samples = _samples(entries, names)
    data = divided(root, names, samples, [entry.split for entry in entries], complete=complete)
    data = replace(data, notes=(*lines, *data.notes))
    if one_each:
        return _of_one_class(data)
    return replace(data, notes=(notes.several(data), *data.notes, *notes.rare(data)))


def _samples(entries: Sequence[Entry], names: Sequence[str]) -> list[MultiLabelSample]:
    """Return pictures with the numbers of their labels; labels without a name are left out."""
    number = {name: label for label, name in enumerate(names)}
    return [
        MultiLabelSample(entry.path, tuple(sorted(number[label] for label in entry.labels if label in number)))
        for entry in entries
    ]


def divided(
    root: Path,
    names: Sequence[str],
    samples: Sequence[MultiLabelSample],
    splits: Sequence[int | None],
    *,
    complete: bool,
) -> MultiLabelDataset:
    """Divide pictures; where none are for validation, about a fifth of the training pictures is held out.

    Args:
        root: The set's folder.
        names: Of the labels.
        samples: All pictures.
        splits: What each is for; None is training.
        complete: Whether pictures may be held out.
    """
    keys = [sample.path.relative_to(root).as_posix() for sample in samples]
    chosen, held = _chosen(keys, samples, splits, complete=complete)
    parts = [[s for s, split in zip(samples, chosen, strict=True) if split == part] for part in range(len(SPLITS))]
    train, val, test = (tuple(sorted(part, key=lambda sample: str(sample.path))) for part in parts)
    data = MultiLabelDataset(root, tuple(names), train, val, test, holds_out=held > 0)
    return replace(data, notes=tuple(notes.held_out(held, len(train) + held, data)) if complete else ())


def _chosen(
    keys: Sequence[str], samples: Sequence[MultiLabelSample], splits: Sequence[int | None], *, complete: bool
) -> tuple[list[int], int]:
    """Return each picture's split, and how many were held out for validation."""
    given = [TRAIN if split is None else split for split in splits]
    if VAL in given or not complete:
        return given, 0
    training = [index for index, split in enumerate(given) if split == TRAIN]
    chosen = by_rarest([keys[i] for i in training], [frozenset(samples[i].labels) for i in training], _HELD_OUT, seed=0)
    for index, split in zip(training, chosen, strict=True):
        given[index] = split
    return given, chosen.count(VAL)


def _of_one_class(data: MultiLabelDataset) -> ImageNetDataset:
    """Return a set of ordinary classes.

    Raises:
        DatasetInvalid: All pictures have the same label (-201).
    """
    if len(data.classes) < 2:
        raise DatasetInvalid(
            say(
                f"Every picture has the same only label: '{data.classes[0]}'",
                f"所有图片都只有同一个标签：“{data.classes[0]}”",
            ),
            hint=say(
                "Add pictures without it (an empty cell), or of another label.",
                "请加入没有该标签的图片（标签留空），或其他标签的图片。",
            ),
        )

    def single(part: Iterable[MultiLabelSample]) -> tuple[Sample, ...]:
        samples = (Sample(sample.path, sample.labels[0]) for sample in part)
        return tuple(sorted(samples, key=lambda sample: (sample.label, str(sample.path))))

    told = (notes.one_label_each(), *data.notes)
    train, val, test = (single(part) for part in (data.train, data.val, data.test))
    return ImageNetDataset(data.root, data.classes, train, val, test, told, holds_out=data.holds_out)
