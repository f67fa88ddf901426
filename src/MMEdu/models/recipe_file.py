"""Recipe files: a model and its training written down as TOML or JSON, given as ``backbone=``.

backbone = "MobileNet"
image_size = 160
fit = "letterbox"
batch_size = 16

[schedule]
kind = "cosine"
warmup_iters = 20

[augment]
crop_scale = [0.3, 1.0]
flip = 0.5
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from BaseDT import plain_json
from BaseDT.errors import RecipeInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.geometry.fit import FITS
from BaseDT.language import english, say, system_reason
from BaseDT.pasted import as_meant
from MMEdu.models import registry
from MMEdu.models.adapting import FollowsInput, adapted
from MMEdu.models.recipe import Augmentation, Recipe, Schedule, ScheduleKind, are_numbers
from MMEdu.models.registry import ModelEntry

_SUFFIXES = (".toml", ".json")
_MOST_BYTES, _MOST_DOTS = 1 << 17, 200
"""Of a recipe, and of one line: keys of keys (a.a.a …) cost the parser the square of their number, and more."""
_KEYS = ("backbone", "image_size", "fit", "batch_size", "bfloat16", "schedule", "augment")


def entry_of(backbone: str, task: str) -> ModelEntry:
    """Return the entry of a model's name, or of a recipe file's path.

    Raises:
        BackboneUnknown: No model of this name (-302).
        RecipeInvalid: The file cannot be used as a recipe (-204).
    """
    suffix = as_meant(backbone).suffix.lower() if isinstance(backbone, (str, os.PathLike)) else ""
    if suffix in _SUFFIXES:
        return _entry_of_file(as_meant(backbone), task)
    if suffix in (".py", ".yaml", ".yml"):
        hint = say(
            "Write the recipe as TOML or JSON; Python configurations are not read, because they run code.",
            "请用 TOML 或 JSON 写配置；不读取 Python 配置，因为它会执行代码。",
        )
        raise RecipeInvalid(say(f"{backbone} is no recipe file.", f"{backbone} 不是配置文件。"), hint=hint)
    return registry.find(backbone, task)


def backbone_name(backbone: str) -> str:
    """Return the name of the model that a recipe file is for; what is no recipe file is a name itself.

    Raises:
        RecipeInvalid: The file cannot be read (-204).
    """
    if as_meant(str(backbone)).suffix.lower() not in _SUFFIXES:
        return str(backbone)
    return str(_read(as_meant(backbone)).get("backbone", backbone))


def _entry_of_file(path: Path, task: str) -> ModelEntry:
    content = _read(path)
    _refuse_unknown(path, content, _KEYS)
    if "backbone" not in content:
        raise _invalid(path, say("it names no backbone", "没有写明 backbone"), 'backbone = "LeNet"')
    entry = _with_input(path, content, registry.find(str(content["backbone"]), task))
    recipe = replace(
        entry.recipe,
        batch_size=_whole(path, content, "batch_size", entry.recipe.batch_size, least=1),
        bfloat16=_flag(path, content, "bfloat16", entry.recipe.bfloat16),
        schedule=_schedule(path, content, entry.recipe),
        augment=_augment(path, content, entry.recipe.augment),
    )
    return replace(entry, recipe=recipe)


def _with_input(path: Path, content: Mapping[str, Any], entry: ModelEntry) -> ModelEntry:
    """Return the entry with the recipe's size and fit; its ``[augment]`` comes later, and wins."""
    usual = entry.preprocess.size[0]
    side = _whole(path, content, "image_size", usual, least=8)
    if side != usual and entry.fixed_size:
        raise _invalid(
            path,
            say(f"image_size is {side}", f"image_size 是 {side}"),
            say(f"{entry.name} works at {usual} only", f"{entry.name} 只能使用 {usual}"),
        )
    fit = content.get("fit")
    if "fit" in content and not isinstance(entry.recipe.augment, FollowsInput):
        text = say(f"no fit: {entry.name} sees whole pictures", f"不写 fit：{entry.name} 总是使用完整图片")
        raise _invalid(path, say(f"fit is {quoted(fit)}", f"fit 是 {quoted(fit)}"), text)
    if "fit" in content and fit not in FITS:
        text = say(f"one of {', '.join(FITS)}", f"{'、'.join(FITS)} 之一")
        raise _invalid(path, say(f"fit is {quoted(fit)}", f"fit 是 {quoted(fit)}"), text)
    return adapted(entry, image_size=None if side == usual else side, fit=fit)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = _text(path)
    except OSError as error:
        hint = say("Check the path.", "请检查路径。")
        raise RecipeInvalid(
            say(
                f"Cannot read the recipe {path}: {english(system_reason(error))}.",
                f"无法读取配置文件 {path}：{system_reason(error)}。",
            ),
            hint=hint,
        ) from error
    except UnicodeDecodeError as error:
        raise _invalid(path, say("it is not UTF-8 text", "不是 UTF-8 文本"), 'backbone = "LeNet"') from error
    try:
        content = plain_json.loads(text) if path.suffix.lower() == ".json" else _toml(text)
    except (ValueError, RecursionError) as error:  # both parsers name line and column
        raise _invalid(path, str(error), 'backbone = "LeNet"') from error
    if not isinstance(content, dict):
        raise _invalid(
            path, say("it is no table of names and values", "不是由名称和值组成的表"), '{"backbone": "LeNet"}'
        )
    return content


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():  # a folder; a pipe would be waited for
        raise _invalid(path, say("it is no file", "不是文件"), 'backbone = "LeNet"')
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    text = data[:_MOST_BYTES].decode("utf-8-sig")
    if len(data) > _MOST_BYTES or any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise _invalid(path, say("it is too long, or nested too deeply", "内容过长或嵌套过深"), 'backbone = "LeNet"')
    return text


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _schedule(path: Path, content: Mapping[str, Any], recipe: Recipe) -> Schedule:
    schedule: Schedule = _part(path, content, "schedule", recipe.schedule)
    if schedule.kind not in get_args(ScheduleKind):
        raise _invalid(
            path,
            say(f"schedule.kind is {quoted(schedule.kind)}", f"schedule.kind 是 {quoted(schedule.kind)}"),
            say(f"one of {', '.join(get_args(ScheduleKind))}", f"{'、'.join(get_args(ScheduleKind))} 之一"),
        )
    if not are_numbers(schedule.milestones, whole=True):
        raise _invalid(
            path,
            say("schedule.milestones is no list of epochs", "schedule.milestones 不是轮次列表"),
            "milestones = [30, 60]",
        )
    rates, steps = (schedule.gamma, schedule.warmup_ratio), (schedule.warmup_iters,)
    if not are_numbers(rates) or not are_numbers(steps, whole=True):
        raise _invalid(
            path,
            say("a number of schedule is negative or no number", "schedule 中有负数或不是数字的值"),
            "gamma = 0.1, warmup_iters = 20",
        )
    return schedule


