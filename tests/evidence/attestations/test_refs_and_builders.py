"""Refs, builders and inputs as slsa-verifier compares them, on provenance that is signed and logged as it should be.

Where slsa-verifier itself can be asked (built with the trusted root of a private instance), it says the same on each row.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import (
    COMMIT,
    GENERATOR,
    SOURCE,
    Instance,
    claims,
    generator_statement,
    statement,
    workflow_statement,
)

WORKFLOWS = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
DELEGATOR = f"{WORKFLOWS}delegator_generic_slsa3.yml@refs/tags/v2.0.0"
MAVEN = f"{WORKFLOWS}builder_maven_slsa3.yml@refs/tags/v2.0.0"
THEIRS = "https://github.com/example/builders/.github/workflows/build.yml@refs/tags/v1.0.0"
TAG = "refs/tags/v1.2.3"
MINE = f"{SOURCE}/.github/workflows/release.yml@{TAG}"


def source(ref: str) -> str:
    return f"git+{SOURCE}@{ref}" if ref else f"git+{SOURCE}"


def built(instance: Instance, at: str = TAG, material: str | None = None, **event: Any) -> dict[str, Any]:
    """The generic generator's provenance of the ref `at`; `event` replaces what its environment says of the event."""
    content = generator_statement()
    predicate = content["predicate"]
    predicate["invocation"]["configSource"]["uri"] = source(at)
    predicate["materials"][0]["uri"] = source(at) if material is None else material
    predicate["invocation"]["environment"] |= {f"github_{name}": one for name, one in ({"ref": at} | event).items()}
    return instance.bundle(content, extensions=claims(c6=at, c14=at))


def delegated(
    instance: Instance, builder: str = MAVEN, ref: str = TAG, signer: str = DELEGATOR, **event: Any
) -> dict[str, Any]:
    """Provenance of a builder made with the delegator, whose source was checked out at `ref`; the tag started it."""
    environment = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": TAG, "GITHUB_REF_TYPE": "tag", "GITHUB_BASE_REF": "",
                   "GITHUB_EVENT_PAYLOAD": {"base_ref": "refs/heads/main"},
                   "GITHUB_WORKFLOW_REF": f"example/hello/.github/workflows/release.yml@{TAG}"}  # fmt: skip
    definition = {
        "buildType": "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
        "externalParameters": {"inputs": {"jdk-version": 17}, "vars": {}},
        "internalParameters": environment | {f"GITHUB_{name.upper()}": one for name, one in event.items()},
        "resolvedDependencies": [{"uri": source(ref), "digest": {"gitCommit": COMMIT}}],
    }
    predicate = {"buildDefinition": definition, "runDetails": {"builder": {"id": builder}}}
    content = statement(predicate, "https://slsa.dev/provenance/v1")
    return instance.bundle(content, identity=signer, extensions=claims(c9=signer))


REFUSED_REFS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "merge of a pull request into the branch": (
        {"at": "refs/pull/1/merge", "event_name": "pull_request", "base_ref": "main"},
        {"source_branch": "main"},
        "branch-mismatch",
    ),
    "merge of a pull request, base in full": (
        {"at": "refs/pull/1/merge", "event_name": "pull_request", "base_ref": "refs/heads/main"},
        {"source_branch": "main"},
        "branch-mismatch",
    ),
    "tag whose base is no ref": ({"base_ref": "main"}, {"source_branch": "main"}, "branch-mismatch"),
    "tag pushed from nowhere": ({"event_payload": {"base_ref": None}}, {"source_branch": "main"}, "branch-mismatch"),
    "no branch where an empty one is asked for": ({"event_payload": {}}, {"source_branch": ""}, "branch-mismatch"),
    "branch in full": ({"at": "refs/heads/main"}, {"source_branch": "refs/heads/main"}, "branch-mismatch"),
    "tag in full": ({}, {"source_tag": TAG}, "tag-mismatch"),
    "empty tag of a branch": ({"at": "refs/heads/main"}, {"source_tag": ""}, "tag-mismatch"),
    "version without v": ({}, {"source_versioned_tag": "1.2.3"}, "versioned-tag-mismatch"),
    "another ref was fetched": ({"material": source("refs/heads/main")}, {"source_tag": "v1.2.3"}, "malformed"),
    "another ref was fetched, none expected": ({"material": source("refs/heads/main")}, {}, "malformed"),
    "the event is of another ref": ({"at": "refs/tags/v9.9.9", "ref": TAG}, {"source_tag": "v9.9.9"}, "malformed"),
    "empty source": ({}, {"source_uri": ""}, "source-mismatch"),
}


