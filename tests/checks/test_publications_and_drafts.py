"""Checks that rest on facts of the configuration: v0.1 of a publication, and the draft tracks."""

from __future__ import annotations

from typing import Any

import pytest

from slsacheck import plugins
from slsacheck.api import Source
from slsacheck.engine import Bench, plan, run, subjects
from slsacheck.levels import levels_of
from slsacheck.model import (
    BuildInput,
    Claim,
    GitFacts,
    ImageBuild,
    Job,
    Named,
    Outcome,
    Place,
    Platform,
    Production,
    Publication,
    Result,
    Revision,
)
from slsacheck.record import replace

AT = (Place("release.yml", 12),)
COMMIT = "3f2a9c1d" * 5
REGISTRY = plugins.load()
PUBLICATION = Publication(
    id="publication:archive:widget@release.yml#build",
    name="widget",
    type="archive",
    channel="github-release",
    at=AT,
    provenance=Production("yes"),
    signing=Production("none"),
    sbom=Production("no"),
    claims=(Claim("slsa-github-generator/generator_generic", "slsa-github-generator", "yes", True, AT),),
    build_jobs=(Job("build", AT[0]),),
    scripted="yes",
)
HERMETIC = {
    f"v01.build.hermetic.{part}"
    for part in (
        "immutable-references",
        "control-plane-fetch",
        "no-mutable-references",
        "integrity-verified",
        "no-network",
    )
}
REVISION = Revision("revision:x", "widget@x", COMMIT, AT)


def results(spec: str, track: str, **given: Any) -> tuple[Result, ...]:
    """The results of every check of a track with this evidence in place of what would be collected."""
    values: dict[str, Any] = {"revisions": (), "platforms": (), "publications": (), "artifacts": (), "manifests": ()}
    values["build_inputs"] = ()
    values["repository"] = GitFacts(present=True, commit=COMMIT, at=AT)
    values |= given
    sources = dict(REGISTRY.sources) | {
        name: Source(name, (), None, lambda value=value: value) for name, value in values.items()
    }
    the_plan = plan(REGISTRY.checks, sources, REGISTRY.catalogue, spec, [track])
    bench = Bench(sources, {"catalogue": REGISTRY.catalogue, "target": None, "offline": True})
    return run(the_plan, bench, subjects(bench), REGISTRY.catalogue)


def outcome(found: tuple[Result, ...], atom: str) -> Outcome:
    (one,) = {result.outcome for result in found if result.atom == atom}
    return one


@pytest.mark.parametrize(
    ("changes", "atom", "expected"),
    [
        ({}, "v01.build.scripted-build", Outcome.CONFIGURED),
        ({"scripted": "no"}, "v01.build.scripted-build", Outcome.FAIL),
        ({"scripted": "unknown"}, "v01.build.scripted-build", Outcome.UNKNOWN),
        ({}, "v01.build.parameterless", Outcome.UNKNOWN),
        ({"parameters_at": AT}, "v01.build.parameterless", Outcome.FAIL),
        ({"parameters_at": AT}, "v01.provenance.includes-all-params.empty", Outcome.FAIL),
        ({}, "v01.build.isolated.cache", Outcome.CONFIGURED),
        ({"caches_at": AT}, "v01.build.isolated.cache", Outcome.FAIL),
        ({}, "v01.source.version-controlled.required", Outcome.PASS),
        ({}, "v01.provenance.available", Outcome.CONFIGURED),
        ({"claims": ()}, "v01.provenance.available", Outcome.FAIL),
        ({"claims": (), "read": "partial"}, "v01.provenance.available", Outcome.UNKNOWN),
        ({}, "v01.common.security", Outcome.UNKNOWN),
        ({}, "v01.source.two-person-reviewed.informed-review", Outcome.UNKNOWN),
        ({}, "v01.build.hermetic.no-network", Outcome.UNKNOWN),
    ],
)
def test_v01_of_a_publication(changes: dict[str, Any], atom: str, expected: Outcome) -> None:
    found = results("v0.1", "slsa", publications=(replace(PUBLICATION, **changes),))
    assert outcome(found, atom) is expected
    assert all(result.missing or result.external for result in found if result.outcome is Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "atom"),
    [("reference", "v01.build.hermetic.immutable-references"), ("download", "v01.build.hermetic.no-network")],
)
def test_what_a_build_takes_in_refutes_that_it_is_hermetic(kind: str, atom: str) -> None:
    given = (BuildInput(PUBLICATION.id, kind, "alpine:3", AT[0]), BuildInput("another", "download", "", AT[0]))
    found = results("v0.1", "slsa", publications=(PUBLICATION,), build_inputs=given)
    assert outcome(found, atom) is Outcome.FAIL
    assert {outcome(found, one) for one in HERMETIC - {atom}} == {Outcome.UNKNOWN}


def test_a_builder_that_gives_the_same_bytes_is_named_and_proves_nothing() -> None:
    made = replace(PUBLICATION, image_builds=(ImageBuild("ko", AT[0], reproducible="yes"),))
    (one,) = [one for one in results("v0.1", "slsa", publications=(made,)) if one.atom == "v01.build.reproducible"]
    assert (one.outcome, "ko is made to" in one.reason) == (Outcome.UNKNOWN, True)


def test_without_a_commit_nothing_is_version_controlled() -> None:
    found = results("v0.1", "slsa", publications=(PUBLICATION,), repository=GitFacts(present=False))
    assert outcome(found, "v01.source.version-controlled.required") is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("manifests", "expected"),
    [
        ((), Outcome.UNKNOWN),
        ((Named("go.mod", AT, note="go.sum"),), Outcome.DECLARED),
        ((Named("go.mod", AT, note="go.sum"), Named("package.json", AT, live=False)), Outcome.UNKNOWN),
    ],
)
def test_the_inventory_of_dependencies(manifests: tuple[Named, ...], expected: Outcome) -> None:
    found = results("draft", "dependency", revisions=(REVISION,), manifests=manifests)
    assert outcome(found, "dependency.inventory") is expected
    assert outcome(found, "dependency.triage") is Outcome.UNKNOWN
    levels = levels_of(REVISION, found, REGISTRY.catalogue, "draft", ["dependency"])
    assert [one.proved for one in levels] == [0], "a draft track never proves a level"


def test_the_build_environment_is_attested_by_nobody() -> None:
    platform = Platform("platform:github-actions:ubuntu-24.04", "github-actions:ubuntu-24.04", AT)
    found = results("draft", "buildenv", platforms=(platform,))
    assert len(found) == len(REGISTRY.catalogue.of("draft", "buildenv")) == 18
    assert {result.outcome for result in found} == {Outcome.UNKNOWN}
    assert all(result.missing for result in found)
