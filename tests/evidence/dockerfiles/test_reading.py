"""Dockerfiles as BuildKit's frontend reads them: stages, directives, continuations, here-documents, arguments."""

from __future__ import annotations

import contextlib

import pytest

from slsacheck.errors import InputError
from slsacheck.evidence.dockerfiles import (
    MAX_DOCKERFILE,
    MAX_INSTRUCTIONS,
    Dockerfile,
    ImageUse,
    images_of,
    parse,
    script_of,
    triggered,
    walk,
)
from tests.clock import soon

PIN = "sha256:" + "ab" * 32


def read(text: str, **given: str) -> Dockerfile:
    return parse(text, "Dockerfile", given.items())


def used(text: str, target: str = "", **given: str) -> list[tuple[str, str, int]]:
    return [(one.kind, one.reference, one.line) for one in images_of(read(text, **given), target)]


def test_stages_and_what_they_build_on() -> None:
    found = read(
        "FROM golang:1.24 AS Build\nRUN go build\nFROM build AS test\nRUN go test\nFROM scratch\nCOPY --from=build /a /a\n"
    )
    assert [(stage.name, stage.base.text, stage.base.stage, stage.line) for stage in found.stages] == [
        ("build", "golang:1.24", None, 1),
        ("test", "build", 0, 3),
        ("", "scratch", None, 5),
    ]


def test_only_what_is_built_counts() -> None:
    """The stage `test` is never built for the last one, so its image is none of the image's."""
    text = "FROM a AS one\nFROM b AS test\nFROM c\nCOPY --from=one /x /x\n"
    assert used(text) == [("base", "a", 1), ("base", "c", 3)]
    assert used(text, "test") == [("base", "b", 2)]
    assert used(text, "elsewhere") == [("base", "a", 1), ("base", "b", 2), ("base", "c", 3)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ARG V=3.20\nFROM alpine:$V\n", "alpine:3.20"),
        ("ARG V\nFROM alpine:${V:-edge}\n", "alpine:edge"),
        ("ARG V=\nFROM alpine:${V:-edge}\n", "alpine:edge"),
        ("ARG V=1\nFROM alpine${V:+:one}\n", "alpine:one"),
        ("ARG A=x B=${A}y\nFROM $B\n", "xy"),
        ("ARG I=alpine\nARG I=debian\nFROM $I\n", "debian"),
        ('ARG I="alpine:3"\nFROM "$I"\n', "alpine:3"),
        ("arg i=alpine\nfrom $i\n", "alpine"),
        ("FROM alpine:${A:-${B:-${C:-3}}}\n", "alpine:3"),
        (f"FROM alpine@{PIN}\n", f"alpine@{PIN}"),
    ],
)
def test_arguments_before_from_are_filled_in(text: str, wanted: str) -> None:
    base = read(text).stages[0].base
    assert (base.text, base.resolved) == (wanted, True)


@pytest.mark.parametrize(
    "text", ["FROM $BASE\n", "ARG BASE\nFROM ${BASE}\n", "ARG V\nFROM alpine:${V%-*}\n", "ARG V\nFROM a:${V?no}\n"]
)
def test_what_only_the_caller_knows_is_not_guessed(text: str) -> None:
    base = read(text).stages[0].base
    assert not base.resolved
    assert "$" in base.text


def test_what_the_caller_gives_comes_before_the_default() -> None:
    assert read("ARG V=1\nFROM alpine:$V\n", V="2").stages[0].base.text == "alpine:2"


def test_a_stage_chosen_by_an_argument_is_no_image() -> None:
    text = "FROM alpine AS base-amd64\nFROM debian AS base-arm64\nFROM base-${TARGETARCH}\nRUN true\n"
    assert ("base", "base-${TARGETARCH}", 3) not in used(text)


def test_directives_stand_at_the_top_alone() -> None:
    found = read("# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\n\nFROM a\nRUN one `\n  two\n")
    assert found.directives == (("syntax", "docker/dockerfile:1", 1), ("escape", "`", 2), ("check", "skip=all", 3))
    assert found.stages[0].instructions[0].words == ("one", "two")
    assert read("# a comment\n# syntax=x\nFROM a\n").directives == ()
    assert read("#!/usr/bin/env docker-run\n# syntax=x\nFROM a\n").directives == (("syntax", "x", 2),)


