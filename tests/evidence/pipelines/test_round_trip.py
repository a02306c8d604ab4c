"""What every reader holds to: places lie inside the file, and what is parsed, printed and parsed again is the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence.pipelines import read_all, registry
from slsacheck.evidence.pipelines.jenkins.groovy import Token, tokens
from slsacheck.evidence.tree import Problems
from slsacheck.model import Pipeline, Place

PROJECTS = Path(__file__).parents[2] / "projects"
LAYOUT = frozenset({"at", "script_line", "text_line", "comment", "problems"})
"""Fields that tell where something stands, which printing moves about."""
NAMES = sorted(path.name for path in PROJECTS.iterdir() if path.name.startswith(("ci-", "flow-", "trap-")))


def files_of(name: str) -> dict[str, str]:
    root = PROJECTS / name
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8", errors="replace") for path in found}


def fields(value: Any) -> Iterator[tuple[str, Any]]:
    names = getattr(type(value), "__record_fields__", ())
    return ((name, getattr(value, name)) for name in names)


def places(value: Any) -> Iterator[Place]:
    """Every place in a value, however deep."""
    if isinstance(value, Place):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from places(item)
    else:
        for _, item in fields(value):
            yield from places(item)


def plain(value: Any) -> Any:
    """A value without its places."""
    if isinstance(value, Place):
        return "a place"
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    named = dict(fields(value))
    return {name: _said(name, item) for name, item in named.items() if name not in LAYOUT} if named else value


def _said(name: str, item: Any) -> Any:
    """A field; a command that is given as words stands on as many lines as these do."""
    return item.replace("\\\n", " ").split() if name == "script" and item else plain(item)


def printed(text: str, *, flow: bool) -> str:
    """The same documents written by PyYAML, as they were or all in one line each."""
    nodes = list(yaml.compose_all(text, yaml.SafeLoader))
    if flow:
        for node in nodes:
            _flow(node, set())
    return yaml.serialize_all(nodes, Dumper=yaml.SafeDumper, explicit_start=True, allow_unicode=True, width=10_000)


def _flow(node: Any, seen: set[int]) -> None:
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    node.flow_style = True
    for item in node.value:
        for child in item if isinstance(item, tuple) else (item,):
            _flow(child, seen)


def assert_inside(pipelines: tuple[Pipeline, ...], files: Mapping[str, str]) -> None:
    """Every place names a file that is there, a line of it, and a column of that line."""
    for place in (place for pipeline in pipelines for place in places(pipeline)):
        assert place.path is not None
        assert place.path in files
        lines = files[place.path].split("\n")
        assert place.line is not None
        assert 1 <= place.line <= len(lines)
        assert place.column is None or 1 <= place.column <= len(lines[place.line - 1]) + 1


@pytest.mark.parametrize("name", NAMES)
def test_places_lie_inside_the_files(name: str, read: Any) -> None:
    files = files_of(name)
    assert_inside(read(files).pipelines, files)


@pytest.mark.parametrize("flow", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_and_read_again_is_the_same(name: str, flow: bool, read: Any) -> None:
    files = files_of(name)
    again = {
        path: printed(text, flow=flow) if path.endswith((".yml", ".yaml")) and "goreleaser" not in path else text
        for path, text in files.items()
        if readable(text) or not path.endswith((".yml", ".yaml"))
    }
    before = read({path: text for path, text in files.items() if path in again}).pipelines
    after = read(again).pipelines
    assert [plain(pipeline) for pipeline in after] == [plain(pipeline) for pipeline in before]


def readable(text: str) -> bool:
    try:
        return all(node is not None for node in yaml.compose_all(text, yaml.SafeLoader))
    except yaml.YAMLError:
        return False


KEYS = st.sampled_from(
    [
        "on", "jobs", "steps", "run", "uses", "with", "needs", "runs-on", "strategy", "matrix", "include",
        "stages", "stage", "script", "artifacts", "paths", "extends", "trigger", "workflows", "kind",
        "apiVersion", "spec", "tasks", "templates", "containers", "args", "command", "image", "tag", "metadata",
        "name", "pipelines", "step", "pipe", "task", "template", "pool", "vmImage", "commands", "orbs",
        "parallel", "pipelineSpec", "taskRef", "params", "resourcetemplates", "dependencies"
    ]
)  # fmt: skip
WORDS = KEYS | st.sampled_from(["tekton.dev/v1", "triggers.tekton.dev/v1", "argoproj.io/v1", "kpack.io/v1", "Workflow"])
KINDS = st.sampled_from(
    ["Pipeline", "PipelineRun", "TriggerTemplate", "WorkflowTemplate", "Image", "pipeline", "x y", "$a"]
)
TREES = st.recursive(
    st.booleans() | st.integers(0, 9) | WORDS | KINDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
PATHS = {
    "github-actions": ".github/workflows/a.yml",
    "gitlab-ci": ".gitlab-ci.yml",
    "azure-pipelines": "azure-pipelines.yml",
    "bitbucket-pipelines": "bitbucket-pipelines.yml",
    "buildkite": ".buildkite/pipeline.yml",
    "circleci": ".circleci/config.yml",
    "cirrus-ci": ".cirrus.yml",
    "drone": ".drone.yml",
    "google-cloud-build": "cloudbuild.yaml",
    "tekton": ".tekton/a.yaml",
    "travis": ".travis.yml",
    "woodpecker": ".woodpecker.yml",
    "argo-workflows": "argo/a.yaml",
    "kpack": "kpack/a.yaml",
}


def test_every_reader_of_yaml_is_asked() -> None:
    assert set(PATHS) == {system.name for system in registry.SYSTEMS if system.module} - {"jenkins"}


@settings(max_examples=60)
@given(tree=TREES)
@pytest.mark.parametrize("path", PATHS.values())
def test_any_structure_is_read_alike_however_it_is_written(path: str, tree: object, read: Any) -> None:
    text = yaml.safe_dump(tree)
    found = read({path: text}).pipelines
    assert_inside(found, {path: text})
    again = read({path: printed(text, flow=True)}).pipelines
    assert [plain(pipeline) for pipeline in again] == [plain(pipeline) for pipeline in found]


GROOVY = st.lists(
    st.sampled_from(
        [
            "stage('x')",
            "{",
            "}",
            "sh 'make'",
            'sh(script: "a\\nb")',
            "agent any",
            "pipeline",
            "//c\n",
            "\n",
            "'''a\nb'''",
        ]
    ),
    max_size=25,
).map(" ".join)


def quoted(token: Token) -> str:
    if token.kind != "string":
        return token.text
    escaped = token.text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


@settings(max_examples=200)
@given(text=GROOVY | st.text(alphabet="ab'\"\\/*{}()$\n #.", max_size=60))
def test_tokens_that_are_printed_are_the_same_tokens(text: str) -> None:
    found = list(tokens(text))
    again = list(tokens(" ".join(map(quoted, found))))
    kinds = ("newline", "other")
    assert [(one.kind, one.text) for one in again if one.kind not in kinds] == [
        (one.kind, one.text) for one in found if one.kind not in kinds
    ]
    for token in found:
        assert 1 <= token.line <= text.count("\n") + 1


def test_nothing_but_problems_comes_of_what_cannot_be_read() -> None:
    class Closed:
        def paths(self) -> tuple[str, ...]:
            return tuple(PATHS.values())

        def exists(self, path: str) -> bool:
            return path in PATHS.values()

        def read(self, path: str, limit: int = 0) -> bytes:
            raise self.refused(path)

        def text(self, path: str, limit: int = 0) -> str:
            raise self.refused(path)

        @staticmethod
        def refused(path: str) -> Exception:
            from slsacheck.errors import InputError

            return InputError("cannot be read", where=path)

    problems = Problems()
    assert read_all(Closed(), problems) == ()
    assert {item.where for item in problems.items()} == set(PATHS.values())
