"""`docker buildx bake`: which images its files name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act

from .conftest import brief

Read = Callable[..., list[Act]]

HCL = """\
variable "REGISTRY" { default = "ghcr.io" }
variable "TAG" {
  default = "latest" # comment
}
group "default" { targets = ["app", "tool"] }
target "_common" {
  attest = ["type=provenance,mode=max", "type=sbom"]
}
target "app" {
  inherits = ["_common"]
  tags = ["${REGISTRY}/o/app:${TAG}"]
}
target "tool" {
  tags = [
    "o/tool",
    "o/tool:${TAG}",
  ]
  attest = [{ type = "provenance", disabled = "true" }]
}
function "ref" {
  params = [x]
  result = "${REGISTRY}/o/${x}:1"
}
target "called" {
  tags = [ref("thing")]
}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "docker buildx bake --push",
            ["publish container-image ghcr.io ghcr.io/o/app yes", "publish container-image docker.io o/tool no"],
        ),
        ("docker buildx bake --push app", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
        ("docker buildx bake -f docker-bake.hcl --push app", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
        ("docker buildx bake --push --provenance=false app", ["publish container-image ghcr.io ghcr.io/o/app no"]),
        ("REGISTRY=quay.io docker buildx bake --push app", ["publish container-image quay.io quay.io/o/app yes"]),
        (
            "docker buildx bake --set app.output=type=registry app",
            ["publish container-image ghcr.io ghcr.io/o/app yes"],
        ),
        ("docker buildx bake --set '*.tags=o/z' --push app", ["publish container-image docker.io o/z yes"]),
        ("docker buildx bake app", ["build container-image - app -"]),
        ("docker buildx bake --print --push app", []),
        ("docker buildx bake --push called", ["publish container-image ghcr.io ghcr.io/o/${x} yes"]),
    ],
)
def test_targets_of_a_bake_file(read: Read, text: str, expected: list[str]) -> None:
    assert [brief(act) for act in read(text, {"docker-bake.hcl": HCL})] == expected


def test_json_and_compose_files_are_read(read: Read) -> None:
    bake = '{"target": {"app": {"tags": ["ghcr.io/o/app"], "output": ["type=registry"]}}}'
    (act,) = read("docker buildx bake app", {"docker-bake.json": bake})
    assert brief(act) == "publish container-image ghcr.io ghcr.io/o/app yes"
    compose = "services:\n  web:\n    build: .\n    image: ghcr.io/o/web:${TAG}\n  db:\n    image: postgres\n"
    for text in ("docker compose push", "docker-compose push web", "docker compose -f compose.yaml build --push"):
        (act,) = read(text, {"compose.yaml": compose})
        assert act.name == "ghcr.io/o/web", text


def test_a_bake_without_a_file_is_still_a_publication(read: Read) -> None:
    (act,) = read("docker buildx bake --push")
    assert (act.type, act.name, act.channel, act.provenance) == ("container-image", None, None, "yes")


@pytest.mark.parametrize(
    "text",
    [
        'target "a" {' * 3_000,
        '"' * 50_000,
        'target "a" { inherits = ["a"] tags = [f("x")] }\nfunction "f" { result = f("y") }',
        "{" * 50_000,
    ],
)
def test_hostile_bake_files_end(read: Read, text: str) -> None:
    assert len(read("docker buildx bake --push a", {"docker-bake.hcl": text})) <= 1


def test_a_broken_json_file_is_named(read: Read) -> None:
    assert len(read("docker buildx bake --push a", {"docker-bake.json": "[" * 100_000})) == 1
