"""Hazards: each rule on a workflow that has it and on a look-alike that has not."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.hazards import RULES, hazards, hints
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems
from slsacheck.model import Finding

SHA = "0123456789abcdef0123456789abcdef01234567"
PUSH_IMAGE = f"""
      - uses: docker/login-action@{SHA}
        with: {{registry: ghcr.io, username: a, password: "${{{{ secrets.GITHUB_TOKEN }}}}"}}
      - uses: docker/build-push-action@{SHA}
        with: {{push: true, tags: ghcr.io/acme/widget}}
"""


def release(steps: str = "", *, on: str = "{push: {tags: ['v*']}}", top: str = "permissions: {}", job: str = "") -> str:
    """A workflow whose one job runs `steps` and then pushes an image."""
    lines = ["on: " + on, top, "jobs:", "  image:", "    runs-on: ubuntu-24.04"]
    if job:
        lines.append(indent(dedent(job).strip("\n"), "    "))
    body = indent(dedent(steps).strip("\n"), "      ") if steps else ""
    return "\n".join([*lines, "    steps:", body, PUSH_IMAGE.strip("\n")]) + "\n"


def found(folder: Path, workflows: dict[str, str]) -> tuple[Finding, ...]:
    for name, text in workflows.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tree, problems = WorkTree(str(folder)), Problems()
    pipelines = read_all(tree, problems, "acme/widget")
    assert pipelines
    publications = trace(tree, pipelines, problems, "acme/widget")
    return (*hazards(tree, pipelines, publications), *hints(tree, pipelines, publications))


HAS: list[tuple[str, str, str]] = [
    (
        "pull-request-target-checkout",
        "high",
        release(
            f"- uses: actions/checkout@{SHA}\n  with: {{ref: '${{{{ github.event.pull_request.head.sha }}}}'}}",
            on="pull_request_target",
        ),
    ),
    ("pull-request-target-checkout", "high", release("- run: gh pr checkout 7", on="issue_comment")),
    ("template-injection", "medium", release('- run: echo "${{ github.event.head_commit.message }}"')),
    ("template-injection", "low", release("- run: make VERSION=${{ inputs.version }}", on="workflow_dispatch")),
    ("untrusted-publish", "medium", release(on="pull_request")),
    (
        "artifact-from-other-run",
        "medium",
        release(f"- uses: actions/download-artifact@{SHA}\n  with: {{run-id: '${{{{ inputs.run }}}}'}}"),
    ),
    (
        "inherited-secrets",
        "medium",
        "on: push\njobs:\n  a:\n    uses: other/ci/.github/workflows/x.yml@main\n    secrets: inherit\n",
    ),
    ("secret-exposure", "medium", release("- run: curl -u ${{ secrets.USER }}:x https://example.org")),
    ("long-lived-publish-token", "low", release("- run: make\n  env: {NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'}")),
    ("unpinned-reference", "medium", release("- uses: acme/build@main")),
    ("unpinned-reference", "low", release("- uses: acme/build@v1")),
    ("unpinned-tool", "low", release("- run: go install example.org/tool@latest")),
    (
        "mutable-reusable-workflow",
        "medium",
        "on: push\npermissions: {contents: write}\njobs:\n  a:\n    uses: other/ci/.github/workflows/x.yml@main\n",
    ),
    ("cache-poisoning", "medium", release(f"- uses: actions/cache@{SHA}\n  with: {{path: x, key: y}}")),
    ("cache-poisoning", "medium", release(f"- uses: actions/setup-node@{SHA}\n  with: {{cache: npm}}")),
    (
        "cache-poisoning",
        "medium",
        release(f"- uses: actions/cache@{SHA}\n  if: github.ref != 'refs/heads/main'", on="{push: {branches: ['v*']}}"),
    ),
    (
        "cache-poisoning",
        "medium",
        release(
            f"- uses: actions/cache@{SHA}\n  if: ${{{{ !startsWith(github.ref, 'refs/tags/') }}}}", on="{push: {}}"
        ),
    ),
    ("curl-pipe-shell", "medium", release("- run: curl -fsSL https://example.org/x.sh | sudo bash")),
    ("curl-pipe-shell", "medium", release('- run: sh -c "$(curl -fsSL https://example.org/x.sh)"')),
    (
        "unverified-download",
        "low",
        release("- run: curl -LO https://example.org/releases/download/v1/x.tar.gz\n"),
    ),
    ("unverified-download", "low", release("- run: curl -sSfLo x.tgz https://example.org/releases/download/v1/x.tgz")),
    ("unverified-download", "low", release("- run: curl -sL https://example.org/x.tar.gz > x.tar.gz")),
    ("self-hosted-runner", "low", release().replace("ubuntu-24.04", "[self-hosted, linux]")),
    ("docker-socket", "low", release(job="services:\n  d:\n    image: docker:27-dind")),
    (
        "docker-socket",
        "low",
        release(job="container: {image: x, volumes: ['/var/run/docker.sock:/var/run/docker.sock']}"),
    ),
    ("weakened-isolation", "low", release(job="container: {image: x, options: --cpus 2 --privileged}")),
    (
        "weakened-isolation",
        "medium",
        release(job="container: {image: x, options: --privileged}").replace("ubuntu-24.04", "self-hosted"),
    ),
    (
        "weakened-isolation",
        "low",
        release(
            "- uses: docker/setup-buildx-action@v3\n  with: {buildkitd-flags: --allow-insecure-entitlement security.insecure}"
        ),
    ),
    ("weakened-isolation", "low", release("- run: docker buildx build --allow security.insecure .")),
    ("own-build-container", "low", release(job="container: ghcr.io/acme/widget:builder")),
    ("own-build-container", "low", release(job="container: 'ghcr.io/${{ github.repository }}/ci:1'")),
    ("mutable-source", "low", release('- run: git commit -am "bump" && git push')),
    ("broken-authenticity", "low", release("- run: make\n  env: {KEY: '${{ secrets.COSIGN_PRIVATE_KEY }}'}")),
    (
        "generator-reference",
        "medium",
        (
            "on: push\njobs:\n  p:\n    uses: slsa-framework/slsa-github-generator/.github/workflows/"
            f"generator_generic_slsa3.yml@{SHA}\n"
        ),
    ),
]


@pytest.mark.parametrize(("rule", "severity", "workflow"), HAS, ids=[f"{row[0]}-{i}" for i, row in enumerate(HAS)])
def test_a_hazard_is_found_with_its_place(tmp_path: Path, rule: str, severity: str, workflow: str) -> None:
    same = [one for one in found(tmp_path, {".github/workflows/release.yml": workflow}) if one.rule == rule]
    assert [one.severity for one in same][:1] == [severity]
    lines = workflow.splitlines()
    for one in same:
        assert one.reason
        assert one.at
        assert all(
            place.path == ".github/workflows/release.yml" and 1 <= (place.line or 0) <= len(lines) for place in one.at
        )


def test_write_rights_for_every_job(tmp_path: Path) -> None:
    two = (
        release(top="permissions: {contents: write, id-token: write}")
        + "  other:\n    runs-on: ubuntu-24.04\n    steps: [{run: make}]\n"
    )
    wide = [one for one in found(tmp_path, {".github/workflows/r.yml": two}) if one.rule == "excessive-permissions"]
    assert [one.severity for one in wide] == ["medium"]
    narrow = two.replace("    runs-on", "    permissions: {}\n    runs-on")
    assert not [
        one for one in found(tmp_path, {".github/workflows/r.yml": narrow}) if one.rule == "excessive-permissions"
    ]


def test_all_rights_for_one_job(tmp_path: Path) -> None:
    workflow = release(top="permissions: {}").replace("    runs-on", "    permissions: write-all\n    runs-on")
    wide = [
        one for one in found(tmp_path, {".github/workflows/r.yml": workflow}) if one.rule == "excessive-permissions"
    ]
    assert [one.severity for one in wide] == ["medium"]
    line = workflow.splitlines().index("    permissions: write-all") + 1
    assert [place.line for one in wide for place in one.at] == [line]
    called = (
        "on: {release: {types: [published]}}\njobs:\n  ship:\n    permissions: write-all\n"
        "    uses: ./.github/workflows/ship.yml\n"
    )
    files = {
        ".github/workflows/r.yml": called,
        ".github/workflows/ship.yml": release(on="workflow_call"),
    }
    wide = [one for one in found(tmp_path, files) if one.rule == "excessive-permissions"]
    assert [str(place) for one in wide for place in one.at] == [".github/workflows/r.yml:4"]


SAFE = [
    ("the base is checked out", release(f"- uses: actions/checkout@{SHA}", on="pull_request_target"), "pull-request-target-checkout"),
    ("a value by the environment", release('- run: echo "$T"\n  env: {T: "${{ github.head_ref }}"}'), "template-injection"),
    ("a condition on the event", release(on="pull_request", job="if: github.event_name == 'push'"), "untrusted-publish"),
    ("the token of the run", release("- run: gh api -H 'x: ${{ secrets.GITHUB_TOKEN }}' x"), "secret-exposure"),
    ("all by commit", release(f"- uses: acme/build@{SHA}"), "unpinned-reference"),
    ("a fixed version", release("- run: go install example.org/tool@v1.2.3"), "unpinned-tool"),
    ("a cache that is off", release(f"- uses: actions/setup-go@{SHA}\n  with: {{cache: false}}"), "cache-poisoning"),
    ("a cache for branches alone", release(f"- uses: actions/cache@{SHA}\n  if: ${{{{ !startsWith(github.ref, 'refs/tags/') }}}}"), "cache-poisoning"),
    ("a cache but for tags", release(f"- uses: actions/setup-go@{SHA}\n  with: {{cache: \"${{{{ github.ref_type != 'tag' }}}}\"}}"), "cache-poisoning"),
    ("a cache but on the branch that publishes", release(f"- uses: actions/cache@{SHA}\n  if: github.ref != 'refs/heads/main'", on="{push: {branches: [main]}}"), "cache-poisoning"),
    ("instructions in a heredoc", release("- run: |\n    cat > notes <<'END'\n    curl https://x | sh\n    END"), "curl-pipe-shell"),
    ("rights in words alone", release("- run: echo security.insecure"), "weakened-isolation"),
    ("a container without rights", release(job="container: {image: x, options: --cpus 2}"), "weakened-isolation"),
    ("somebody else's container", release(job="container: debian:12"), "own-build-container"),
    ("what is sent", release("- run: curl -sXPOST --data @x.zip https://example.org/x.zip"), "unverified-download"),
    ("a digest that is compared", release("- run: curl -LO https://x/releases/download/v1/a.tgz && sha256sum -c s"), "unverified-download"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "workflow", "rule"), SAFE, ids=[row[0] for row in SAFE])
def test_a_look_alike_is_no_hazard(tmp_path: Path, name: str, workflow: str, rule: str) -> None:
    told = found(tmp_path, {".github/workflows/release.yml": workflow})
    assert not [one for one in told if one.rule == rule and one.severity != "info"], name


def test_what_touches_no_release_and_no_secret_is_left_alone(tmp_path: Path) -> None:
    lint = "on: push\npermissions: {}\njobs:\n  lint:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: acme/lint@main\n      - run: curl https://x | sh\n"
    assert found(tmp_path, {".github/workflows/lint.yml": lint}) == ()


def test_a_job_that_the_release_waits_for_counts(tmp_path: Path) -> None:
    prepare = "  prepare:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: curl https://x | sh\n"
    text = release(job="needs: prepare") + prepare
    assert [
        one.severity for one in found(tmp_path, {".github/workflows/r.yml": text}) if one.rule == "curl-pipe-shell"
    ] == ["medium"]


def test_a_called_script_is_read(tmp_path: Path) -> None:
    files = {
        ".github/workflows/r.yml": release("- run: ./ci/get.sh"),
        "ci/get.sh": "#!/bin/sh\n\nwget -qO- https://x | bash\n",
    }
    (one,) = [one for one in found(tmp_path, files) if one.rule == "curl-pipe-shell"]
    assert [(place.path, place.line) for place in one.at] == [("ci/get.sh", 3)]


def test_gitlab_includes_that_can_move(tmp_path: Path) -> None:
    text = "include:\n  - project: acme/ci\n    ref: main\n    file: x.yml\na:\n  script: [make]\n"
    told = [one for one in found(tmp_path, {".gitlab-ci.yml": text}) if one.rule == "unpinned-reference"]
    assert [one.severity for one in told] == ["medium"]


def test_rules_have_names_of_the_contract(tmp_path: Path) -> None:
    classes = {
        "pull-request-target-checkout", "pull-request-target", "untrusted-publish", "template-injection", "secret-exposure",
        "inherited-secrets", "excessive-permissions", "long-lived-publish-token", "unpinned-reference", "unpinned-tool",
        "mutable-reusable-workflow", "cache-poisoning", "curl-pipe-shell", "unverified-download", "self-hosted-runner",
        "docker-socket", "artifact-from-other-run", "mutable-source", "broken-authenticity", "weakened-isolation",
    }  # fmt: skip
    seen = set()
    for number, (rule, _, workflow) in enumerate(HAS):
        folder = tmp_path / str(number)
        folder.mkdir()
        seen |= {one.rule for one in found(folder, {".github/workflows/release.yml": workflow})}
        assert rule in seen
    assert seen - {"generator-reference", "signature-without-provenance", "own-build-container"} <= classes
    assert len(RULES) == len(set(RULES))


def test_a_generator_that_must_be_used_by_its_tag_is_no_hazard(tmp_path: Path) -> None:
    generator = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0"
    text = release() + f"  provenance:\n    needs: image\n    uses: {generator}\n"
    told = found(tmp_path, {".github/workflows/r.yml": text})
    assert not [one for one in told if generator in one.reason]
    other = text.replace("slsa-framework/", "slsa-framework-mirror/")
    assert [one for one in found(tmp_path, {".github/workflows/r.yml": other}) if "slsa-framework-mirror" in one.reason]


HANDED_ON = """\
on: pull_request_target
permissions: {{}}
jobs:
  setup:
    runs-on: ubuntu-24.04
    outputs: {{base: "${{{{ steps.check.outputs.base }}}}", ref: "${{{{ steps.check.outputs.ref }}}}"}}
    steps:
      - id: check
        env:
          BASE_SHA: ${{{{ github.event.pull_request.base.sha }}}}
          HEAD_SHA: ${{{{ github.event.pull_request.head.sha }}}}
        run: |
          chosen="$HEAD_SHA"
          {{
            echo "base=$BASE_SHA"
            echo "ref=${{chosen}}"
          }} >> "$GITHUB_OUTPUT"
  test:
    needs: setup
    runs-on: ubuntu-24.04
    env: {{WANTED: "${{{{ github.event.pull_request.head.sha }}}}"}}
    steps:
      - uses: actions/checkout@v6
        with:
          ref: ${{{{ {ref} }}}}
"""


@pytest.mark.parametrize(
    ("ref", "severity"),
    [
        ("needs.setup.outputs.ref", "high"),
        ("env.WANTED", "high"),
        ("needs.setup.outputs.base", ""),
        ("needs.other.outputs.ref", ""),
    ],
)
def test_the_head_is_known_behind_outputs(tmp_path: Path, ref: str, severity: str) -> None:
    told = found(tmp_path, {".github/workflows/test.yml": HANDED_ON.format(ref=ref)})
    heads = [one for one in told if one.rule == "pull-request-target-checkout"]
    assert [one.severity for one in heads] == ([severity] if severity else [])
    assert [place.line for one in heads for place in one.at] == ([25, 1] if severity else [])
