"""The catalogue against the counts and rules of the specification."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from slsacheck import catalog
from slsacheck.catalog.source import problems

if TYPE_CHECKING:
    from slsacheck.model.catalogue import Atom, Requirement

ROWS = {"v01": 29, "build": 8, "source": 14, "buildenv": 18, "dependency": 5, "verify": 1}
BUILD_VERSIONS = ("v1.0", "v1.1", "v1.2", "draft")
FIRST_LEVEL = re.compile(r"[a-z0-9_-]+(#[a-z0-9_-]+)?")
REQUIREMENTS = catalog.load().requirements


def named(prefix: str) -> list[Requirement]:
    return [row for row in REQUIREMENTS if row.id.startswith(f"{prefix}.")]


def all_atoms() -> list[Atom]:
    return [atom for row in REQUIREMENTS for atom in row.atoms]


@pytest.mark.parametrize(("prefix", "count"), ROWS.items())
def test_every_part_of_the_specification_has_all_its_rows(prefix: str, count: int) -> None:
    assert len(named(prefix)) == count


def test_the_catalogue_has_no_rows_beyond_those_parts() -> None:
    assert len(REQUIREMENTS) == sum(ROWS.values())


def test_the_build_track_has_19_listed_atoms_and_two_rows_of_one_demand() -> None:
    atoms = [atom.id for row in named("build") for atom in row.atoms]
    alone = [name for name in atoms if name.count(".") == 1]
    assert len(atoms) - len(alone) == 19
    assert alone == ["build.choose-platform", "build.distribute-provenance"]


@pytest.mark.parametrize(
    ("version", "track", "prefix", "counts"),
    [
        ("v0.1", "slsa", "v01", (5, 10, 18, 27)),
        ("v1.2", "source", "source", (5, 11, 13, 14)),
        ("v1.0", "build", "build", (4, 6, 8)),
        ("draft", "buildenv", "buildenv", (4, 13, 18)),
        ("draft", "dependency", "dependency", (1, 3, 4, 5)),
    ],
)
def test_rows_asked_up_to_each_level(version: str, track: str, prefix: str, counts: tuple[int, ...]) -> None:
    rows = [row for row in catalog.load().of(version, track) if row.id.startswith(f"{prefix}.")]
    levels = range(1, len(counts) + 1)
    assert tuple(sum(1 for row in rows if row.asked_at(level)) for level in levels) == counts


def test_levels_of_the_rows_are_those_of_the_table() -> None:
    for row in REQUIREMENTS:
        musts = [atom.level for atom in row.atoms if atom.must]
        assert not musts or min(musts) == min(row.levels), row.id
        assert list(row.levels) == sorted(set(row.levels)), row.id


def test_what_v01_only_recommends_never_counts() -> None:
    advice = {atom.id for row in named("v01") for atom in row.atoms if not atom.must}
    assert advice == {
        "v01.source.version-controlled.recommended",
        "v01.source.verified-history.historical-cutoff",
        "v01.build.reproducible",
        "v01.provenance.includes-metadata",
    }


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        (
            "v01.source.retained-indefinitely",
            {"immutable-history": 3, "limited-retention": 3, "indefinite-retention": 4},
        ),
        ("v01.provenance.identifies-source-code", {"present": 2, "authenticated": 3, "complete": 4}),
        ("v01.provenance.includes-all-params", {"listed": 3, "empty": 4}),
        ("source.source-summary", {"issued": 1, "accessible": 1, "from-provenance": 2}),
    ],
)
def test_a_demand_that_grows_has_an_atom_for_each_level(name: str, levels: dict[str, int]) -> None:
    row = catalog.load().requirement(name)
    assert row is not None
    assert {atom.id.removeprefix(f"{name}."): atom.level for atom in row.atoms} == levels


def test_versions_define_their_tracks() -> None:
    found = catalog.load()
    tops = {(rule.version, rule.track): rule.top for rule in found.tracks}
    assert tops == {
        ("v0.1", "slsa"): 4,
        **{(version, "build"): 3 for version in BUILD_VERSIONS},
        ("v1.2", "source"): 4,
        ("draft", "source"): 4,
        ("draft", "buildenv"): 3,
        ("draft", "dependency"): 4,
    }
    assert found.track("v1.0", "source") is None
    assert [rule.track for rule in found.tracks_of("v1.2")] == ["build", "source"]


def test_a_revision_alone_has_no_level_on_the_ladder_of_v01() -> None:
    rule = catalog.load().track("v0.1", "slsa")
    assert rule is not None
    assert "revision" not in rule.subjects
    assert all("revision" in row.subjects for row in named("v01") if row.area == "source")


def test_expectations_are_asked_at_level_1_of_every_build_ladder_and_of_artifacts_only() -> None:
    found = catalog.load()
    for version, track in [("v0.1", "slsa"), *((version, "build") for version in BUILD_VERSIONS)]:
        row = next(row for row in found.of(version, track) if row.id == "verify.expectations")
        assert row.levels == (1,)
        assert row.subjects == ("artifact",)
        assert row.track_of(version) == track
    assert found.of("v0.1", "build") == ()


def test_every_row_says_what_it_means_and_what_decides_it() -> None:
    for row in REQUIREMENTS:
        assert row.meaning.endswith("."), row.id
        assert row.evidence.endswith("."), row.id
        assert row.responsible, row.id
        assert len(row.evidence) > 20, row.id
    meanings = [atom.meaning for atom in all_atoms()]
    assert all(meaning.endswith(".") for meaning in meanings)


def test_every_anchor_is_well_formed_and_stands_for_a_version_of_the_row() -> None:
    for row in REQUIREMENTS:
        assert [version for version, _ in row.anchors] == list(row.versions), row.id
        for version, place in row.anchors:
            assert FIRST_LEVEL.fullmatch(place), (row.id, place)
            assert row.spec_url(version) == f"https://slsa.dev/spec/{version}/{place}"


@pytest.mark.parametrize(
    ("name", "version", "url"),
    [
        ("build.isolated", "v1.0", "https://slsa.dev/spec/v1.0/requirements#isolated"),
        ("build.isolated", "v1.2", "https://slsa.dev/spec/v1.2/build-requirements#isolated"),
        ("build.isolated", "v0.1", "https://slsa.dev/spec/draft/build-requirements#isolated"),
        ("v01.common.security", "v0.1", "https://slsa.dev/spec/v0.1/requirements#security"),
        ("source.history", "v1.2", "https://slsa.dev/spec/v1.2/source-requirements#history"),
        ("buildenv.host-quotes", "draft", "https://slsa.dev/spec/draft/build-env-track-basics#buildenv-l2"),
    ],
)
def test_the_address_of_a_row_follows_the_page_names_of_the_version(name: str, version: str, url: str) -> None:
    row = catalog.load().requirement(name)
    assert row is not None
    assert row.spec_url(version) == url


def test_ids_are_unique_and_atoms_begin_with_their_requirement() -> None:
    names = [row.id for row in REQUIREMENTS] + [
        atom.id for row in REQUIREMENTS for atom in row.atoms[:] if atom.id != row.id
    ]
    assert len(names) == len(set(names))
    for row in REQUIREMENTS:
        if len(row.atoms) == 1:
            assert row.atoms[0].id == row.id or row.id == "build.hosted"
        for atom in row.atoms:
            assert atom.id == row.id or atom.id.startswith(f"{row.id}."), atom.id


def test_nothing_is_wrong_that_the_schema_cannot_say() -> None:
    assert list(problems(catalog.load())) == []


def test_undecidable_atoms_give_a_reason() -> None:
    for atom in all_atoms():
        assert atom.decidable in {"decidable", "pass-only", "fail-only", "undecidable"}
        assert (atom.decidable == "undecidable") == bool(atom.undecidable_reason), atom.id


def test_undecidable_demands_below_the_top_would_hide_levels_so_only_the_draft_has_them() -> None:
    counted = [atom.id for atom in all_atoms() if atom.must and atom.decidable == "undecidable"]
    assert {name.split(".")[0] for name in counted} == {"v01", "buildenv"}
    assert [name for name in counted if name.startswith("v01.")] == [
        "v01.common.security",
        "v01.common.access",
        "v01.common.superusers",
    ]


def test_not_applicable_only_where_the_specification_allows_it() -> None:
    assert {atom.id for atom in all_atoms() if atom.not_applicable} == {
        "build.consistent-process.ecosystem-config",
        "build.distribute-provenance",
        "build.provenance-exists.digest",
        "build.provenance-exists.describes",
        "build.provenance-exists.format",
        "source.access-and-history.tags-immutable",
        "source.history.descendant-only",
        "source.two-party-review.trusted-robot-exception",
    }


def test_crosswalks_between_versions_hold_in_both_directions() -> None:
    links = {
        (row.id, walk.id, walk.relation, walk.basis)
        for row in REQUIREMENTS
        for walk in row.crosswalks
        if walk.framework == "SLSA"
    }
    known = {row.id for row in REQUIREMENTS}
    assert links
    for source, target, relation, basis in links:
        assert target in known, target
        assert (target, source, relation, basis) in links, f"{target} does not point back to {source}"


def test_crosswalks_to_other_frameworks_name_their_basis_and_claims_of_posts_only_support() -> None:
    for row in REQUIREMENTS:
        for walk in row.crosswalks:
            assert walk.basis, row.id
            assert walk.relation in {"same", "near", "supports"}
            if "blog" in walk.basis:
                assert walk.relation == "supports", (row.id, walk.id)
            if walk.framework != "SLSA":
                assert walk.relation != "same", (row.id, walk.id)


def test_look_ups_by_requirement_and_by_atom() -> None:
    found = catalog.load()
    isolated = found.requirement("build.isolated")
    assert isolated is not None
    assert found.requirement("build.isolated.cache") is isolated
    assert found.expand("build.isolated") == tuple(atom.id for atom in isolated.atoms)
    assert found.expand("build.isolated.cache") == ("build.isolated.cache",)
    assert found.expand("build.choose-platform") == ("build.choose-platform",)
    assert found.expand("build.nothing") == ()
    assert found.requirement("build.nothing") is None
    assert found.atom("build.isolated") is None
    assert found.trust_root("nobody") is None


def test_the_catalogue_stays_frozen_in_spite_of_its_indexes() -> None:
    found = catalog.load()
    assert found.requirement("build.isolated") is not None
    with pytest.raises(AttributeError):
        found.version = "other"  # type: ignore[misc]
    assert found == catalog.load()


def test_trust_roots_cover_atoms_and_never_source_or_common_rows() -> None:
    found = catalog.load()
    for root in found.trust_roots:
        for name in root.covers | root.refutes:
            assert found.atom(name) is not None, (root.id, name)
        assert not [name for name in root.covers if name.startswith(("v01.source.", "v01.common.", "source."))], root.id
