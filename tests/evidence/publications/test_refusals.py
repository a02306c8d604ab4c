"""Where npm cannot make the provenance that it is asked for."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of


def best(folder: Path, files: dict[str, str]) -> str:
    for path, text in {"package.json": '{"name": "@acme/app", "version": "1.0.0"}', **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (found,) = publications_of(folder)
    return found.claims[0].covers


ACTIONS = """\
on: {release: {types: [published]}}
permissions: {contents: read, id-token: write}
jobs:
  publish:
    runs-on: RUNNER
    steps:
      - uses: actions/checkout@v4
      - run: |
          COMMAND
"""


def on_github(folder: Path, *, runner: str = "ubuntu-latest", command: str = "npm publish --provenance") -> str:
    text = ACTIONS.replace("RUNNER", runner).replace("COMMAND", command)
    return best(folder, {".github/workflows/npm.yml": text})


@pytest.mark.parametrize(
    ("runner", "how"),
    [
        ("ubuntu-latest", "yes"),
        ("ubuntu-latest-8-cores", "yes"),
        ("[self-hosted, linux]", "no"),
        ("blacksmith-4vcpu-ubuntu-2404", "no"),
        ("${{ vars.RUNNER }}", "yes"),
    ],
)
def test_npm_takes_provenance_from_hosted_runners_only(tmp_path: Path, runner: str, how: str) -> None:
    assert on_github(tmp_path, runner=runner) == how


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("npm publish ./packages/a --provenance", "no"),
        ("npm pkg delete private; npm publish ./packages/a --provenance", "yes"),
        ("npm publish --provenance", "yes"),
    ],
)
def test_npm_publishes_no_private_package(tmp_path: Path, command: str, how: str) -> None:
    inner = tmp_path / "packages/a/package.json"
    inner.parent.mkdir(parents=True)
    inner.write_text('{"name": "a", "private": true}', encoding="utf-8")
    assert on_github(tmp_path, command=command) == how


GITLAB = "publish:\n  image: node:22\n  script: [npm publish --provenance]\n  rules: [{if: $CI_COMMIT_TAG}]\n"


def test_npm_signs_in_gitlab_with_a_token_for_sigstore_only(tmp_path: Path) -> None:
    token = "  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n"
    assert best(tmp_path / "a", {".gitlab-ci.yml": GITLAB}) == "no"
    assert best(tmp_path / "b", {".gitlab-ci.yml": GITLAB + token}) == "yes"


def test_npm_knows_two_systems(tmp_path: Path) -> None:
    pipeline = "trigger:\n  tags: {include: [v*]}\nsteps:\n  - script: npm publish --provenance\n"
    assert best(tmp_path, {"azure-pipelines.yml": pipeline}) == "unknown"
