"""The package's name in other letters, as ``pip install`` has it: says what it is called (包名是 MMEdu，注意大小写)."""

from __future__ import annotations

from BaseDT.errors import NameUnknown, show_named_errors_plainly
from BaseDT.language import say

show_named_errors_plainly()

raise NameUnknown(
    say("There is no module 'mmedu': letter case counts.", "没有模块 'mmedu'：请注意大小写。"),
    hint=say(
        "Did you mean 'MMEdu'? from MMEdu import MMClassification",
        "你是不是想写 'MMEdu'？from MMEdu import MMClassification",
    ),
)
