"""Commands of scripts and what they publish, build, sign and attest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._registry import PROGRAMS, reader_of

from .commands_of_files import FILES, SIGNATURES
from .commands_of_images import IMAGES
from .commands_of_packages import PACKAGES
from .commands_seldom import BEHIND_OTHERS, SELDOM
from .conftest import brief

Read = Callable[..., list[Act]]

WRAPPED = [
    "sudo -E docker push ghcr.io/o/app",
    "sudo env X=1 docker push ghcr.io/o/app",
    "env A=b C=d docker push ghcr.io/o/app",
    "timeout 10m docker push ghcr.io/o/app",
    "retry -t 3 docker push ghcr.io/o/app",
    "nohup nice -n 5 docker push ghcr.io/o/app",
    "time docker push ghcr.io/o/app",
    "exec docker push ghcr.io/o/app",
    "$DOCKER push ghcr.io/o/app",
    "${CONTAINER_ENGINE} push ghcr.io/o/app",
    '"${DOCKER_BIN}" push ghcr.io/o/app',
    "/usr/bin/docker push ghcr.io/o/app",
    "docker.exe push ghcr.io/o/app",
    "bash -c 'docker push ghcr.io/o/app'",
    'sh -ec "docker push ghcr.io/o/app"',
    'eval "docker push ghcr.io/o/app"',
    "nix develop -c docker push ghcr.io/o/app",
    'nix-shell --run "docker push ghcr.io/o/app"',
    "bash <<EOF\ndocker push ghcr.io/o/app\nEOF",
    "echo ghcr.io/o/app | tee x && docker push ghcr.io/o/app",
    "if ! docker push ghcr.io/o/app; then exit 1; fi",
    "while true; do docker push ghcr.io/o/app && break; done",
    "( cd x; docker push ghcr.io/o/app )",
    "{ docker push ghcr.io/o/app; }",
    "push() { docker push ghcr.io/o/app; }\npush",
    'push() { docker push "$1"; }\npush ghcr.io/o/app',
    "out=$(docker push ghcr.io/o/app)",
    "case $X in y) docker push ghcr.io/o/app ;; esac",
    'IMAGE=ghcr.io/o/app\ndocker push "$IMAGE:$TAG"',
    'IMAGE="ghcr.io/${OWNER:-o}/app"\ndocker push ${IMAGE}:1',
    'args=(push)\nargs+=("ghcr.io/o/app")\ndocker "${args[@]}"',
    ': "${REGISTRY:=ghcr.io}"\ndocker push $REGISTRY/o/app',
    "docker \\\n  push \\\n  ghcr.io/o/app",
    '[ -n "$X" ] && docker push ghcr.io/o/app',
    "export REGISTRY=ghcr.io && docker push $REGISTRY/o/app",
]


@pytest.mark.parametrize(("text", "expected"), IMAGES + PACKAGES + FILES + SIGNATURES + SELDOM)
def test_a_command_is_understood(read: Read, text: str, expected: list[str]) -> None:
    assert [brief(act) for act in read(text)] == expected


@pytest.mark.parametrize("text", WRAPPED)
def test_a_command_is_found_behind_what_starts_it(read: Read, text: str) -> None:
    assert [brief(act) for act in read(text)] == ["publish container-image ghcr.io ghcr.io/o/app -"]


@pytest.mark.parametrize("text", BEHIND_OTHERS)
def test_a_tool_is_found_behind_other_programs(read: Read, text: str) -> None:
    assert [brief(act) for act in read(text)] == ["publish python-package pypi - no"]


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\ndocker push ghcr.io/o/app\nEOF",
        "echo docker push ghcr.io/o/app",
        "# docker push ghcr.io/o/app",
        "echo 'to publish: npm publish'",
        'if [ "false" = "true" ]; then docker push ghcr.io/o/app; fi',
        "if false; then docker push ghcr.io/o/app; fi",
        "[[ a == b ]] && docker push ghcr.io/o/app",
        "if true; then :; else docker push ghcr.io/o/app; fi",
        "printf '%s' 'twine upload'",
        "git commit -m 'npm publish'",
    ],
)
def test_words_that_are_no_commands_publish_nothing(read: Read, text: str) -> None:
    assert [act for act in read(text) if act.kind is ActKind.PUBLISH] == []


def test_places_are_the_lines_of_the_commands(read: Read) -> None:
    found = read("set -e\n\ndocker push ghcr.io/o/a\n# x\ncat <<EOF > y\na\nb\nEOF\ndocker push \\\n  ghcr.io/o/b\n")
    assert [(act.name, act.at.line) for act in found] == [("ghcr.io/o/a", 12), ("ghcr.io/o/b", 18)]


def test_a_pushing_option_on_a_line_of_its_own_is_the_place(read: Read) -> None:
    (act,) = read("docker buildx build \\\n  -t ghcr.io/o/app \\\n  --provenance=true \\\n  --push .")
    assert (act.at.line, act.fact("provenance-line"), act.fact("uses-line")) == (13, "12", "10")


def test_an_option_that_is_there_only_sometimes_leaves_provenance_unknown(read: Read) -> None:
    (act,) = read('a=(--push -t ghcr.io/o/app)\nif x; then a+=(--provenance=true); fi\ndocker buildx build "${a[@]}" .')
    assert (act.provenance, act.root) == ("unknown", "buildkit")


def test_values_of_a_loop_are_told_apart(read: Read) -> None:
    found = read("for i in one two; do docker push ghcr.io/o/$i:latest; done")
    assert [act.name for act in found] == ["ghcr.io/o/one", "ghcr.io/o/two"]


def test_what_is_not_known_stays_literal(read: Read) -> None:
    (act,) = read('docker push "$REGISTRY/${{ github.repository }}:$TAG"')
    assert (act.channel, act.name) == (None, "$REGISTRY/${{ github.repository }}")


def test_environment_of_the_step_is_known(read: Read) -> None:
    (act,) = read("docker push $REGISTRY/o/app", env={"REGISTRY": "quay.io"})
    assert (act.channel, act.name) == ("quay.io", "quay.io/o/app")


def test_conditions_come_with_the_act(read: Read) -> None:
    (act,) = read('if [[ "$REF" == refs/tags/* ]]; then\n  [ -n "$X" ] && docker push ghcr.io/o/app\nfi')
    assert act.condition == '[[ "$REF" == refs/tags/* ]] and [ -n "$X" ]'


def test_keyless_and_keyed_signatures_are_told_apart(read: Read) -> None:
    found = read("cosign sign -y ghcr.io/o/a\ncosign sign --key k ghcr.io/o/a\ngpg -ab a")
    assert [act.signing for act in found] == ["keyless", "key", "key"]


def test_every_program_that_is_listed_has_a_reader() -> None:
    assert [name for name in PROGRAMS if reader_of(name) is None] == []
