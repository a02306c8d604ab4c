"""Which scripts are given to the grammar: its parser has no time limit, and some texts cost it their length squared."""

from __future__ import annotations

import re

__all__ = ["safe_to_parse"]

_LIMITS = (("|", 2_000), ("<", 2_000), (">", 4_000), ("(", 6_000), ("{", 6_000), ("`", 4_000), ("[", 6_000))
"""How often a character may stand in a script. With these the worst text found takes the parser half a second; ten
times as many take it a minute, or gigabytes. The busiest release script seen has 300 of any of them."""
_MAX_OPEN = 200
"""Parentheses that may be open at once; people nest 5."""
_PARENTHESES = re.compile(r"[()]")


def safe_to_parse(text: str) -> bool:
    """Whether the parser will be done with this text in reasonable time and space."""
    if any(text.count(character) > limit for character, limit in _LIMITS):
        return False
    opened = 0
    for found in _PARENTHESES.finditer(text):
        opened = opened + 1 if found.group() == "(" else max(0, opened - 1)
        if opened > _MAX_OPEN:
            return False
    return True
