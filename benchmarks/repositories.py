"""Made-up repositories to measure on: realistic workflow files, as many as asked for, each a little different."""

import os
import subprocess
from pathlib import Path

__all__ = ["make_repository"]

_TEST = """\
name: test {n}
on:
  push: {{branches: [main]}}
  pull_request:
permissions: {{contents: read}}
jobs:
  test:
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest, windows-latest]
        python: ["3.11", "3.12", "3.13"]
    runs-on: ${{{{ matrix.os }}}}
    steps:
      - uses: actions/checkout@v4
        with: {{fetch-depth: {n}}}
      - uses: actions/setup-python@v5
        with: {{python-version: "${{{{ matrix.python }}}}", cache: pip}}
      - name: Install
        run: |
          python -m pip install --upgrade pip
          pip install -e .[dev] "package{n}>=1"
      - name: Test
        env:
          REFERENCE: ${{{{ github.ref_name }}}}
        run: |
          if [ "$REFERENCE" != main ]; then
            pytest -q tests/part{n} --junitxml=report.xml
          fi
      - uses: actions/upload-artifact@v4
        with: {{name: "report-{n}", path: report.xml}}
"""
_RELEASE = """\
name: release {n}
on:
  push: {{tags: ["v*"]}}
permissions: {{contents: read}}
jobs:
  image:
    runs-on: ubuntu-latest
    permissions: {{packages: write, id-token: write, attestations: write, contents: read}}
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: docker/setup-buildx-action@v3
      - uses: docker/login-action@v3
        with: {{registry: ghcr.io, username: "${{{{ github.actor }}}}", password: "${{{{ secrets.GITHUB_TOKEN }}}}"}}
      - id: push
        uses: docker/build-push-action@v6
        with: {{push: true, tags: "ghcr.io/example/part{n}:${{{{ github.ref_name }}}}"}}
      - uses: actions/attest-build-provenance@v3
        with:
          subject-name: ghcr.io/example/part{n}
          subject-digest: ${{{{ steps.push.outputs.digest }}}}
          push-to-registry: true
  wheel:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {{id-token: write}}
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def make_repository(path: Path, files: int) -> Path:
    """A git repository with that many workflow files, every tenth of which releases something."""
    folder = path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for number in range(files):
        template = _RELEASE if number % 10 == 0 else _TEST
        (folder / f"workflow{number}.yml").write_text(template.format(n=number))
    (path / "pyproject.toml").write_text('[project]\nname = "example"\nversion = "1"\n')
    (path / "Dockerfile").write_text("FROM python:3.13-slim\nCOPY . /app\nRUN pip install /app\n")
    nobody = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org"}
    nobody |= {"GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.org"}
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", "-C", str(path), *command], check=True, env=os.environ | nobody)
    return path