@pytest.mark.parametrize("name", REFUSED_REFS)
def test_what_was_not_built_from_the_expected_ref_is_refused(instance: Instance, ask: Ask, name: str) -> None:
    made, given, reason = REFUSED_REFS[name]
    answer = ask(built(instance, **made), **given)
    assert (answer.verdict, answer.reason_class) == ("fail", reason), answer.message


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (
            {"event_name": "release", "event_payload": {"release": {"target_commitish": "main"}}},
            {"source_branch": "main"},
        ),
        ({"base_ref": "refs/heads/main"}, {"source_branch": "main"}),
        ({"at": "refs/heads/release/v1"}, {"source_branch": "release/v1"}),
        ({"material": source("")}, {"source_tag": "v1.2.3"}),
        ({}, {"source_versioned_tag": "v1.2"}),
        ({"at": "refs/tags/v1.2.3+build1"}, {"source_versioned_tag": "v1.2.3+build2"}),
    ],
)
def test_refs_that_hold(instance: Instance, ask: Ask, made: dict[str, Any], given: dict[str, Any]) -> None:
    answer = ask(built(instance, **made), **given)
    assert (answer.verdict, answer.level) == ("pass", 3), answer.message


@pytest.mark.parametrize("end", ["@", "@v2.1.0@v2.1.0"])
def test_an_expected_builder_that_is_none_is_said_to_be_wrong(instance: Instance, ask: Ask, end: str) -> None:
    answer = ask(built(instance), builder_id=GENERATOR.partition("@")[0] + end)
    assert (answer.verdict, answer.reason_class) == ("fail", "malformed")
    assert "NAME@VERSION" in answer.message


@pytest.mark.parametrize(
    ("made", "given", "reason"),
    [
        ({}, {}, None),
        ({"ref": ""}, {}, None),
        ({}, {"source_branch": "main", "source_tag": "v1.2.3"}, None),
        ({"ref": ""}, {"source_branch": "main"}, "branch-mismatch"),  # nothing says which commit was built instead
        ({"ref": ""}, {"source_tag": "v1.2.3"}, "tag-mismatch"),
        ({"ref": "refs/heads/main"}, {}, "malformed"),
        ({"builder": THEIRS}, {"builder_id": THEIRS.partition("@")[0]}, None),
        ({"builder": THEIRS}, {}, "builder-invalid"),
        ({"builder": THEIRS.replace("v1.0.0", "v1.0.0-java")}, {}, "invalid-ref"),
        ({"builder": THEIRS.partition("@")[0]}, {}, "invalid-ref"),
        ({"signer": DELEGATOR.replace("tags/v2.0.0", "heads/main")}, {}, "invalid-ref"),
    ],
)
def test_builders_made_with_the_delegator(
    instance: Instance, ask: Ask, made: dict[str, Any], given: dict[str, Any], reason: str | None
) -> None:
    answer = ask(delegated(instance, **made), **given)
    assert (answer.verdict, answer.reason_class) == (("fail", reason) if reason else ("pass", None)), answer.message


def test_the_ref_that_can_move_is_named(instance: Instance, ask: Ask) -> None:
    assert "used at refs/tags/v1," in ask(delegated(instance, builder=THEIRS.replace("v1.0.0", "v1"))).message


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (("jdk-version", "11"), "pass"),
        (("jdk-version", "17"), "fail"),
        (("inputs.jdk-version", "17"), "pass"),
        (("note", ""), "pass"),
        (("absent", ""), "fail"),
    ],
)
def test_inputs_are_those_of_the_event_before_those_of_the_builder(
    instance: Instance, ask: Ask, given: tuple[str, str], verdict: str
) -> None:
    payload = {"inputs": {"jdk-version": "11", "note": ""}}
    bundle = delegated(instance, event_name="workflow_dispatch", event_payload=payload)
    assert ask(bundle, build_workflow_input=(given,)).verdict == verdict


def test_a_builder_that_its_certificate_contradicts_is_refused_for_that(instance: Instance, ask: Ask) -> None:
    content = workflow_statement("https://github.com/actions/runner/github-hosted", path=".github/workflows/other.yml")
    answer = ask(instance.bundle(content, identity=MINE))
    assert (answer.verdict, answer.reason_class) == ("fail", "untrusted-builder")
    assert "the certificate contradicts it: workflow is .github/workflows/other.yml" in answer.message


def test_a_workflow_of_another_repository_is_another_source(instance: Instance, ask: Ask) -> None:
    """An organisation may require its workflows of all its repositories: what they build is not the source's word."""
    elsewhere = "https://github.com/example/required/.github/workflows/release.yml@refs/heads/main"
    answer = ask(instance.bundle(generator_statement(), extensions=claims(c18=elsewhere)))
    assert (answer.verdict, answer.reason_class) == ("fail", "source-mismatch")
    assert "the workflow that was started names the source https://github.com/example/required" in answer.message
