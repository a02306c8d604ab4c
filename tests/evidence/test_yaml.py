"""YAML: what is read, where it stands, and what hostile files get."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError
from slsacheck.evidence.yaml import MAX_BYTES, MAX_NODES, MISSING, Duplicate, load, read
from tests.clock import soon


def test_on_and_no_and_version_numbers_stay_what_they_are() -> None:
    document = load("on: no\nversion: 1.10\nyes: true\n", "f.yml")
    assert [name for name, _ in document.items()] == ["on", "version", "yes"]
    assert document.get("on").boolean is None
    assert document.get("version").text == "1.10"
    assert document.get("yes").boolean is True


def test_quoted_words_are_no_booleans_and_no_nulls() -> None:
    document = load("a: 'true'\nb: ''\nc:\nd: ~\n", "f.yml")
    assert document.get("a").boolean is None
    assert not document.get("b").is_null
    assert document.get("c").is_null
    assert document.get("d").is_null
    assert document.get("e").is_null
    assert not document.get("e")
    assert document.get("c")


def test_places_count_from_one() -> None:
    document = load("a:\n  - b: c\n", "dir/f.yml")
    place = document.get("a").elements[0].get("b").at
    assert (place.path, place.line, place.column) == ("dir/f.yml", 2, 8)
    assert document.key("a").line == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("run: |\n  one\n  two\n", 2),
        ("run: >-\n  one\n  two\n", 2),
        ("run: one\n", 1),
        ("run:\n  one\n", 2),
        ('run: "one\n  two"\n', 1),
        ("run: |\n\n\n  one\n", 2),
        ("run: &script\n  |\n  one\n", 3),
        ("run: !shell |  # why\n  one\n", 2),
        ("run: |\r\n  one\r\n", 2),
    ],
)
def test_the_line_on_which_a_script_begins(text: str, line: int) -> None:
    assert load(text, "f.yml").get("run").text_line == line


def test_line_endings_and_byte_order_mark() -> None:
    document = load("\ufeffrun: |\r\n  one\r\n  two\r\n", "f.yml")
    assert document.get("run").text == "one\ntwo\n"


def test_the_last_of_repeated_keys_wins_and_the_repetition_is_told() -> None:
    document = load("a: 1\nb: 2\na: 3\n", "f.yml")
    assert document.get("a").text == "3"
    assert document.duplicates == (Duplicate("a", 3),)
    assert len(document.entries) == 3


def test_merge_keys_bring_what_is_not_there_and_earlier_sources_win() -> None:
    document = load("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n", "f.yml")
    assert {name: node.text for name, node in document.get("z").items()} == {"a": "0", "b": "1", "c": "2"}
    assert document.get("z").duplicates == ()


def test_documents_of_a_stream() -> None:
    found = read("a: 1\n---\nb: 2\n---\n", "f.yml")
    assert found.problem is None
    assert [list(node.table()) for node in found.documents] == [["a"], ["b"], []]
    assert load("# nothing\n", "f.yml") is MISSING


def test_what_was_read_before_an_error_is_kept() -> None:
    found = read("name: x\njobs:\n  a:\n    steps:\n      - run: one\n      - run: two\n  b: {\n", "f.yml")
    assert found.problem is not None
    assert "f.yml: line 8" in str(found.problem)
    assert found.first.get("jobs", "a", "steps").elements[0].get("run").text == "one"


def test_accessors_take_one_or_many() -> None:
    document = load("one: a\nmany: [a, [b, c], null]\nnone:\nmap: {k: v}\n", "f.yml")
    assert document.get("one").strings() == ("a",)
    assert document.get("many").strings() == ("a", "b", "c")
    assert document.get("none").strings() == ()
    assert document.get("map").each() == (document.get("map"),)
    assert document.get("one", "deeper").text == ""


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(20)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 30_000, "nested deeper"),
        ("- " * 30_000, "nested deeper"),
        ("? " * 3_000, "nested deeper"),
        (BOMB, "aliases expanded"),
        ("&a [*a]", "stands inside itself"),
        ("a: &a {<<: *a}", "stands inside itself"),
        ("*nothing", "has no anchor"),
        ("a: 1\nb: \0", "line 2: not YAML: control characters"),
        ("a: \ud800", "not YAML"),
        ("a: b\n" * 800_000, "more than 200000 nodes"),
        ("---\n" * 2_000, "more than 1000 documents"),
        ("x" * (MAX_BYTES + 1), "characters"),
        ("a:\n\tb: c", "line 2"),
        ("{a: 1", "line 2"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_hostile_files_get_one_clear_answer_soon(text: str, reason: str) -> None:
    with soon(30), pytest.raises(InputError) as caught:
        load(text, "bad.yml")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("bad.yml: line ")


def test_walking_stays_within_the_bound() -> None:
    found = read(BOMB, "f.yml")
    assert sum(1 for document in found.documents for _ in document.walk()) <= MAX_NODES


YAMLISH = st.text(alphabet=st.sampled_from(list("ab:-[]{}&*<>|'\"#?!%@, \n\t~01")), max_size=200)


@settings(max_examples=300)
@given(YAMLISH | st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text, "f.yml")
    lines = len(text.splitlines()) + 1
    for document in found.documents:
        for node in document.walk():
            assert 1 <= node.line <= lines
            assert node.line <= node.text_line <= lines + 1
