"""Which scripts are given to the grammar: its parser has no time limit, and some texts cost it their length squared."""

from __future__ import annotations

from slsacheck.patterns import regex

__all__ = ["safe_to_parse"]

_MAX_PARSED = 96 * 1024
"""Characters that the parser is given; longer scripts are read line by line. The longest release script has 60 KB."""
_LIMITS = tuple(zip("|<>(){`[&", (2_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 6_000, 6_000), strict=True))
"""How often a character may stand in a script. With these the worst text found takes the parser a second; ten times as
many take it a minute, or gigabytes. The busiest release script seen has 300 of any of them."""
_MAX_OPEN = 200
"""Parentheses that may be open at once; people nest 5."""
_MAX_CLOSED = 1_000
"""Parentheses that close nothing (the patterns of `case`); the busiest script seen has 150."""
_PARENTHESES = regex(r"[()]")


def safe_to_parse(text: str) -> bool:
    """Whether the parser will be done with this text in reasonable time and space."""
    if len(text) > _MAX_PARSED or any(text.count(character) > limit for character, limit in _LIMITS):
        return False
    opened = closed = 0
    for found in _PARENTHESES.finditer(text):
        if found.group() == "(":
            opened += 1
        elif opened:
            opened -= 1
        else:
            closed += 1
        if opened > _MAX_OPEN or closed > _MAX_CLOSED:
            return False
    return True
