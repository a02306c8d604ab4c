"""Programs that publish to npm: their commands count where all of them are spelled out with the flag."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

WORKFLOW = """\
on: {push: {tags: ['v*']}}
permissions: {contents: read, id-token: write}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - run: node scripts/publish.mjs
        env: {NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}'}
"""
FLAGGED = "await $`cd ${folder} && npm publish --provenance --access public`\n"


def made(folder: Path, program: str, workflow: str = WORKFLOW) -> list[tuple[str, str]]:
    (folder / "scripts").mkdir()
    (folder / "scripts/publish.mjs").write_text(program, encoding="utf-8")
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/w.yml").write_text(workflow, encoding="utf-8")
    return [(one.provenance.made, one.read) for one in publications_of(folder)]


def test_every_command_has_the_flag(tmp_path: Path) -> None:
    assert made(tmp_path, FLAGGED + "// npm publish\n" + FLAGGED) == [("yes", "partial")]


@pytest.mark.parametrize(
    "program",
    [
        FLAGGED + "await $`npm publish --access public`\n",
        FLAGGED + "await run('npm', ['publish', '--access', 'public'])\n",
        FLAGGED.replace("--provenance", "--provenance=false"),
        "// npm publish --provenance\nexec('npm publish')\n",
        "const flags = ['--provenance']\nspawn('pnpm', [\n  'publish',\n  ...flags])\n",
    ],
)
def test_what_may_be_published_without_it_has_none(tmp_path: Path, program: str) -> None:
    assert made(tmp_path, program) == [("no", "partial")]


def test_without_a_token_npm_decides(tmp_path: Path) -> None:
    workflow = WORKFLOW.partition("        env")[0]
    assert made(tmp_path, "exec('npm publish')\n", workflow) == [("unknown", "partial")]


def test_an_empty_token_is_none(tmp_path: Path) -> None:
    workflow = WORKFLOW.replace("'${{ secrets.NPM_TOKEN }}'", "''")
    assert made(tmp_path, "exec('npm publish')\n", workflow) == [("unknown", "partial")]


def test_a_command_with_an_empty_token_leaves_it_to_npm(tmp_path: Path) -> None:
    workflow = WORKFLOW.replace("node scripts/publish.mjs", "npm publish").replace("'${{ secrets.NPM_TOKEN }}'", '""')
    (tmp_path / "package.json").write_text('{"name": "app"}', encoding="utf-8")
    assert made(tmp_path, "", workflow) == [("unknown", "full")]
