"""`-k` and `-m`: the grammar, what they look into, and errors with a caret."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck import catalog
from slsacheck.api import Check, Source
from slsacheck.errors import UsageError
from slsacheck.model import Requirement
from slsacheck.select import chooser, compiled, keywords_of, marks_of, networked

HOSTED = catalog.load().expand("build.hosted")[0]
WORDS = {"a": True, "b": False, "not_a": True, "build.isolated": True}


def rows_of(*atoms: str) -> tuple[Requirement, ...]:
    found = [catalog.load().requirement(atom) for atom in atoms]
    assert all(found)
    return tuple(row for row in found if row is not None)


def check(name: str, *atoms: str, needs: tuple[str, ...] = ("publication",), experimental: bool = False) -> Check:
    return Check(name, atoms, "The job runs Elsewhere", needs, "publication", lambda: None, experimental)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", True),
        ("  ", True),
        ("a", True),
        ("not a", False),
        ("not not a", True),
        ("a and b", False),
        ("a or b and b", True),
        ("(a or b) and b", False),
        ("not (a and b)", True),
        ("not_a", True),
        ("build.isolated and(a)", True),
    ],
)
def test_the_grammar_is_pytests(text: str, value: bool) -> None:
    assert compiled(text)(lambda word: WORDS[word]) is value


@pytest.mark.parametrize(
    ("text", "column"),
    [("a and", 6), ("(a", 3), ("a b", 3), (")", 1), ("a or or b", 6), ("not", 4), ("()", 2), ("a)", 2)],
)
def test_an_error_points_at_its_place(text: str, column: int) -> None:
    with pytest.raises(UsageError) as caught:
        compiled(text, "-m")
    first, shown, caret = caught.value.message.split("\n")
    assert first.startswith(f"-m: at column {column}: ")
    assert shown == f"  {text}"
    assert caret.index("^") == column - 1 + 2


def test_depth_and_length_have_bounds() -> None:
    with pytest.raises(UsageError, match="nested"):
        compiled("(" * 200 + "a" + ")" * 200)
    with pytest.raises(UsageError, match="longer"):
        compiled("a" * 10_001)


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda three: f"({three[0]}) {three[1]} {three[2]}"
        ),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS, st.booleans(), st.booleans())
def test_it_means_what_python_means(text: str, a: bool, b: bool) -> None:
    expected = bool(eval(text, {"__builtins__": {}}, {"a": a, "b": b}))
    assert compiled(text)(lambda word: {"a": a, "b": b}[word]) is expected


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert compiled(text)(lambda _word: True) in (True, False)


def test_keywords_are_names_titles_and_ids() -> None:
    words = keywords_of(check("runs_hosted", HOSTED), rows_of("build.hosted"))
    assert "runs_hosted" in words
    assert "the job runs elsewhere" in words
    assert "build.hosted" in words


def test_marks_are_track_level_subject_party_and_traits() -> None:
    one = check("c", HOSTED, needs=("publication", "far"), experimental=True)
    marks = marks_of(one, rows_of("build.hosted"), "v1.2", {"far"})
    assert {"build", "l2", "publication", "platform", "network", "experimental"} <= marks
    assert "source" not in marks
    older = check("c", "v01.build.scripted-build")
    assert {"slsa", "build", "l1"} <= marks_of(older, rows_of("v01.build.scripted-build"), "v0.1")


def test_evidence_made_from_network_evidence_needs_the_network() -> None:
    sources = [
        Source("far", (), None, dict, network=True),
        Source("made", ("far",), None, dict),
        Source("near", (), None, dict),
    ]
    assert networked(sources) == {"far", "made"}


def test_the_chooser_joins_both() -> None:
    one, rows = check("runs_hosted", HOSTED), rows_of("build.hosted")
    assert chooser("", "", "v1.2")(one, rows)
    assert chooser("HOSTED and not isolated", "build and l2", "v1.2")(one, rows)
    assert not chooser("isolated", "", "v1.2")(one, rows)
    assert not chooser("", "l3", "v1.2")(one, rows)
    with pytest.raises(UsageError, match="-m"):
        chooser("", "l3 or", "v1.2")
