"""The gate, waivers, and how artifacts prove a publication."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slsacheck import catalog
from slsacheck.errors import UsageError
from slsacheck.gate import assessed, demand_of, judge, never_waived
from slsacheck.model import (
    Artifact,
    AssessedSubject,
    Coverage,
    Outcome,
    Place,
    Production,
    Publication,
    Result,
    Subject,
    TrackLevels,
    Verification,
    Waiver,
)

CATALOGUE = catalog.load()
AT = (Place("release.yml", 3),)


def publication(name: str = "widget", kind: str = "archive") -> Publication:
    none = Production("no")
    return Publication(f"publication:{kind}:{name}", name, kind, "github-release", AT, none, none, none)


def artifact(name: str, level: int, *, of: str | None = None, authentic: bool = True) -> tuple[Artifact, list[Result]]:
    """An artifact whose results prove exactly that Build level."""
    proof = Verification("pass", digest=f"sha256:{name}", authentic=authentic)
    subject = Artifact(f"artifact:{name}", name, "archive", (("sha256", name),), AT, (proof,), publication=of)
    results = [
        Result(
            f"{name}-{atom.id}", "c", row.id, atom.id, atom.level, subject.id,
            Outcome.PASS if atom.level <= level else Outcome.UNKNOWN, "", AT, attestation=proof.digest, track="build",
        )
        for row in CATALOGUE.of("v1.2", "build")
        for atom in row.atoms
    ]  # fmt: skip
    return subject, results


def test_a_publication_is_proved_by_the_lowest_of_a_complete_set() -> None:
    main = publication()
    (one, first), (two, second) = artifact("aa", 3, of=main.id), artifact("bb", 2, of=main.id)
    subjects: list[Subject] = [main, one, two]
    told = (subjects, [*first, *second], CATALOGUE, "v1.2", ("build",))
    for expected, proved in ((None, 0), ({main.id: 3}, 0), ({main.id: 2}, 2)):
        found = assessed(*told, expected=expected)[0]
        assert [levels.proved for levels in found.levels] == [proved]
        assert found.coverage == Coverage(2, (expected or {}).get(main.id))


def level(
    proved: int, configured: int | None = 0, *, authentic: bool | None = True, applies: bool = True
) -> TrackLevels:
    return TrackLevels(
        "build", defined=True, applies=applies, proved=proved, configured=configured, declared=proved, possible=3,
        authentic=authentic, missing_evidence=("--image ghcr.io/acme/widget",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "accept", "met"),
    [
        (level(2), (), True),
        (level(1), (), False),
        (level(0, 2), (), False),
        (level(0, 2), ("configured",), True),
        (level(0, None), ("configured",), False),
        (level(2, authentic=False), (), False),
        (level(2, authentic=False), ("unsigned",), True),
    ],
)
def test_the_gate_asks_for_what_is_proved(levels: TrackLevels, accept: tuple[str, ...], met: bool) -> None:
    gate = judge([demand_of("build=2", CATALOGUE, "v1.2")], [AssessedSubject(publication(), (levels,))], accept)
    assert gate.met is met
    assert gate.required == ("build=2",)
    assert bool(gate.reasons) is not met


def test_a_demand_that_nothing_answers_is_not_met() -> None:
    demand = [demand_of("build=1", CATALOGUE, "v1.2")]
    assert not judge(demand, [], ()).met
    aside = [
        AssessedSubject(publication(kind="checksums"), (level(0),)),
        AssessedSubject(publication("files", "committed-file"), (level(0, applies=False),)),
    ]
    assert not judge(demand, aside, ()).met
    assert judge(demand, [*aside, AssessedSubject(publication(), (level(1),))], ()).met
    assert judge([], [], ()).met


def test_each_of_several_targets_must_answer() -> None:
    demand = [demand_of("build=1", CATALOGUE, "v1.2")]
    first = AssessedSubject(replace(publication(), target="first"), (level(1),))
    assert judge(demand, [first], (), ["first"]).met
    gate = judge(demand, [first], (), ["first", "second"])
    assert gate.reasons == ("build=1: nothing was found in second that could have a build level",)


def test_one_publication_below_is_enough() -> None:
    subjects = [AssessedSubject(publication(name), (level(proved),)) for name, proved in (("good", 3), ("bad", 0))]
    gate = judge([demand_of("build=1", CATALOGUE, "v1.2")], subjects, ())
    assert gate.reasons == ("build=1: bad: proved 0; --image ghcr.io/acme/widget",)


@pytest.mark.parametrize("text", ["build", "build=0", "build=4", "build=x", "source=5", "slsa=2", "build=²"])
def test_a_demand_that_the_version_does_not_know_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        demand_of(text, CATALOGUE, "v1.2")


def test_a_waiver_changes_the_gate_and_never_a_level() -> None:
    subject, results = artifact("aa", 2)
    waiver = Waiver("build.provenance-unforgeable", subject.id, "accepted until the builder moves", "2099-01-01")
    others = [Waiver(name, subject.id, "r", "2099-01-01") for name in ("build.isolated",)]
    told = ([subject], results, CATALOGUE, "v1.2", ("build",))
    demand = [demand_of("build=3", CATALOGUE, "v1.2")]
    assert not judge(demand, assessed(*told), ()).met
    assert not judge(demand, assessed(*told, waivers=[waiver]), ()).met
    assert judge(demand, assessed(*told, waivers=[waiver, *others]), ()).met
    expired = replace(waiver, expired=True)
    assert not judge(demand, assessed(*told, waivers=[expired, *others]), ()).met
    assert assessed(*told)[0].levels[0].proved == 2


@pytest.mark.parametrize("atom", ["verify.expectations", "build.provenance-authentic.integrity"])
def test_expectations_and_bad_signatures_are_never_waived(atom: str) -> None:
    assert never_waived(atom)
    subject, results = artifact("aa", 3)
    results = [replace(item, outcome=Outcome.FAIL) if item.atom == atom else item for item in results]
    waiver = Waiver(atom, subject.id, "please", "2099-01-01")
    (found,) = assessed([subject], results, CATALOGUE, "v1.2", ("build",), [waiver])
    assert found.levels[0].proved < 3


def test_waiving_a_requirement_leaves_its_signature_asked() -> None:
    subject, results = artifact("aa", 3)
    bad = [
        replace(result, outcome=Outcome.FAIL) if result.atom.endswith("authentic.integrity") else result
        for result in results
    ]
    waiver = Waiver("build.provenance-authentic", subject.id, "accepted", "2099-01-01")
    found = assessed([subject], bad, CATALOGUE, "v1.2", ("build",), waivers=[waiver])
    assert not judge([demand_of("build=2", CATALOGUE, "v1.2")], found, ()).met
