"""What builds take in that their configuration does not fix, in a workflow, its Dockerfile and its scripts."""

from __future__ import annotations

from pathlib import Path

from slsacheck.evidence.buildinputs import build_inputs
from slsacheck.evidence.dockerfiles import published
from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems

SHA = "0123456789abcdef0123456789abcdef01234567"
PIN = "sha256:" + "ab" * 32
WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  image:
    runs-on: ubuntu-24.04
    container: CONTAINER
    steps:
      - uses: CHECKOUT
      - run: |
          echo 'curl https://example.org'
          FETCH
      - uses: docker/build-push-action@SHA
        with: {push: true, context: ., tags: ghcr.io/acme/widget}
"""


def told(folder: Path, dockerfile: str, **texts: str) -> list[tuple[str, str, str | None, int | None]]:
    text = WORKFLOW
    for name, value in texts.items():
        text = text.replace(name, value)
    path = folder / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("@SHA", f"@{SHA}"))
    (folder / "Dockerfile").write_text(dockerfile)
    tree, problems = WorkTree(str(folder)), Problems()
    publications = trace(tree, read_all(tree, problems, "acme/widget"), problems, "acme/widget")
    found = build_inputs(publications, published(tree, publications, problems))
    assert {one.publication for one in found} <= {one.id for one in publications}
    return [(one.kind, one.name, one.at.path, one.at.line) for one in found]


def test_what_can_move_and_what_is_fetched(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "FROM alpine:3\nRUN wget https://example.org/x.tgz\n",
        CONTAINER="debian:12",
        CHECKOUT="actions/checkout@v4",
        FETCH="curl -LO https://example.org/tool",
    )
    workflow = ".github/workflows/release.yml"
    assert found == [
        ("reference", "debian:12", workflow, 5),
        ("reference", "actions/checkout@v4", workflow, 7),
        ("download", "", workflow, 10),
        ("reference", "alpine:3", "Dockerfile", 1),
        ("download", "", "Dockerfile", 2),
    ]


def test_a_build_that_fixes_everything(tmp_path: Path) -> None:
    dockerfile = f"FROM alpine@{PIN}\nRUN --network=none make\n"
    fixed = {"CONTAINER": f"debian@{PIN}", "CHECKOUT": f"actions/checkout@{SHA}", "FETCH": "make"}
    assert told(tmp_path, dockerfile, **fixed) == []
