"""Provenance made by a run that did not build: it never reaches the level of the build, and says why."""

from pathlib import Path

import pytest

from slsacheck.evidence.publications.otherruns import MAYBE, OTHER_RUN
from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"
NAMES = (
    "flow-attested-after-the-release",
    "flow-attested-and-uploaded-again",
    "flow-attested-in-the-workflow-behind",
    "flow-image-attested-by-tag-in-another-workflow",
)


@pytest.mark.parametrize("name", NAMES)
def test_provenance_of_another_run_covers_nothing_and_is_named(name: str) -> None:
    found = publications_of(PROJECTS / name)
    assert found
    for one in found:
        assert [(claim.covers, claim.reason) for claim in one.claims] == [("no", OTHER_RUN)]
        assert one.provenance.made == "no"
        assert one.build_jobs[0].id in ("build", "release", "image")


WORKFLOW = """on: {{release: {{types: [published]}}}}
permissions: {{contents: write, id-token: write, attestations: write}}
jobs:
  ship:
    runs-on: ubuntu-24.04
    steps:
      - run: {fetch}
      - run: make dist
      - uses: actions/attest-build-provenance@v3
        with: {{subject-path: "dist/*.tar.gz"}}
      - run: gh release upload v1 dist/*.tar.gz
"""


def shipped(folder: Path, fetch: str) -> tuple[str, str]:
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/a.yml").write_text(WORKFLOW.format(fetch=fetch), encoding="utf-8")
    (archive,) = publications_of(folder)
    (claim,) = archive.claims
    return claim.covers, claim.reason


@pytest.mark.parametrize(
    ("fetch", "covers"),
    [
        ("gh release download v1 -D dist", "no"),
        ("gh release download v1 -D dist -p '*.tar.gz'", "no"),
        ("gh release download v1 -D old -p '*.json'", "yes"),
        ("gh release download v1 -R other/tool -D bin", "yes"),
        ("gh release download v1 -R other/tool -D dist", "no"),
        ("echo nothing", "yes"),
    ],
)
def test_only_fetched_files_that_may_be_attested_count(fetch: str, covers: str, tmp_path: Path) -> None:
    assert shipped(tmp_path, fetch)[0] == covers


def test_files_fetched_to_the_root_leave_it_open(tmp_path: Path) -> None:
    assert shipped(tmp_path, "gh release download v1") == ("unknown", MAYBE)


def test_an_image_that_another_workflow_builds_and_attests_itself_is_not_spoken_of(tmp_path: Path) -> None:
    build = (
        "on: {event}\npermissions: {{packages: write, id-token: write, attestations: write}}\njobs:\n  a:\n"
        "    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - id: push\n"
        "        uses: docker/build-push-action@v6\n        with: {{push: true, provenance: false, tags: 'ghcr.io/x/y:1'}}\n"
    )
    attest = (
        "      - uses: actions/attest-build-provenance@v3\n        with: {subject-name: ghcr.io/x/y, "
        "subject-digest: '${{ steps.push.outputs.digest }}'}\n"
    )
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/nightly.yml").write_text(build.format(event="push") + attest, encoding="utf-8")
    (tmp_path / ".github/workflows/release.yml").write_text(build.format(event="release"), encoding="utf-8")
    found = {one.id.partition("@")[2]: (one.provenance.made, len(one.claims)) for one in publications_of(tmp_path)}
    assert found == {".github/workflows/nightly.yml#a": ("yes", 1), ".github/workflows/release.yml#a": ("no", 0)}