def test_the_frontend_is_an_image_too() -> None:
    assert used("# syntax = docker/dockerfile:1\nFROM scratch\n") == [("frontend", "docker/dockerfile:1", 1)]


def test_comments_and_empty_lines_inside_an_instruction() -> None:
    one = read("FROM a\nRUN apt-get update && \\\n\n  # why\n  apt-get install \\\n    curl\nUSER 1\n").stages[0]
    run, user = one.instructions
    assert run.words == ("apt-get", "update", "&&", "apt-get", "install", "curl")
    assert (run.line, run.end, user.line) == (2, 6, 7)


def test_an_escaped_backslash_continues_nothing() -> None:
    assert [one.name for one in read("FROM a\nRUN echo x\\\\\nRUN b\n").stages[0].instructions] == ["RUN", "RUN"]


def test_what_onbuild_holds_back() -> None:
    one, other = read("FROM a\nONBUILD --x RUN --network=none make\nUSER 1\n").stages[0].instructions
    assert triggered(other) is None
    assert triggered(one) is not None
    inner = triggered(read("FROM a\nONBUILD \\\n  RUN --network=none make all\n").stages[0].instructions[0])
    assert inner is not None
    assert (inner.name, inner.flag("network"), inner.words, inner.line) == ("RUN", "none", ("make", "all"), 3)


def test_a_continuation_before_the_instruction() -> None:
    stage = read("FROM a\n\\\n\\\n  RUN x\n\\\n").stages[0]
    assert [(one.name, one.line, one.source_line, one.end) for one in stage.instructions] == [("RUN", 2, 4, 4)]
    (one,) = read("FROM a\n\\\nRUN <<E\nx\nE\n").stages[0].instructions
    assert [document.text for document in one.heredocs] == ["x"]


def test_flags_over_several_lines() -> None:
    text = (
        "FROM a\nRUN --mount=type=secret,id=t \\\n    --mount=type=bind,from=tool:1,target=/x \\\n    --network=none \\\n"
        "    make\n"
    )
    run = read(text).stages[0].instructions[0]
    assert run.all_flags("mount") == ("type=secret,id=t", "type=bind,from=tool:1,target=/x")
    assert (run.flag("network"), run.words, run.source_line) == ("none", ("make",), 5)
    assert used(text) == [("base", "a", 1), ("mount", "tool:1", 2)]


def test_heredocs_belong_to_their_instruction() -> None:
    text = "FROM a\nRUN <<EOF cat - <<-'TWO' > x\nFROM no\nEOF\n\tRUN no\n\tTWO\nCOPY <<x /y\nhi\nx\nUSER 1\n"
    stage = read(text).stages[0]
    run, copy, user = stage.instructions
    assert [(one.name, one.text, one.line, one.expand, one.chomp) for one in run.heredocs] == [
        ("EOF", "FROM no", 3, True, False),
        ("TWO", "\tRUN no", 5, False, True),
    ]
    assert (run.end, copy.heredocs[0].text, user.line) == (6, "hi", 10)
    assert len(read(text).stages) == 1


def test_json_lists_and_what_looks_like_one() -> None:
    one, two = read('FROM a\nENTRYPOINT ["/a", "-x"]\nCMD [ "$HOME" ]]\n').stages[0].instructions
    assert (one.exec_form, one.words) == (True, ("/a", "-x"))
    assert not two.exec_form


def test_copy_from_stages_images_and_contexts() -> None:
    text = "FROM a AS b\nFROM c\nCOPY --from=B /x /\nCOPY --from=0 /x /\nCOPY --from=d:1 /x /\nCOPY --from=ctx /x /\n"
    uses = images_of(read(text), contexts=frozenset({"ctx"}))
    assert [one for one in uses if one.kind == "copy"] == [ImageUse("copy", "d:1", 5, written="d:1")]


def test_variables_of_a_stage_grow_as_it_goes() -> None:
    text = "ARG V=1\nARG W=2\nFROM a\nARG V\nARG X=$V\nENV Y=${X}z Z=$W\nADD $Y $Z /\n"
    found = read(text)
    last = [(one.name, dict(known)) for one, known in walk(found, found.stages[0])][-1]
    assert last == ("ADD", {"V": "1", "X": "1", "Y": "1z"})


