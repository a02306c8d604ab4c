"""Conditions of a script that can be decided from the text alone (`[ "false" = "true" ]` after inputs were put in)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

__all__ = ["never"]

_COMPARED = regex(
    r"""^\[\[?\s+(?P<left>"[^"$`]*"|'[^']*'|[\w./-]+)\s+(?P<how>==?|!=)\s+(?P<right>"[^"$`]*"|'[^']*'|[\w./-]+)\s+\]\]?$"""
)
_EMPTY = regex(r"""^\[\[?\s+(?P<how>-[nz])\s+(?P<text>"[^"$`]*"|'[^']*')\s+\]\]?$""")
_CONSTANT = {"true": True, "false": False, ":": True}


_KNOWN = regex(r"\$(?:\{(INPUT_\w+|CI)\}|(INPUT_\w+|CI)\b)")
_PLAIN = regex(r"[\w./: -]*")


def never(guards: tuple[str, ...], env: Mapping[str, str] | None = None) -> bool:
    """Whether one of these conditions can never hold; what only a run can tell may.

    Of the variables in `env` only the inputs of an action (`INPUT_NAME`) and `CI` are put in: no script gives others to
    these.
    """
    return any(_holds(_filled(guard, env or {})) is False for guard in guards)


def _filled(guard: str, env: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        known = env.get(match[1] or match[2])
        return known if known is not None and _PLAIN.fullmatch(known) else match[0]

    return _KNOWN.sub(value, guard) if "INPUT_" in guard or "CI" in guard else guard


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
