"""Where plug-ins for any forge release to, components that a test workflow publishes, tasks that say what they mean."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.evidence.publications.tracing import publications_of


def published(folder: Path, path: str, text: str) -> list[tuple[str, str | None]]:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(dedent(text), encoding="utf-8")
    return [(one.type, one.channel) for one in publications_of(folder)]


@pytest.mark.parametrize(
    ("secret", "channel"),
    [("github_token", "github-release"), ("GITEA_KEY", "gitea-release"), ("release_token", "forge-release")],
)
def test_the_token_s_name_tells_the_forge(tmp_path: Path, secret: str, channel: str) -> None:
    text = f"""\
        steps:
          up:
            image: woodpeckerci/plugin-release:0.3.1
            settings: {{files: 'dist/*.zip', api_key: {{from_secret: {secret}}}}}
            when: {{event: tag}}
        """
    assert published(tmp_path, ".woodpecker.yml", text) == [("archive", channel)]


def test_a_workflow_for_tests_publishes_a_component(tmp_path: Path) -> None:
    text = """\
        version: 2.1
        orbs: {orb-tools: circleci/orb-tools@12.3.1}
        workflows:
          test-deploy:
            jobs:
              - orb-tools/publish: {orb_name: acme/widget, pub_type: production}
        """
    assert published(tmp_path, ".circleci/test-deploy.yml", text) == [("ci-component", None)]


@pytest.mark.parametrize(("given", "found"), [("packagesToPush: 'out/*.nupkg'", 1), ("projects: '**/*.csproj'", 0)])
def test_a_task_without_a_command_means_what_it_is_given(tmp_path: Path, given: str, found: int) -> None:
    text = f"""\
        trigger: {{tags: {{include: ['v*']}}}}
        pool: {{vmImage: ubuntu-24.04}}
        steps:
          - task: DotNetCoreCLI@2
            inputs: {{{given}, nugetFeedType: external}}
        """
    assert published(tmp_path, "azure-pipelines.yml", text) == [("nuget-package", "nuget")] * found
