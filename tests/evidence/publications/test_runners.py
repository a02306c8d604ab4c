"""What the machine of a build leaves open: hosted, larger, another company's, one's own, or not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from slsacheck.model import Claim
from tests.evidence.publications.tracing import publications_of

WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  build:
    runs-on: RUNNER
    permissions: {contents: write}
    outputs: {hashes: "${{ steps.hash.outputs.hashes }}"}
    steps:
      - run: make
      - id: hash
        run: echo "hashes=$(sha256sum *.tar.gz | base64 -w0)" >> "$GITHUB_OUTPUT"
      - uses: softprops/action-gh-release@v2
        with: {files: "*.tar.gz"}
  provenance:
    needs: [build]
    permissions: {actions: read, id-token: write, contents: write}
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0
    with: {base64-subjects: "${{ needs.build.outputs.hashes }}", upload-assets: true}
"""
ISOLATION = {"build.isolated.ephemeral", "build.isolated.cache", "v01.build.ephemeral-environment"}
ISOLATION |= {f"v01.build.isolated.{part}" for part in ("secrets", "concurrent", "persistence", "cache")}
HOSTED = {"build.hosted.not-workstation", "v01.build.build-service"}


def claim(folder: Path, runner: str) -> Claim:
    path = folder / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(WORKFLOW.replace("RUNNER", runner))
    (one,) = publications_of(folder, "acme/widget")
    return one.claims[0]


@pytest.mark.parametrize(
    ("runner", "isolation", "hosted"),
    [
        ("ubuntu-24.04", False, False),
        ("macos-14-xlarge", False, False),
        ("depot-ubuntu-24.04-8", True, False),
        ("[self-hosted, linux]", True, True),
        ("big-machine", True, False),
    ],
)
def test_what_a_runner_leaves_open(tmp_path: Path, runner: str, *, isolation: bool, hosted: bool) -> None:
    """For v1.x and v0.1 alike, and what decides is named."""
    told = claim(tmp_path, runner)
    open_ = {atom for atom, _ in told.unknown}
    assert (open_ >= ISOLATION) == isolation
    assert bool(open_ & ISOLATION) == isolation
    assert (open_ >= HOSTED) == hosted
    assert bool(open_ & HOSTED) == hosted
    assert any("runner fleet" in name for name in told.external) == isolation


GITLAB = """\
build:
  tags: [TAG]
  script: [make]
  variables: {ATTEST_BUILD_ARTIFACTS: 'true'}
  artifacts: {paths: [dist/a.zip]}
release:
  needs: [build]
  script: ["glab release upload v1 dist/a.zip"]
"""


@pytest.mark.parametrize(("tag", "open_atoms"), [("saas-linux-small-amd64", set()), ("our-runner", HOSTED | ISOLATION)])
def test_a_tag_that_is_none_of_gitlab_s_chooses_a_machine_that_nobody_vouches_for(
    tmp_path: Path, tag: str, open_atoms: set[str]
) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(GITLAB.replace("TAG", tag), encoding="utf-8")
    (one,) = publications_of(tmp_path)
    assert open_atoms <= dict(one.claims[0].unknown).keys()
    assert bool(one.claims[0].unknown) == bool(open_atoms)
