"""What somebody may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["near", "suggestion"]


def near(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """The known words that come nearest, best first; difflib is imported only where something is wrong."""
    from difflib import get_close_matches

    return get_close_matches(word, list(known), n=count)


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean …?`, or something else to say where nothing comes near."""
    found = near(word, known)
    return f"did you mean {found[0]!r}?" if found else otherwise
