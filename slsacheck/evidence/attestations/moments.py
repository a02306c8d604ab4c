"""Points in time: RFC 3339 texts and seconds since 1970, always in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["from_seconds", "is_moment", "parse_moment", "same_moment"]

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_moment(text: object) -> datetime | None:
    """The instant of an RFC 3339 text (fractions cut to microseconds), None for anything else."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    zone = "+00:00" if match[4] in "Zz" else match[4]
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}.{(match[3] or '0')[:6].ljust(6, '0')}{zone}").astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None


def is_moment(text: object) -> bool:
    """Whether it has the form of an RFC 3339 text; quicker than reading it."""
    return isinstance(text, str) and _RFC3339.fullmatch(text) is not None


def same_moment(left: str, right: str) -> bool:
    """Whether two RFC 3339 texts are the same instant, to the last digit of their fractions."""
    one, two = parse_moment(left), parse_moment(right)
    fractions = [(_RFC3339.fullmatch(text) or [""] * 5)[3] or "" for text in (left, right)]
    return one is not None and one == two and fractions[0].rstrip("0") == fractions[1].rstrip("0")


def from_seconds(seconds: float) -> datetime | None:
    """The instant so many seconds after 1970-01-01; None when it is out of every calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
