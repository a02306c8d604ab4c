"""Regular expressions that are compiled when they are first used.

A scan imports some two hundred patterns and uses a few dozen; compiling all of them took a third of its start-up.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["deferred", "regex"]

_COMPILE = re.compile


class _Lazy:
    """Stands for a compiled pattern: its methods are put in place at the first use of one."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._asked = (source, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made: Any = _COMPILE(*self._asked)
        for method in ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"):
            setattr(self, method, getattr(made, method))
        for value in ("pattern", "flags", "groups", "groupindex"):
            setattr(self, value, getattr(made, value))
        return getattr(made, name)

    def __repr__(self) -> str:
        return f"regex({self._asked[0]!r})"


@overload
def regex(source: str, flags: int = 0) -> re.Pattern[str]: ...
@overload
def regex(source: bytes, flags: int = 0) -> re.Pattern[bytes]: ...
def regex(source: Any, flags: int = 0) -> Any:
    """A pattern with the methods of `re.Pattern`; an invalid one is found when it is first used, or by the tests."""
    return _Lazy(source, flags)


@contextmanager
def deferred() -> Iterator[None]:
    """Has a library that is imported meanwhile compile its patterns when they are first used, as our own are.

    Threads may do so at once: what they put back is the same, and what they get meanwhile works as a pattern does.
    """
    re.compile = regex  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = _COMPILE
