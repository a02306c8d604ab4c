"""Scripts that read their options: what a call with certain words does, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsacheck.evidence.shell import commands
from tests.evidence.publications.tracing import publications_of

if TYPE_CHECKING:
    from pathlib import Path

LOOP = """\
release=
registry=""
while [ $# -gt 0 ]; do
  case "${1:-}" in
    -r | --release) release=true ;;
    --registry) registry=$2; shift ;;
    --dry-run*) echo dry ;;
    *) break ;;
  esac
  shift
done
args=(--clean)
if [[ -z "$release" ]]; then
  args+=(--snapshot)
fi
tool "${args[@]}" "$registry"
[[ -n "$release" ]] && announce
"""
DISPATCH = """\
publish() { push "$1"; }
build() { make; }
case $1 in
  publish) shift; publish "$1" ;;
  "build") build ;;
  *) usage ;;
esac
"""
MAIN = "f() {\n" + LOOP + "}\nf "


def done(text: str, *words: str, count: int | None = None) -> list[tuple[str, ...]]:
    """The commands but for those of the options themselves; uncertain ones begin with a question mark."""
    env = {
        "@": "\x1f".join(words),
        "#": str(len(words)) if count is None else "",
        **dict(zip("12345", words, strict=False)),
    }
    found = commands(text, 1, env)
    kept = [one for one in found if one.argv and one.program in ("tool", "announce", "push", "make", "usage")]
    return [tuple("?" + word if at in one.uncertain else word for at, word in enumerate(one.argv)) for one in kept]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (LOOP, (), [("tool", "--clean", "--snapshot", "")]),
        (LOOP, ("--release",), [("tool", "--clean", ""), ("announce",)]),
        (LOOP, ("--registry", "ghcr.io/o", "-r"), [("tool", "--clean", "ghcr.io/o"), ("announce",)]),
        (DISPATCH, ("publish", "ghcr.io/o/app"), [("push", "ghcr.io/o/app")]),
        (DISPATCH, ("build",), [("make",)]),
        (DISPATCH, ("help",), [("usage",)]),
        (MAIN + '"$@"', ("--release",), [("tool", "--clean", ""), ("announce",)]),
        (MAIN, ("--release",), [("tool", "--clean", "--snapshot", "")]),
    ],
)
def test_certain_words_decide(text: str, words: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    assert done(text, *words) == expected


@pytest.mark.parametrize("words", [("$MODE",), ("`mode`",)])
def test_words_of_a_run_decide_nothing(words: tuple[str, ...]) -> None:
    assert done(LOOP, *words)[0][:3] == ("tool", "--clean", "?--snapshot")
    assert [one[0] for one in done(DISPATCH, *words)] == ["push", "make", "usage"]


def test_words_that_are_not_all_known_decide_nothing() -> None:
    assert [one[0] for one in done(DISPATCH, "build", count=0)] == ["push", "make", "usage"]


def test_after_an_uncertain_shift_nothing_is_decided() -> None:
    assert [one[0] for one in done('[ -n "$X" ] && shift\n' + DISPATCH, "build")] == ["push", "make", "usage"]


@pytest.mark.parametrize(
    "moved", ['eval set -- "$(getopt -o p -- "$@")"\n', "set -- publish\n", "[ $# -eq 0 ] && set -- publish\n"]
)
def test_words_that_a_script_sets_decide_nothing(moved: str) -> None:
    assert [one[0] for one in done(moved + DISPATCH, "build")] == ["push", "make", "usage"]


def test_options_of_the_shell_take_no_words_away() -> None:
    assert done("set -eu\nset -o pipefail\n" + DISPATCH, "build") == [("make",)]


WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  a:
    runs-on: ubuntu-24.04
    strategy: {matrix: {what: [build, publish]}}
    steps:
      - run: ./ci.sh "$WHAT"
        env: {WHAT: '${{ matrix.what }}'}
"""


def test_values_that_only_some_runs_have_decide_nothing(tmp_path: Path) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/w.yml").write_text(WORKFLOW, encoding="utf-8")
    script = "case $1 in\n  build) make ;;\n  publish) docker push ghcr.io/o/app ;;\nesac\n"
    (tmp_path / "ci.sh").write_text(script, encoding="utf-8")
    assert [one.name for one in publications_of(tmp_path)] == ["ghcr.io/o/app"]
    (tmp_path / ".github/workflows/w.yml").write_text(WORKFLOW.replace(", publish", ""), encoding="utf-8")
    assert publications_of(tmp_path) == ()


CALLED = """\
on: {workflow_call: {inputs: {which: {type: string}}}}
jobs:
  ship:
    runs-on: ubuntu-24.04
    env: {WHICH: "${{ inputs.which }}"}
    steps: [{uses: actions/checkout@v6}, {run: ./ship.sh "$WHICH"}]
"""
CALLERS = (
    "  one: {uses: ./.github/workflows/ship.yml, with: {which: one}}\n",
    '  all: {strategy: {matrix: {w: [one, two]}}, uses: ./.github/workflows/ship.yml, with: {which: "${{ matrix.w }}"}}\n',
)
SHIP = """\
case "$1" in
  one) docker build -t ghcr.io/example/one --push . ;;
  two) docker build -t ghcr.io/example/two --push . ;;
esac
"""


@pytest.mark.parametrize("callers", [CALLERS, CALLERS[::-1]])
def test_callers_with_other_words_are_read_apart(tmp_path: Path, callers: tuple[str, ...]) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "ship.yml").write_text(CALLED)
    (folder / "release.yml").write_text("on: {push: {tags: [v*]}}\njobs:\n" + "".join(callers))
    (tmp_path / "ship.sh").write_text(SHIP)
    assert {one.name for one in publications_of(tmp_path)} == {"ghcr.io/example/one", "ghcr.io/example/two"}
