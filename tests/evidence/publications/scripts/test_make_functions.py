"""Make's functions on words: worked out where all arguments are known, left as written where not."""

from __future__ import annotations

import pytest

from slsacheck.evidence.publications.scripts._maketext import spelled_out, with_functions

KNOWN = [
    ("$(addprefix push-,a b)", "push-a push-b"),
    ("$(addsuffix .tgz,a b)", "a.tgz b.tgz"),
    ("$(addprefix push-,$(notdir x/a y/b))", "push-a push-b"),
    ("$(patsubst %.c,%.o,a.c b.h)", "a.o b.h"),
    ("$(patsubst publish-%,%,publish-widget)", "widget"),
    ("$(subst -,/,a-b)", "a/b"),
    ("$(basename src/a.tar.gz b)", "src/a.tar b"),
    ("$(dir a/b c)", "a/ ./"),
    ("$(strip  a   b )", "a b"),
    ("$(sort b a b)", "a b"),
    ("$(firstword a b) $(lastword a b)", "a b"),
    ("$(firstword )", ""),
    ("$(addprefix push-,${images})", "$(addprefix push-,${images})"),
    ("$(addprefix push-)", "$(addprefix push-)"),
    ("$(shell git tag)", "$(shell git tag)"),
]


@pytest.mark.parametrize(("text", "wanted"), KNOWN)
def test_functions(text: str, wanted: str) -> None:
    assert with_functions(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$(OBJECTS:.c=.o)", "$(patsubst %.c,%.o,$(OBJECTS))"),
        ("$(@:publish-%=%)", "$(patsubst publish-%,%,$@)"),
        ("http://example.com:80/x=y", "http://example.com:80/x=y"),
    ],
)
def test_changed_endings(text: str, wanted: str) -> None:
    assert spelled_out(text) == wanted


def test_calls_in_calls_end() -> None:
    text = "$(addprefix a," * 300 + "x" + ")" * 300
    assert "$(addprefix" in with_functions(text)
