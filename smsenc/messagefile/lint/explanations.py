"""The explanations of all rules: one for each row of ``rules.RULES``."""

from __future__ import annotations

from types import MappingProxyType

from smsenc.messagefile.lint.explainedlines import LINES
from smsenc.messagefile.lint.explainedmessages import MESSAGES

EXPLANATIONS = MappingProxyType({one.code: one for one in (*LINES, *MESSAGES)})
