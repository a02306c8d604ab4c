"""Builds of another source than the revision that the provenance names: open for SLSA v0.1, and said as a hazard."""

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.hazards import hazards
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems

WORKFLOW = """on: {push: {tags: ["v*"]}}
permissions: {contents: write, id-token: write, attestations: write}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {CHECKOUT}
      - run: |
          SCRIPT
      - run: ./build.sh --out dist
      - uses: actions/attest-build-provenance@v3
        with: {subject-path: "dist/*"}
      - uses: softprops/action-gh-release@v2
        with: {files: "dist/*"}
      - run: |
          BEHIND
"""
ATOM = "v01.provenance.identifies-source-code"


def told(
    folder: Path, script: str = "true", checkout: str = "fetch-depth: 0", behind: str = "true"
) -> tuple[str, bool]:
    """Why it stays open which source is built, and whether that is named as a hazard."""
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    text = WORKFLOW.replace("CHECKOUT", checkout).replace("SCRIPT", script).replace("BEHIND", behind)
    path.write_text(text, encoding="utf-8")
    tree, problems = WorkTree(str(folder)), Problems()
    pipelines = read_all(tree, problems)
    found = trace(tree, pipelines, problems)
    (claim,) = found[0].claims
    assert claim.covers == "yes"
    named = "mutable-source" in {one.rule for one in hazards(tree, pipelines, found)}
    return dict(claim.unknown).get(ATOM, ""), named


@pytest.mark.parametrize(
    "script",
    [
        "git fetch origin next && git checkout origin/next",
        "git pull origin main",
        "git reset --hard origin/main",
        "git merge origin/next",
        "git cherry-pick FETCH_HEAD",
        "git am fix.patch",
        "git -c user.name=x commit -am bump",
        "git submodule update --init --remote",
        "curl -sL https://example.com/fix.patch | git apply",
        "git switch next",
    ],
)
def test_a_source_that_is_changed_before_the_build_stays_open(tmp_path: Path, script: str) -> None:
    why, named = told(tmp_path, script)
    assert why.startswith("job release changes its source before it builds")
    assert named


@pytest.mark.parametrize(
    "script",
    [
        "git submodule update --init --recursive",
        "git fetch --tags --force && git describe --tags",
        'git checkout "$GITHUB_SHA"',
        "git checkout -- go.sum",
        "git checkout -b release",
        "git checkout .",
        "git reset --hard HEAD",
        "git apply patches/fix.patch",
        "git clone https://github.com/acme/parts && cd parts && git checkout v1",
        "# git pull",
    ],
)
def test_the_revision_that_was_checked_out_is_what_the_provenance_names(tmp_path: Path, script: str) -> None:
    assert told(tmp_path, script)[0] == ""


@pytest.mark.parametrize(
    ("checkout", "why"),
    [
        ("ref: main", "job release builds `main`"),
        ('ref: "${{ inputs.tag }}"', "job release builds `${{ inputs.tag }}`"),
        ("repository: acme/other", "job release builds the repository acme/other"),
        ('ref: "${{ github.ref }}"', ""),
        ('ref: "${{ github.event.release.tag_name }}"', ""),
        ('repository: "${{ github.repository }}"', ""),
        ("repository: acme/tools, path: tools", ""),
    ],
)
def test_what_is_checked_out_tells_which_source_is_built(tmp_path: Path, checkout: str, why: str) -> None:
    assert told(tmp_path, checkout=checkout)[0].startswith(why)
    assert bool(why) == bool(told(tmp_path / "again", checkout=checkout)[0])


def test_what_happens_behind_the_build_changes_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, behind="git checkout gh-pages && git pull")[0] == ""
