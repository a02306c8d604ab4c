"""Text for a terminal is harmless, and measured as a terminal shows it."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

text = importlib.import_module("slsacheck.reports._text")
common = importlib.import_module("slsacheck.reports._common")
ANYTHING = st.text(alphabet=st.characters(), max_size=200)


@given(ANYTHING)
def test_what_is_clean_can_be_shown_and_stays_as_it_is(given_text: str) -> None:
    cleaned = text.clean(given_text)
    assert cleaned.isprintable()
    assert text.clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert text.clean(given_text, ascii_only=True).isascii()


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\udc80", "half\\udc80"),
        ("tab\tline\nend\u2028", "tab line end "),
        ("no-break\u00a0space", "no-break space"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("plain /path:12", "plain /path:12"),
    ],
)
def test_what_steers_or_hides_becomes_an_escape(hostile: str, shown: str) -> None:
    assert text.clean(hostile) == shown


def test_a_long_text_is_cut() -> None:
    assert text.clean("x" * 5000) == "x" * text.MAX_TEXT + " …"


@given(ANYTHING, st.integers(min_value=1, max_value=80))
def test_cut_and_pad_keep_to_their_width(given_text: str, width: int) -> None:
    cleaned = text.clean(given_text)
    assert text.columns(text.cut(cleaned, width)) <= width
    assert text.columns(text.pad(text.cut(cleaned, width), width)) == width


@given(st.lists(st.text(alphabet="ab広", min_size=1, max_size=6), max_size=30), st.integers(min_value=12, max_value=60))
def test_wrapped_lines_fit_and_lose_nothing(words: list[str], width: int) -> None:
    lines = text.wrap(" ".join(words), width)
    assert all(text.columns(line) <= width for line in lines)
    assert " ".join(lines).split() == words


def test_east_asian_letters_take_two_columns() -> None:
    assert text.columns("広い") == 4
    assert text.cut("広い名前", 5) == "広い…"
    assert text.columns("e\u0301") == 1


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://slsa.dev/spec/v1.2/build-requirements#provenance-exists", True),
        ("https://github.com/acme/widget/blob/main/a.yml#L3", True),
        ("http://slsa.dev/", False),
        ("https://slsa.dev.evil.example/", False),
        ("https://github.com@evil.example/", False),
        ("https://github.com:8443/", False),
        ("https://evil.example/", False),
        ('https://slsa.dev/"onclick="x', False),
        ("https://slsa.dev/\njavascript:alert(1)", False),
        ("javascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_only_known_https_addresses_are_links(address: str | None, followed: bool) -> None:
    assert common.safe_url(address) == (address if followed else None)