def _augment(path: Path, content: Mapping[str, Any], default: Augmentation) -> Augmentation:
    """Read what the model's task can vary: the fields of its own class, which also checks them."""
    augment: Augmentation = _part(path, content, "augment", default)
    invalid = augment.invalid_field()
    if invalid is not None:
        name, example = invalid
        raise _invalid(
            path,
            say(
                f"augment.{name} is {quoted(getattr(augment, name))}",
                f"augment.{name} 是 {quoted(getattr(augment, name))}",
            ),
            example,
        )
    return augment


def _part(path: Path, content: Mapping[str, Any], name: str, default: Any) -> Any:
    """Return the default, a frozen dataclass, with the values of the table of this name."""
    table = content.get(name, {})
    if not isinstance(table, Mapping):
        raise _invalid(path, say(f"{name} is no table", f"{name} 不是表"), f"[{name}]")
    _refuse_unknown(path, table, [field.name for field in fields(default)])
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return replace(default, **values)


def _whole(path: Path, content: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = content.get(name, default)
    if type(value) is not int or value < least:
        raise _invalid(
            path,
            say(f"{name} is {quoted(value)}", f"{name} 是 {quoted(value)}"),
            say(f"a whole number, at least {least}", f"不小于 {least} 的整数"),
        )
    return value


def _flag(path: Path, content: Mapping[str, Any], name: str, default: bool) -> bool:
    value = content.get(name, default)
    if not isinstance(value, bool):
        raise _invalid(
            path, say(f"{name} is {quoted(value)}", f"{name} 是 {quoted(value)}"), say("true or false", "true 或 false")
        )
    return value


def _refuse_unknown(path: Path, table: Mapping[str, Any], valid: Collection[str]) -> None:
    for name in table:
        if name not in valid:
            raise _invalid(
                path,
                say(f"it has an unknown name {quoted(name)}", f"有未知的名称 {quoted(name)}"),
                f"{did_you_mean(name, valid)} {', '.join(valid)}",
            )


def _invalid(path: Path, problem: str, expected: str) -> RecipeInvalid:
    hint = say(f"Expected: {expected.strip()}", f"应当是：{expected.strip()}")
    return RecipeInvalid(
        say(f"The recipe {path} cannot be used: {english(problem)}.", f"无法使用配置文件 {path}：{problem}。"),
        hint=hint,
    )
