"""Which CI systems and build tools are named, alive or dead, understood or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.pipelines import build_tools, ci_systems

WORKFLOW = {".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}"}


def seen(found: Any) -> list[tuple[str, bool, bool]]:
    return [(item.name, item.live, item.understood) for item in ci_systems(found.tree, found.pipelines)]


def test_an_old_travis_file_beside_another_system_is_a_leftover(project: Any) -> None:
    found = project("ci-travis-leftover-beside-actions")
    assert seen(found) == [("github-actions", True, True), ("travis", False, True)]
    travis = ci_systems(found.tree, found.pipelines)[1]
    assert "leftover" in travis.note
    assert str(travis.at[0]) == ".travis.yml:1"


def test_travis_alone_is_alive(project: Any) -> None:
    assert seen(project("ci-travis-alone")) == [("travis", True, True)]


def test_a_workflow_that_is_switched_off_is_dead(read: Any) -> None:
    found = read({".github/workflows/a.yml": "on: push\njobs: {a: {if: false, runs-on: ubuntu-latest}}"})
    assert seen(found) == [("github-actions", False, True)]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("appveyor.yml", "appveyor"),
        (".semaphore/semaphore.yml", "semaphore"),
        (".builds/linux.yml", "sourcehut"),
        ("buildspec.yml", "aws-codebuild"),
        (".release/ci.hcl", "hashicorp-crt"),
        (".forgejo/workflows/ci.yml", "forgejo-actions"),
        (".drone.star", "drone"),
        (".cirrus.star", "cirrus-ci"),
    ],
)
def test_systems_without_a_reader_are_called_not_understood(read: Any, path: str, name: str) -> None:
    found = read({path: "a: 1"})
    assert seen(found) == [(name, True, False)]


def test_dagger_lives_through_those_who_call_it(read: Any) -> None:
    assert seen(read({**WORKFLOW, "dagger.json": "{}"})) == [("github-actions", True, True), ("dagger", False, False)]
    used = {".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: u, steps: [{run: dagger call build}]}}"}
    assert seen(read({**used, "dagger.json": "{}"}))[1] == ("dagger", True, False)


@pytest.mark.parametrize(
    "path",
    [
        "vendor/x/.travis.yml",
        "testdata/.gitlab-ci.yml",
        "node_modules/x/Jenkinsfile",
        "examples/cloudbuild.yaml",
        "sub/.circleci/config.yml",
        "tests/fixtures/.github/workflows/a.yml",
        "docs/Jenkinsfile.md",
    ],
)
def test_other_peoples_files_are_not_ours(read: Any, path: str) -> None:
    assert seen(read({path: "on: push\nsteps: [{name: x}]\njobs: {a: {steps: []}}"})) == []


def test_files_that_only_look_like_pipelines_are_none(read: Any) -> None:
    files = {
        "release/notes.yaml": "apiVersion: v1\nkind: ConfigMap",
        "ci/task.yaml": "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec: {steps: []}",
        ".github/dependabot.yml": "version: 2",
        "build/config.yaml": "steps: nothing",
    }
    assert seen(read(files)) == []


def test_build_tools_by_their_files_and_actions(read: Any) -> None:
    text = "on: push\njobs: {a: {runs-on: u, steps: [{uses: docker/build-push-action@v6}]}}"
    files = {
        ".github/workflows/a.yml": text,
        ".goreleaser.yaml": "",
        "Makefile": "",
        "go.mod": "",
        "a/b/c/pom.xml": "",
        "vendor/x/Cargo.toml": "",
        "src/tool.csproj": "",
        "Dockerfile.alpine": "",
    }
    found = read(files)
    tools = {item.name: [str(place) for place in item.at] for item in build_tools(found.tree, found.pipelines)}
    assert list(tools) == ["docker", "dotnet", "go", "goreleaser", "make"]
    assert tools["docker"] == ["Dockerfile.alpine:1", ".github/workflows/a.yml:2"]


def test_every_reader_has_a_sample_project() -> None:
    """A system counts as understood only with a sample that its reader is tried on."""
    from importlib import import_module

    from slsacheck.evidence.pipelines.claims import claimed
    from slsacheck.evidence.pipelines.registry import SYSTEMS

    projects = Path(__file__).resolve().parents[2] / "projects"
    samples: set[str] = set()
    for root in projects.glob("ci-*"):
        samples.update(claimed(path.relative_to(root).as_posix() for path in root.rglob("*")))
    for system in SYSTEMS:
        if system.module:
            assert callable(import_module(f"slsacheck.evidence.pipelines.{system.module}").read)
            assert system.name in samples
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)


def test_no_more_readers_are_imported_than_needed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from slsacheck.evidence.files import EmptyTree\n"
        "from slsacheck.evidence.pipelines import ci_systems, read_all\n"
        "from slsacheck.evidence.tree import Problems\n"
        "tree = EmptyTree()\n"
        "assert read_all(tree, Problems()) == ()\n"
        "print(*[name for name in sys.modules if 'pipelines.' in name or name in ('yaml', 'dataclasses', 'json')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    for name in ("jenkins", "gitlab", "azure", "tekton"):
        assert f"pipelines.{name}" not in done.stdout
    assert "yaml" not in done.stdout.split()
