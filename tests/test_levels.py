"""The table of situations of the design, and the rules of folding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck import catalog, plugins
from slsacheck.api import Source
from slsacheck.engine import Bench, plan, run, subjects
from slsacheck.levels import fold, levels_of, track_levels, worst
from slsacheck.model import (
    Artifact,
    Claim,
    GitFacts,
    Job,
    Outcome,
    Place,
    Production,
    Publication,
    Result,
    Runner,
    RunnerKind,
    Signer,
    StatementFacts,
    Subject,
    TrackLevels,
    TrustRoot,
    Verification,
)

AT = (Place("release.yml", 12),)
GITHUB = Runner("ubuntu-latest", RunnerKind.HOSTED, AT[0])
COMMIT = "3f2a9c1d" * 5
REGISTRY = plugins.load()


def publication(*claims: Claim, **changes: Any) -> Publication:
    found = Publication(
        id="publication:archive:widget@release.yml#build",
        name="widget",
        type="archive",
        channel="github-release",
        at=AT,
        provenance=Production("yes" if claims else "no"),
        signing=Production("none"),
        sbom=Production("no"),
        claims=claims,
        build_jobs=(Job("build", AT[0], runner=GITHUB),),
        scripted="yes",
        scripted_at=AT,
    )
    return replace(found, **changes)


def claim(mechanism: str, root: str | None, *, signed: bool = True, **more: Any) -> Claim:
    return Claim(mechanism, root, "yes", signed, AT, **more)


def verification(root: str | None, level: int | None, **changes: Any) -> Verification:
    statement = StatementFacts(
        predicate_type="https://slsa.dev/provenance/v1",
        build_type="https://example.org/build/v1",
        builder_id="https://example.org/builder",
        source_uri="git+https://github.com/acme/widget",
        source_digest=COMMIT,
        entry_point=".github/workflows/release.yml",
        subjects=(("widget", (("sha256", "00"),)),),
    )
    found = Verification(
        "pass",
        statement=statement,
        signer=Signer("https://example.org/builder", "https://issuer.example.org"),
        step1_level=level,
        trust_root=root,
        signed=True,
        authentic=True,
        expectations="pass",
        digest="sha256:aa",
        path="widget.intoto.jsonl",
    )
    return replace(found, **changes)


def unsigned(builder: str | None = "https://example.org/run/1", **changes: Any) -> Verification:
    found = verification(None, None, signed=False, authentic=False, signer=None, verdict="unknown", digest="sha256:bb")
    complete = (
        {"reason_class": None}
        if builder
        else {"reason_class": "malformed", "verdict": "fail", "expectations": "unknown"}
    )
    statement = replace(found.statement, builder_id=builder or "")
    return replace(found, statement=statement, message="not signed", **(complete | changes))


def artifact(*verifications: Verification, **changes: Any) -> Artifact:
    return replace(
        Artifact("artifact:sha256:00", "widget.tar.gz", "archive", (("sha256", "00"),), AT, tuple(verifications)),
        **changes,
    )


def committed() -> GitFacts:
    return GitFacts(present=True, commit=COMMIT, at=(Place(digest=f"git:{COMMIT}"),))


def assess(subject: Subject, spec: str, catalogue: Any = REGISTRY.catalogue) -> tuple[TrackLevels, tuple[Result, ...]]:
    """The levels of one subject through the real checks, plan and bench, with the evidence given."""
    values = {"revisions": (), "platforms": (), "publications": (), "artifacts": (), "repository": committed()}
    values["build_inputs"] = ()
    values[f"{subject.kind}s"] = (subject,)
    sources = dict(REGISTRY.sources)
    for name, value in values.items():
        sources[name] = Source(name, (), None, lambda value=value: value)
    track = "slsa" if spec == "v0.1" else "build"
    the_plan = plan(REGISTRY.checks, sources, catalogue, spec, [track])
    bench = Bench(sources, {"catalogue": catalogue, "target": None, "offline": True})
    found = subjects(bench)
    assert not bench.problems()
    results = run(the_plan, bench, found, catalogue)
    assert not [result for result in results if result.outcome is Outcome.ERROR]
    (levels,) = levels_of(subject, results, catalogue, spec, [track])
    return levels, results


GENERATOR = claim("slsa-github-generator/generator_generic", "slsa-github-generator")
OWN = claim("actions/attest-build-provenance", "github-hosted-actions")
ELSEWHERE = claim(
    "a reusable workflow", None, external=("acme/ci/.github/workflows/deb.yml@main",), reason="it is made elsewhere"
)
KEYED = TrustRoot(
    "acme-chains", "Tekton Chains of Acme", 2, 2, (("kind", "key"),), "https://tekton.example.org", (),
    covers=REGISTRY.catalogue.trust_root("github-hosted-actions").covers,  # type: ignore[union-attr]
    refutes=frozenset(), basis="assessed by Acme", date="2026-01-01",
)  # fmt: skip
WITH_KEY = REGISTRY.catalogue.with_trust_roots([KEYED])

SITUATIONS: list[tuple[str, Subject, Any, tuple[Any, ...], tuple[Any, ...]]] = [
    ("release by a generator", publication(GENERATOR), None, (0, 3, 3), (0, 2, 3)),
    ("attestation of the own workflow", publication(OWN), None, (0, 2, 2), (0, 2, 2)),
    ("another organisation's workflow", publication(ELSEWHERE), None, (0, None, 3), (0, None, 3)),
    ("no provenance, fully read", publication(), None, (0, 0, 0), (0, 0, 0)),
    ("no provenance, partly read", publication(read="partial"), None, (0, 0, 3), (0, 0, 3)),
    ("generator, expectations met", artifact(verification("slsa-github-generator", 3)), None, (3, 3, 3), (2, 2, 3)),
    (
        "generator without expectations",
        artifact(verification("slsa-github-generator", 3, expectations="unknown")),
        None,
        (0, 3, 3),
        (0, 2, 3),
    ),
    ("unsigned with a builder", artifact(unsigned()), None, (1, 1, 3), (1, 1, 3)),
    (
        "unsigned, as the verifier refuses it",
        artifact(unsigned(verdict="fail", reason_class="no-valid-signature")),
        None,
        (1, 1, 3),
        (1, 1, 3),
    ),
    ("unsigned without a builder", artifact(unsigned("")), None, (0, 0, 0), (0, 0, 0)),
    ("a signature only", artifact(), None, (0, 0, 3), (0, 0, 3)),
    ("a signature only, complete look-up", artifact(lookup_complete=True), None, (0, 0, 0), (0, 0, 0)),
    ("signed by key, with a root", artifact(verification("acme-chains", 2)), WITH_KEY, (2, 2, 3), (2, 2, 3)),
    ("signed by key, without a root", artifact(verification(None, 1)), None, (1, 1, 3), (1, 1, 3)),
    ("npm trusted publishing", artifact(verification("npm-provenance-github", 2)), None, (2, 2, 2), (2, 2, 2)),
    (
        "no log entry",
        artifact(
            verification(
                None, 1, authentic=False, verdict="unknown", reason_class="log-missing", message="no log entry"
            )
        ),
        None,
        (1, 1, 3),
        (1, 1, 3),
    ),
    (
        "unsigned beside generator",
        artifact(unsigned(), verification("slsa-github-generator", 3)),
        None,
        (3, 3, 3),
        (2, 2, 3),
    ),
]


@pytest.mark.parametrize(
    ("name", "subject", "catalogue", "build", "ladder"), SITUATIONS, ids=[row[0] for row in SITUATIONS]
)
def test_situation(
    name: str, subject: Subject, catalogue: Any, build: tuple[Any, ...], ladder: tuple[Any, ...]
) -> None:
    for spec, expected in (("v1.2", build), ("v0.1", ladder)):
        levels, _ = assess(subject, spec, catalogue or REGISTRY.catalogue)
        assert (levels.proved, levels.configured, levels.possible) == expected, (name, spec, levels.outcomes)


def test_unsigned_level_one_says_so() -> None:
    levels, _ = assess(artifact(unsigned()), "v1.2")
    assert levels.authentic is False
    levels, _ = assess(artifact(verification("slsa-github-generator", 3)), "v1.2")
    assert levels.authentic is True


def test_what_lies_elsewhere_is_named() -> None:
    levels, results = assess(publication(ELSEWHERE), "v1.2")
    assert "build.provenance-exists" in levels.blocked_by or levels.blocked_by
    assert any("acme/ci/.github/workflows/deb.yml@main" in result.external for result in results)


def test_something_not_built_has_no_build_level() -> None:
    levels, _ = assess(publication(applies=False), "v1.2")
    assert (levels.applies, levels.configured, levels.possible) == (False, 0, 0)


def test_version_without_the_track_is_not_defined() -> None:
    levels = track_levels(publication(), (), catalog.load(), "v1.0", "source")
    assert levels.defined is False


def test_a_pass_of_a_refuted_attestation_never_counts() -> None:
    bad = verification(
        "slsa-github-generator", None, authentic=False, verdict="fail", reason_class="no-valid-signature", message="bad"
    )
    levels, _ = assess(artifact(bad), "v1.2")
    assert (levels.proved, levels.configured, levels.possible) == (0, 0, 0)


def test_an_attestation_of_another_artifact_proves_nothing() -> None:
    other = verification(
        "slsa-github-generator", 3, verdict="fail", reason_class="hash-mismatch", message="another digest"
    )
    levels, _ = assess(artifact(other), "v1.2")
    assert levels.proved == 0


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], Outcome.UNKNOWN),
        ([Outcome.PASS, Outcome.FAIL], Outcome.FAIL),
        ([Outcome.PASS, Outcome.ERROR], Outcome.ERROR),
        ([Outcome.ERROR, Outcome.FAIL], Outcome.FAIL),
        ([Outcome.UNKNOWN, Outcome.DECLARED, Outcome.CONFIGURED], Outcome.CONFIGURED),
        ([Outcome.NOT_APPLICABLE, Outcome.UNKNOWN], Outcome.UNKNOWN),
        ([Outcome.NOT_APPLICABLE], Outcome.NOT_APPLICABLE),
    ],
)
def test_folding_of_an_atom(outcomes: list[Outcome], expected: Outcome) -> None:
    assert fold(outcomes) is expected


@given(st.lists(st.sampled_from(list(Outcome))))
def test_folding_never_makes_a_pass(outcomes: list[Outcome]) -> None:
    assert fold(outcomes) is not Outcome.PASS or Outcome.PASS in outcomes
    if fold(outcomes) is Outcome.PASS:
        assert not {Outcome.FAIL, Outcome.ERROR} & set(outcomes)
    assert worst(outcomes) is not Outcome.PASS or set(outcomes) <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


CATALOGUE = catalog.load()
ATOMS = [atom for row in CATALOGUE.of("v1.2", "build") if "artifact" in row.subjects for atom in row.atoms if atom.must]


@given(st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(list(Outcome))), max_size=60))
def test_levels_are_ordered_and_more_evidence_against_never_raises_one(pairs: list[tuple[Any, Outcome]]) -> None:
    subject = artifact()
    results = [
        Result(f"{i}", "c", atom.id, atom.id, atom.level, subject.id, outcome, "", track="build")
        for i, (atom, outcome) in enumerate(pairs)
    ]
    levels = track_levels(subject, results, CATALOGUE, "v1.2", "build")
    assert 0 <= levels.proved <= levels.declared
    assert levels.proved <= levels.possible
    assert levels.configured is None or levels.proved <= levels.configured
    worse = [*results, Result("x", "c", ATOMS[0].id, ATOMS[0].id, 1, subject.id, Outcome.FAIL, "", track="build")]
    assert track_levels(subject, worse, CATALOGUE, "v1.2", "build").proved <= levels.proved