def test_legacy_env_takes_the_rest_of_the_line() -> None:
    found = read("FROM a\nENV A b c\nRUN x\n")
    assert [dict(known) for _, known in walk(found, found.stages[0])][-1] == {"A": "b c"}


@pytest.mark.parametrize(
    ("text", "script", "line"),
    [
        ("FROM a\nRUN a && \\\n b\n", "a && \\\n b", 2),
        ('FROM a\nRUN ["sh", "-c", "a | b"]\n', "a | b", 2),
        ('FROM a\nRUN ["a", "b c"]\n', "a 'b c'", 2),
        ("FROM a\nRUN <<EOF\na\nb\nEOF\n", "a\nb", 3),
        ("FROM a\nRUN <<EOF\n#!/bin/bash\na\nEOF\n", "#!/bin/bash\na", 3),
        ("FROM a\nRUN cat <<EOF >x\na\nEOF\n", "cat <<EOF >x\na\nEOF", 2),
    ],
)
def test_scripts_of_run(text: str, script: str, line: int) -> None:
    found = script_of(read(text).stages[0].instructions[0])
    assert found is not None
    assert (found.text, found.line) == (script, line)


@pytest.mark.parametrize("text", ["FROM a\nUSER 1\n", "FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n"])
def test_what_is_no_shell_script(text: str) -> None:
    assert script_of(read(text).stages[0].instructions[0]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "without FROM"),
        ("# only a comment\n", "without FROM"),
        ("RUN x\nFROM a\n", "RUN stands before the first FROM"),
        ("FROM a\nRUM x\n", "line 2: 'RUM' is no instruction"),
        ("FROM a b\n", "line 1: FROM takes an image"),
        ("FROM\n", "line 1: FROM takes an image"),
        ("FROM {{ base }} AS x\n", "line 1: FROM takes an image"),
        ("FROM a\nRUN <<EOF\nx\n", "line 2: the here-document 'EOF' is never closed"),
        ("FROM a\n" + "RUN x\n" * MAX_INSTRUCTIONS, f"more than {MAX_INSTRUCTIONS} instructions"),
        ("FROM a\nRUN " + "x" * MAX_DOCKERFILE, "the limit is"),
    ],
)
def test_what_is_no_dockerfile_ends_in_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(text)
    assert caught.value.where == "Dockerfile"
    assert caught.value.advice


HOSTILE = {
    "arguments that double": "ARG A=xx\n" + "ARG A=$A$A$A\n" * 2_000 + "FROM $A\n",
    "an argument of itself": "ARG A=$A\nARG B=${B:-$B}\nFROM $A$B\n",
    "braces without end": "ARG A\nFROM " + "${A:-" * 50_000 + "\n",
    "quotes without end": "FROM a\nRUN " + "\"'" * 200_000 + "\n",
    "escapes": "FROM a\nRUN " + "\\" * 500_000 + "\n",
    "continuations": "FROM a\nRUN " + "\\\n" * 400_000 + "x\n",
    "comments in a continuation": "FROM a\nRUN \\\n" + "#\n" * 300_000 + "x\n",
    "heredocs": "FROM a\nRUN " + "<<A " * 100_000 + "\n" + "A\n" * 60,
    "flags": "FROM a\nRUN " + "--mount=type=x " * 50_000 + "\n",
    "nested lists": "FROM a\nCMD " + "[" * 400_000 + "\n",
    "stages": "".join(f"FROM s{n - 1} AS s{n}\n" for n in range(15_000)),
    "stages that copy from each other": "".join(f"FROM a AS s{n}\nCOPY --from=s{n - 1} / /\n" for n in range(9_000)),
    "numbers of stages": "FROM a\nCOPY --from=" + "9" * 100_000 + " / /\n",
    "dynamic names": "FROM a AS b\nFROM " + "b$X" * 300_000 + "\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_soon(name: str) -> None:
    with soon(30), contextlib.suppress(InputError):
        assert len(images_of(read(HOSTILE[name]))) <= MAX_INSTRUCTIONS
