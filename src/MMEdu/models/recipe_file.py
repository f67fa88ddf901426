"""Recipe files: a model and its training written down as TOML or JSON, given as ``backbone=``.

backbone = "MobileNet"
image_size = 160
batch_size = 16

[schedule]
kind = "cosine"
warmup_iters = 20

[augment]
crop_scale = [0.3, 1.0]
flip = 0.5
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from BaseDT.errors import RecipeInvalid, did_you_mean
from BaseDT.language import say
from MMEdu.models import registry
from MMEdu.models.recipe import Augment, Recipe, Schedule, ScheduleKind
from MMEdu.models.registry import ModelEntry

_SUFFIXES = (".toml", ".json")
_KEYS = ("backbone", "image_size", "batch_size", "bfloat16", "schedule", "augment")
# What each task varies: another's would do nothing.
_VARIED = {
    "classification": ("crop_scale", "crop_ratio", "flip"),
    "detection": ("flip", "photometric", "expand", "iou_crop", "multi_scale", "mosaic"),
}
_Part = TypeVar("_Part", Schedule, Augment)


def entry_of(backbone: str, task: str) -> ModelEntry:
    """Return the entry of a model's name, or of a recipe file's path.

    Raises:
        BackboneUnknown: No model of this name (-302).
        RecipeInvalid: The file cannot be used as a recipe (-204).
    """
    suffix = Path(str(backbone)).suffix.lower()
    if suffix in _SUFFIXES:
        return _entry_of_file(Path(backbone), task)
    if suffix in (".py", ".yaml", ".yml"):
        hint = say(
            "Write the recipe as TOML or JSON; Python configurations are not read, because they run code.",
            "请用 TOML 或 JSON 写配置；不读取 Python 配置，因为它会执行代码。",
        )
        raise RecipeInvalid(f"{backbone} is no recipe file.", hint=hint)
    return registry.find(backbone, task)


def _entry_of_file(path: Path, task: str) -> ModelEntry:
    content = _read(path)
    _refuse_unknown(path, content, _KEYS)
    if "backbone" not in content:
        raise _invalid(path, "it names no backbone", 'backbone = "LeNet"')
    entry = registry.find(str(content["backbone"]), task)
    recipe = replace(
        entry.recipe,
        batch_size=_whole(path, content, "batch_size", entry.recipe.batch_size, least=1),
        bfloat16=_flag(path, content, "bfloat16", entry.recipe.bfloat16),
        schedule=_schedule(path, content, entry.recipe),
        augment=_augment(path, content, entry.recipe, task),
    )
    preprocess = entry.preprocess
    side = _whole(path, content, "image_size", preprocess.size[0], least=8)
    if side != preprocess.size[0]:
        if entry.fixed_size:
            raise _invalid(path, f"image_size is {side}", f"{entry.name} works at {preprocess.size[0]} only")
        preprocess = preprocess.with_size(side)
    return replace(entry, recipe=recipe, preprocess=preprocess)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        hint = say("Check the path.", "请检查路径。")
        raise RecipeInvalid(f"Cannot read the recipe {path}: {error.strerror or error}.", hint=hint) from error
    except UnicodeDecodeError as error:
        raise _invalid(path, "it is not UTF-8 text", 'backbone = "LeNet"') from error
    try:
        content = json.loads(text) if path.suffix.lower() == ".json" else _toml(text)
    except ValueError as error:  # both parsers name line and column
        raise _invalid(path, str(error), 'backbone = "LeNet"') from error
    if not isinstance(content, dict):
        raise _invalid(path, "it is no table of names and values", '{"backbone": "LeNet"}')
    return content


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _schedule(path: Path, content: Mapping[str, Any], recipe: Recipe) -> Schedule:
    schedule = _part(path, content, "schedule", recipe.schedule)
    if schedule.kind not in get_args(ScheduleKind):
        raise _invalid(path, f"schedule.kind is {schedule.kind!r}", f"one of {', '.join(get_args(ScheduleKind))}")
    if not _numbers(schedule.milestones, whole=True):
        raise _invalid(path, "schedule.milestones is no list of epochs", "milestones = [30, 60]")
    if not _numbers((schedule.gamma, schedule.warmup_ratio)) or not _numbers((schedule.warmup_iters,), whole=True):
        raise _invalid(path, "a number of schedule is negative or no number", "gamma = 0.1, warmup_iters = 20")
    return schedule


def _numbers(values: object, *, count: int | None = None, whole: bool = False) -> bool:
    """Whether these are finite numbers of at least 0, as many as wanted."""
    if not isinstance(values, tuple) or (count is not None and len(values) != count):
        return False
    kinds = (int,) if whole else (int, float)
    return all(type(v) in kinds and math.isfinite(v) and v >= 0 for v in values)


def _range(values: object, most: float = math.inf) -> bool:
    """Whether these are two numbers above 0, the smaller first."""
    return _numbers(values, count=2) and 0 < values[0] <= values[1] <= most  # type: ignore[index]


def _augment(path: Path, content: Mapping[str, Any], recipe: Recipe, task: str) -> Augment:
    table = content.get("augment")
    if isinstance(table, Mapping):
        _refuse_unknown(path, table, _VARIED.get(task, [field.name for field in fields(Augment)]))
    augment = _part(path, content, "augment", recipe.augment)
    if augment.crop_scale is not None and not _range(augment.crop_scale, 1):
        raise _invalid(path, f"augment.crop_scale is {augment.crop_scale!r}", "crop_scale = [0.08, 1.0]")
    if not _range(augment.crop_ratio):
        raise _invalid(path, f"augment.crop_ratio is {augment.crop_ratio!r}", "crop_ratio = [0.75, 1.333]")
    for name in ("flip", "photometric", "mosaic"):
        value = getattr(augment, name)
        if not _numbers((value,)) or value > 1:
            raise _invalid(path, f"augment.{name} is {value!r}", f"{name} = 0.5")
    _check_geometry(path, augment)
    return augment


def _check_geometry(path: Path, augment: Augment) -> None:
    """Refuse what cannot be of the parts that only detection knows."""
    if not _numbers((augment.expand,)) or augment.expand < 1:
        raise _invalid(path, f"augment.expand is {augment.expand!r}", "expand = 4.0, or 1.0 for none")
    if not _numbers(augment.iou_crop) or any(overlap > 1 for overlap in augment.iou_crop):
        raise _invalid(path, f"augment.iou_crop is {augment.iou_crop!r}", "iou_crop = [0.1, 0.3, 0.5, 0.7, 0.9]")
    if not _range(augment.multi_scale, 1):
        raise _invalid(path, f"augment.multi_scale is {augment.multi_scale!r}", "multi_scale = [0.75, 1.0]")


def _part(path: Path, content: Mapping[str, Any], name: str, default: _Part) -> _Part:
    table = content.get(name, {})
    if not isinstance(table, Mapping):
        raise _invalid(path, f"{name} is no table", f"[{name}]")
    _refuse_unknown(path, table, [field.name for field in fields(default)])
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return replace(default, **values)


def _whole(path: Path, content: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = content.get(name, default)
    if type(value) is not int or value < least:
        raise _invalid(path, f"{name} is {value!r}", f"a whole number, at least {least}")
    return value


def _flag(path: Path, content: Mapping[str, Any], name: str, default: bool) -> bool:
    value = content.get(name, default)
    if not isinstance(value, bool):
        raise _invalid(path, f"{name} is {value!r}", "true or false")
    return value


def _refuse_unknown(path: Path, table: Mapping[str, Any], known: Any) -> None:
    for name in table:
        if name not in known:
            raise _invalid(path, f"it has an unknown name {name!r}", f"{did_you_mean(name, known)} {', '.join(known)}")


def _invalid(path: Path, found: str, expected: str) -> RecipeInvalid:
    hint = say(f"Expected: {expected.strip()}", f"应当是：{expected.strip()}")
    return RecipeInvalid(f"The recipe {path} cannot be used: {found}.", hint=hint)
