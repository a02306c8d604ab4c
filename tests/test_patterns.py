"""Patterns that are compiled late are the patterns that were written, and every one of them is valid."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import slsacheck
from slsacheck.patterns import deferred, regex


def test_a_late_pattern_does_what_a_pattern_does() -> None:
    late, early = regex(r"(?P<a>x+)y", re.IGNORECASE), re.compile(r"(?P<a>x+)y", re.IGNORECASE)
    text = "aXXy xy"
    assert [match.span() for match in late.finditer(text)] == [match.span() for match in early.finditer(text)]
    assert late.sub("-", text) == early.sub("-", text)
    assert (late.pattern, late.flags, late.groups) == (early.pattern, early.flags, early.groups)
    assert regex(rb"\d").search(b"a1") is not None
    assert repr(regex("x")) == "regex('x')"


def test_an_invalid_pattern_is_told_at_its_first_use() -> None:
    with pytest.raises(re.error):
        regex("(").search("x")


def test_what_is_imported_meanwhile_compiles_its_patterns_late() -> None:
    with deferred(), deferred():
        late = re.compile(r"(x)(\d)?")
    early = re.compile(r"(x)(\d)?")
    assert type(late) is type(regex("")) is not type(early) is re.Pattern
    assert late.fullmatch("x1")[2] == "1"  # type: ignore[index]
    assert late.scanner("x").match() is not None  # type: ignore[attr-defined]


def test_every_pattern_of_the_project_is_valid() -> None:
    kind, found = type(regex("x")), 0
    for path in sorted(Path(slsacheck.__file__).parent.rglob("*.py")):
        name = ".".join(path.relative_to(Path(slsacheck.__file__).parent.parent).with_suffix("").parts)
        if path.name in ("__main__.py", "__init__.py") or "regex(" not in path.read_text():
            continue
        for value in vars(importlib.import_module(name)).values():
            for pattern in _within(value):
                if isinstance(pattern, kind):
                    assert pattern.pattern is not None
                    found += 1
    assert found > 100


def _within(value: object) -> list[object]:
    """The value, or what stands in it where it is a table of tuples."""
    return [value] if not isinstance(value, tuple) else [part for item in value for part in _within(item)]
