"""Names that scripts take from lists: files of the repository, heredocs, here-strings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.publications.acts import Act
from slsacheck.evidence.shell import commands

Read = Callable[..., list[Act]]
FILES = {
    "images.txt": "ghcr.io/x/one:1\n\n# not this\nghcr.io/x/two:1\n",
    "strange.txt": "ghcr.io/x/one\n$(rm -rf /)\n",
    "many.txt": "\n".join(f"ghcr.io/x/i{number}" for number in range(100)),
}
BOTH = ["ghcr.io/x/one", "ghcr.io/x/two"]


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ('while read -r line; do docker push "$line"; done < images.txt', BOTH),
        ('while IFS= read -r line; do\n  docker push "$line"\ndone <images.txt\n', BOTH),
        ("for i in $(cat images.txt); do docker push $i; done", BOTH),
        ("for i in $(<images.txt); do docker push $i; done", BOTH),
        ('while read x; do docker push "$x"; done <<EOF\nghcr.io/x/one:2\nghcr.io/x/two:2\nEOF\n', BOTH),
        ('while read x; do docker push "$x"; done <<< "ghcr.io/x/one ghcr.io/x/two"', BOTH),
        ('while read x; do docker push "$x"; done <<EOF\n$NAMES\nEOF\n', ["$x"]),
        ("for i in $(cat strange.txt); do docker push $i; done", ["$i"]),
        ("for i in $(cat many.txt); do docker push $i; done", ["$i"]),
        ("for i in $(cat gone.txt); do docker push $i; done", ["$i"]),
    ],
)
def test_images_in_lists_are_named(read: Read, script: str, names: list[str]) -> None:
    assert [act.name for act in read(script, FILES)] == names


def test_lines_keep_their_numbers(read: Read) -> None:
    acts = read("true\nwhile read -r x\ndo\n  docker push $x\ndone < images.txt\ndocker push last\n", FILES)
    assert [(act.name, act.at.line) for act in acts] == [(BOTH[0], 13), (BOTH[1], 13), ("last", 15)]


@given(text=st.lists(st.sampled_from(["while read x", "; do ", "docker push $x", "; done", " <<EOF\n", "a\n", "EOF\n", " <<< ", "'a b'", "$(cat ", "images.txt", ")"]), max_size=14).map("".join))  # fmt: skip
def test_no_loop_raises_anything(text: str) -> None:
    for command in commands(text, 1):
        assert 1 <= command.line <= text.count("\n") + 1
