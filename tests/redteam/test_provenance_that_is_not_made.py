"""Workflows that look as if they attested what they publish, and do not: none may keep its claim."""

from pathlib import Path

import pytest

from slsacheck.model import Publication
from tests.evidence.publications.tracing import publications_of

RIGHTS = "{contents: write, id-token: write, attestations: write}"
ATTEST = "{%sname: attest, uses: actions/attest-build-provenance@v2, with: {%s}}"
RELEASE = """\
on: %(on)s
permissions: %(rights)s
jobs:
  release:
    runs-on: ubuntu-latest
    strategy: {matrix: %(matrix)s}
    steps:
      - run: make dist
      - %(attest)s
      - run: gh release upload "$TAG" dist/*
"""
GENERATOR = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"
GENERATED = """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: {hashes: "${{ steps.hash.outputs.hashes }}"}
    steps:
      - run: make dist
      - id: hash
        run: echo "hashes=$(sha256sum dist/* | base64 -w0)" >> "$GITHUB_OUTPUT"
      - uses: actions/upload-artifact@v4
        with: {name: files, path: dist/}
  provenance:
    needs: [build]
    if: %(condition)s
    permissions: {actions: read, id-token: %(token)s, contents: write}
    uses: %(uses)s
    with: {base64-subjects: "%(subjects)s", upload-assets: true}
  release:
    needs: [build]
    runs-on: ubuntu-latest
    permissions: {contents: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {name: files, path: dist}
      - run: gh release upload "$TAG" dist/*
"""
IMAGE = """\
on: {push: {tags: ['v*']}}
permissions: {packages: write, id-token: write, attestations: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: push
        uses: docker/build-push-action@v6
        with: {push: true, provenance: false, tags: ghcr.io/acme/widget:v1}
      - uses: actions/attest-build-provenance@v2
        with: {subject-name: ghcr.io/acme/widget, subject-digest: "%s"}
"""
NPM = """\
on: {release: {types: [published]}}
permissions: %s
jobs:
  npm:
    runs-on: ubuntu-latest
    steps:
      - run: npm publish --provenance
        env: {NODE_AUTH_TOKEN: "${{ secrets.TOKEN }}"}
"""


def published(folder: Path, workflow: str) -> tuple[Publication, ...]:
    place = folder / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "release.yml").write_text(workflow)
    (folder / "package.json").write_text('{"name": "@acme/widget"}')
    return publications_of(folder)


def covers(folder: Path, workflow: str) -> set[str]:
    found = published(folder, workflow)
    assert found
    return {claim.covers for one in found for claim in one.claims} or {"no"}


def release(
    condition: str = "", *, on: str = "{push: {tags: ['v*']}}", rights: str = RIGHTS, matrix: str = "{os: [a, b]}"
) -> str:
    attest = ATTEST % (f'if: "{condition}", ' if condition else "", "subject-path: dist/*")
    return RELEASE % {"on": on, "rights": rights, "matrix": matrix, "attest": attest}


def generated(
    *,
    uses: str = f"{GENERATOR}@v2.1.0",
    subjects: str = "${{ needs.build.outputs.hashes }}",
    condition: str = "success()",
    token: str = "write",
) -> str:
    return GENERATED % {"uses": uses, "subjects": subjects, "condition": condition, "token": token}


@pytest.mark.parametrize(
    "workflow",
    [
        release(),
        release("startsWith(github.ref, 'refs/tags/')"),
        release("github.ref == 'refs/tags/v1.0.0'"),
        release("always() && github.event_name == 'push'"),
        release("!cancelled()"),
        release("inputs.attest", on="{workflow_dispatch: {inputs: {attest: {type: boolean, default: true}}}}"),
        release("github.ref_type == 'tag'", on="push"),
        generated(),
        IMAGE % "${{ steps.push.outputs.digest }}",
        NPM % "{id-token: write}",
    ],
)
def test_what_is_made_stays_claimed(tmp_path: Path, workflow: str) -> None:
    assert covers(tmp_path, workflow) == {"yes"}


@pytest.mark.parametrize(
    "workflow",
    [
        release("failure()"),
        release("${{ cancelled() }}"),
        release("!startsWith(github.ref, 'refs/tags/')"),
        release("github.ref == 'refs/heads/main'"),
        release("github.ref_type == 'branch'", on="{release: {types: [published]}}"),
        release("github.event_name == 'schedule'", on="[push, workflow_dispatch]"),
        release("matrix.os == 'plan9'"),
        release("matrix.os == 'b'", matrix="{os: [a, b], exclude: [{os: b}]}"),
        release(rights="{contents: write}"),
        release(rights="{contents: write, id-token: write}"),
        release(rights="read-all"),
        release(rights="{}"),
        generated(token="none"),
        generated(condition="failure()"),
        generated(uses=f"{GENERATOR}@v2.1.0-evil"),
        generated(uses=f"{GENERATOR}@2.1.0"),
        generated(uses=f"{GENERATOR}@main"),
        generated(uses=GENERATOR.replace("slsa-framework/", "slsa-framework-builds/") + "@v2.1.0"),
        generated(subjects="ZGVhZGJlZWYgIGFwcAo="),
        generated(subjects=""),
        generated(subjects="${{ inputs.hashes }}"),
        IMAGE % ("sha256:" + "0" * 64),
        IMAGE % "${{ steps.another.outputs.digest }}",
        NPM % "{contents: read}",
    ],
)
def test_what_is_not_made_is_not_claimed(tmp_path: Path, workflow: str) -> None:
    assert "yes" not in covers(tmp_path, workflow)


@pytest.mark.parametrize(
    "workflow",
    [
        release("vars.ATTEST == 'true'"),
        release("inputs.attest", on="{workflow_dispatch: {inputs: {attest: {type: boolean, default: false}}}}"),
    ],
)
def test_what_somebody_decides_elsewhere_is_unknown(tmp_path: Path, workflow: str) -> None:
    assert covers(tmp_path, workflow) == {"unknown"}
