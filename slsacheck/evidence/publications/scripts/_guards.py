"""Conditions of a script that can be decided from the text alone (`[ "false" = "true" ]` after inputs were put in)."""

from __future__ import annotations

from slsacheck.patterns import regex

__all__ = ["never"]

_COMPARED = regex(
    r"""^\[\[?\s+(?P<left>"[^"$`]*"|'[^']*'|[\w./-]+)\s+(?P<how>==?|!=)\s+(?P<right>"[^"$`]*"|'[^']*'|[\w./-]+)\s+\]\]?$"""
)
_EMPTY = regex(r"""^\[\[?\s+(?P<how>-[nz])\s+(?P<text>"[^"$`]*"|'[^']*')\s+\]\]?$""")
_CONSTANT = {"true": True, "false": False, ":": True}


def never(guards: tuple[str, ...]) -> bool:
    """Whether one of these conditions can never hold; what only a run can tell may."""
    return any(_holds(guard) is False for guard in guards)


def _holds(guard: str) -> bool | None:
    text = guard.strip()
    if text.startswith("not (") and text.endswith(")"):
        inner = _holds(text[5:-1])
        return None if inner is None else not inner
    if text in _CONSTANT:
        return _CONSTANT[text]
    compared = _COMPARED.match(text)
    if compared:
        equal = compared["left"].strip("\"'") == compared["right"].strip("\"'")
        return equal if compared["how"] != "!=" else not equal
    empty = _EMPTY.match(text)
    if empty:
        return (not empty["text"].strip("\"'")) == (empty["how"] == "-z")
    return None
