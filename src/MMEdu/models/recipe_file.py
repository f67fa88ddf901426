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
        bfloat16=bool(content.get("bfloat16", entry.recipe.bfloat16)),
        schedule=_schedule(path, content, entry.recipe),
        augment=_augment(path, content, entry.recipe),
    )
    preprocess = entry.preprocess
    if "image_size" in content and not entry.fixed_size:
        preprocess = preprocess.with_size(_whole(path, content, "image_size", preprocess.size[0], least=8))
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
    numbers = (schedule.gamma, schedule.warmup_iters, schedule.warmup_ratio, *schedule.milestones)
    if not all(isinstance(n, (int, float)) and n >= 0 for n in numbers):
        raise _invalid(path, "a number of schedule is negative or no number", "gamma = 0.1")
    return schedule


def _augment(path: Path, content: Mapping[str, Any], recipe: Recipe) -> Augment:
    augment = _part(path, content, "augment", recipe.augment)
    scale = augment.crop_scale
    if scale is not None and not (len(scale) == 2 and 0 < scale[0] <= scale[1] <= 1):
        raise _invalid(path, f"augment.crop_scale is {list(scale)}", "crop_scale = [0.08, 1.0]")
    ratio = augment.crop_ratio
    if not (len(ratio) == 2 and 0 < ratio[0] <= ratio[1]):
        raise _invalid(path, f"augment.crop_ratio is {list(ratio)}", "crop_ratio = [0.75, 1.333]")
    if not (isinstance(augment.flip, (int, float)) and 0 <= augment.flip <= 1):
        raise _invalid(path, f"augment.flip is {augment.flip!r}", "flip = 0.5")
    return augment


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


def _refuse_unknown(path: Path, table: Mapping[str, Any], known: Any) -> None:
    for name in table:
        if name not in known:
            raise _invalid(path, f"it has an unknown name {name!r}", f"{did_you_mean(name, known)} {', '.join(known)}")


def _invalid(path: Path, found: str, expected: str) -> RecipeInvalid:
    hint = say(f"Expected: {expected.strip()}", f"应当是：{expected.strip()}")
    return RecipeInvalid(f"The recipe {path} cannot be used: {found}.", hint=hint)
