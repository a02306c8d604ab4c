"""Sets of files that one publishing act sends out: what a glob stands for, and what lies beside the files."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

WORKFLOW = """\
on: {{push: {{tags: ['v*']}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make tarballs
      - uses: actions/upload-artifact@v4
        with: {{name: tars-linux, path: 'releases/{handed}'}}
  release:
    needs: build
    runs-on: ubuntu-latest
    permissions: {{contents: write, id-token: write, attestations: write}}
    steps:
      - uses: actions/download-artifact@v4
        with: {{path: builds}}
      - uses: actions/attest-build-provenance@v3
        with: {{subject-path: './builds/tars-**/*.tar.gz'}}
      - uses: softprops/action-gh-release@v2
        with:
          files: |
            builds/tars-**/*
            app-*-attestation.intoto.jsonl
"""


@pytest.mark.parametrize(
    ("handed", "covers"),
    [
        ("*.tar.gz", "yes"),
        ("*.tar.gz*", "yes"),
        ("*.zip", "no"),
        ("*.zip*", "no"),
        ("*.t*", "partial"),
        ("*", "partial"),
    ],
)
def test_a_folder_of_artifacts_holds_what_was_handed_on(tmp_path: Path, handed: str, covers: str) -> None:
    path = tmp_path / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(WORKFLOW.format(handed=handed), encoding="utf-8")
    found = publications_of(tmp_path)
    assert {one.type for one in found} == {"archive"}
    assert found[-1].claims[0].covers == covers


PACKAGES = """\
on: {{push: {{tags: ['v*']}}}}
jobs:
  packages:
    runs-on: windows-2025
    permissions: {{id-token: write, attestations: write}}
    env: {{SOURCE: 'https://www.myget.org/F/example/api/v3/index.json'}}
    steps:
      - uses: actions/checkout@v4
      - run: dotnet pack -o out
      - uses: actions/attest@v4
        with: {{subject-path: 'out/{attested}'}}
      - run: dotnet nuget push out/*.nupkg --source {source}
        shell: {shell}
"""


@pytest.mark.parametrize(
    ("shell", "source"),
    [("pwsh", "${env:SOURCE}"), ("powershell", "$env:SOURCE"), ("cmd", "%SOURCE%"), ("bash", '"$SOURCE"')],
)
@pytest.mark.parametrize(("attested", "covers"), [("*.nupkg", "yes"), ("*.zip", "no")])
def test_packages_that_were_attested_are_pushed(
    tmp_path: Path, shell: str, source: str, attested: str, covers: str
) -> None:
    path = tmp_path / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(PACKAGES.format(shell=shell, source=source, attested=attested), encoding="utf-8")
    (found,) = publications_of(tmp_path)
    assert (found.channel, found.claims[0].covers) == ("www.myget.org", covers)
