"""Whatever a Dockerfile holds: an answer or the one error, places inside the file, and the same when printed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError
from slsacheck.evidence.dockerfiles import Dockerfile, images_of, parse, script_of
from slsacheck.evidence.shell import commands

from .printing import meaning, printed

PIECES = [
    "FROM ", "from ", "FROM a AS b", "RUN ", "ARG ", "ARG A=1", "ENV A=b", "ENV a b", "COPY --from=b ", "ADD ", "USER ",
    "ONBUILD RUN x", "LABEL a=b", 'ENTRYPOINT ["a"]', "--mount=type=bind,from=x ", "--", "\\\n", "\n", "\n\n", "`\n",
    "# syntax=x\n", "# escape=`\n", "#c\n", "<<EOF", "<<-'EOF'", "\nEOF\n", "EOF\n", "$A", "${A:-b}", "${", "}", '"', "'", "\\",
    " ", "\t", "\r\n", "a", "b", "0", "=", "[", "]", "\0", "é", "\u2028", "\x1b",
]  # fmt: skip
TEXT = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
WORDS = st.text(
    st.characters(codec="ascii", categories=("L", "N"), include_characters="-./:@_"), min_size=1, max_size=12
)
PLAIN = WORDS.filter(lambda word: not word.startswith("-"))
LINES = st.one_of(
    st.builds("RUN {} {}".format, PLAIN, WORDS),
    st.builds("RUN --mount=type=cache,target=/{} {}".format, PLAIN, PLAIN),
    st.builds("COPY --from={} {} /".format, PLAIN, PLAIN),
    st.builds('ENV {}={} B="x y"'.format, PLAIN, WORDS),
    st.builds("RUN <<LONGER_THAN_ANY_WORD\n{}\n{}\nLONGER_THAN_ANY_WORD".format, PLAIN, PLAIN),
    st.builds("RUN {} && \\\n  {} \\\n  # why\n  {}".format, PLAIN, PLAIN, PLAIN),
    st.builds('CMD ["{}", "{}"]'.format, PLAIN, PLAIN),
    st.builds("USER {}".format, PLAIN),
)
STAGE = st.builds(
    lambda base, name, lines: "\n".join([f"FROM {base} AS {name}", *lines]), PLAIN, PLAIN, st.lists(LINES, max_size=6)
)
FILE = st.builds(lambda stages: "\n".join(stages) + "\n", st.lists(STAGE, min_size=1, max_size=4))


def read(text: str) -> Dockerfile | None:
    try:
        return parse(text, "Dockerfile")
    except InputError:
        return None


@settings(max_examples=400)
@given(TEXT)
def test_any_text_is_read_or_refused_and_lines_are_inside(text: str) -> None:
    found = read(text)
    if found is None:
        return
    last = len(text.replace("\r\n", "\n").split("\n"))
    for stage in found.stages:
        assert 1 <= stage.line <= last
        for one in stage.instructions:
            assert stage.line < one.line <= one.source_line <= one.end <= last
            assert all(one.line < document.line <= last for document in one.heredocs)
            script = script_of(one)
            if script is not None:
                assert all(1 <= command.line <= last for command in commands(script.text, script.line))
    assert all(1 <= one.line <= last for one in images_of(found))


@settings(max_examples=200)
@given(TEXT)
def test_the_same_text_says_the_same_with_other_line_endings(text: str) -> None:
    one, other = read(text.replace("\r", "")), read(text.replace("\r", "").replace("\n", "\r\n"))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert meaning(one) == meaning(other)


@settings(max_examples=200)
@given(FILE)
def test_printed_and_read_again_it_says_the_same(text: str) -> None:
    found = parse(text, "Dockerfile")
    again = parse(printed(found), "Dockerfile")
    assert meaning(again) == meaning(found)
    assert printed(again) == printed(found)


def test_the_printer_prints_what_was_read() -> None:
    text = '# syntax=x\nARG A="1"\nFROM --platform=linux/amd64 a AS b\nRUN --network=none x\n'
    assert printed(parse(text, "Dockerfile")) == text
    with pytest.raises(InputError):
        parse("", "Dockerfile")
