"""Conditions of a script that can be decided from the text alone (`[ "false" = "true" ]` after inputs were put in)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.shell import holds
from slsacheck.patterns import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

__all__ = ["never"]

_KNOWN = regex(r"\$(?:\{(INPUT_\w+|CI)\}|(INPUT_\w+|CI)\b)")
_PLAIN = regex(r"[\w./: -]*")


def never(guards: tuple[str, ...], env: Mapping[str, str] | None = None) -> bool:
    """Whether one of these conditions can never hold; what only a run can tell may.

    Of the variables in `env` only the inputs of an action (`INPUT_NAME`) and `CI` are put in: no script gives others to
    these.
    """
    return any(holds(_filled(guard, env or {})) is False for guard in guards)


def _filled(guard: str, env: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        known = env.get(match[1] or match[2])
        return known if known is not None and _PLAIN.fullmatch(known) else match[0]

    return _KNOWN.sub(value, guard) if "INPUT_" in guard or "CI" in guard else guard
