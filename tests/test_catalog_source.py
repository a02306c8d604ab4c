"""Reading catalogue documents: the generated JSON, broken files, catalogues of plug-ins, trust roots of users."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck import catalog
from slsacheck.catalog import source
from slsacheck.errors import CatalogError

CHECKOUT = Path(__file__).parent.parent
ADDED: dict[str, Any] = {
    "track": [{"version": "v1.2", "track": "acme", "top": 2, "subjects": ["publication"]}],
    "requirement": [
        {
            "id": "acme.signed-tags",
            "title": "Tags are signed",
            "versions": ["v1.2"],
            "track": "acme",
            "subjects": ["publication"],
            "levels": [1, 2],
            "responsible": "producer",
            "meaning": "Every release tag is signed.",
            "evidence": "The tag object.",
            "decidable": "decidable",
        }
    ],
    "remedy": [
        {
            "requirement": "acme.signed-tags",
            "platform": "any",
            "effort": "minutes",
            "summary": "Sign the tag of the release",
            "text": "git tag -s vX.Y.Z",
        }
    ],
}
ROOT: dict[str, Any] = {
    "id": "acme-builder",
    "title": "The builder of Acme",
    "level": 2,
    "slsa_level": 2,
    "builder_id": "https://ci.example.com",
    "basis": "assessed by its own operator",
    "date": "2026-11-01",
    "covers": ["build.isolated", "build.provenance-authentic.integrity"],
    "signer": {"kind": "public-key", "fingerprint": ["aa", "bb"]},
}


def added(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(ADDED)
    document["requirement"][0] |= changes
    return document


def test_the_generated_json_is_what_the_toml_says() -> None:
    assert catalog.load() == catalog.load_toml()


def test_the_generated_files_are_up_to_date() -> None:
    script = CHECKOUT / "scripts" / "make_catalogue.py"
    if not script.exists():
        pytest.skip("the script is in a checkout only")
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_plain_load_needs_no_schema_and_no_toml() -> None:
    code = (
        "import sys; from slsacheck import catalog; catalog.load(); catalog.remedy_for('build.hosted', None);"
        "print([name for name in ('jsonschema', 'tomllib', 'importlib.resources') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT, env={"PYTHONPATH": "."}
    )
    assert done.stdout.strip() == "[]"


def test_files_of_the_rules_room_can_be_read() -> None:
    assert json.loads(catalog.data("schema.json"))["type"] == "object"
    assert b"[[remedy]]" in catalog.data("remedies/any.toml")


@pytest.mark.parametrize("name", ["../pyproject.toml", "/etc/passwd", "", "remedies/../schema.json", "missing.toml"])
def test_nothing_outside_the_rules_room_can_be_read(name: str) -> None:
    with pytest.raises(CatalogError):
        catalog.data(name)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"levels": []}, "requirement[0].levels (acme.signed-tags)"),
        ({"levels": [9]}, "requirement[0].levels[0] (acme.signed-tags): 9 is greater than"),
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"decidable": "maybe"}, "'maybe' is not one of"),
        ({"id": "Signed Tags"}, "does not match"),
        ({"meaning": ""}, "requirement[0].meaning"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.load([added(**changes)])
    assert said in str(caught.value)
    assert "rules/schema.json" in caught.value.advice


def test_a_missing_key_is_refused_by_name() -> None:
    document = added()
    del document["requirement"][0]["title"]
    with pytest.raises(CatalogError, match="'title' is a required property"):
        catalog.load([document])


@pytest.mark.parametrize("key", ["versions", "track", "subjects", "responsible", "evidence", "decidable"])
def test_a_key_that_neither_the_row_nor_the_defaults_give_is_named(key: str) -> None:
    document = added()
    del document["requirement"][0][key]
    with pytest.raises(CatalogError, match=key):
        catalog.load([document])


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "added.toml"
    path.write_text("[[requirement]\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"added\.toml: is not TOML"):
        catalog.load([path])


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        catalog.load([tmp_path / "missing.toml"])
    path = tmp_path / "large.toml"
    path.write_bytes(b"# " + b"x" * 100)
    monkeypatch.setattr(source, "_MAX_DOCUMENT", 50)
    with pytest.raises(CatalogError, match="larger than 50 bytes"):
        catalog.load([path])


def test_a_plug_in_adds_requirements_on_a_track_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "added.toml"
    path.write_text(
        '[[track]]\nversion = "v1.2"\ntrack = "acme"\ntop = 2\nsubjects = ["artifact"]\n'
        '[defaults]\nversions = ["v1.2"]\ntrack = "acme"\nsubjects = ["artifact"]\nresponsible = "producer"\n'
        '[[requirement]]\nid = "acme.two"\ntitle = "Two"\nlevels = [1]\nmeaning = "Both."\nevidence = "Files."\n'
        'decidable = "decidable"\n'
        '[[requirement.atom]]\nid = "acme.two.a"\nlevel = 1\nmeaning = "One."\n'
        '[[requirement.atom]]\nid = "acme.two.b"\nlevel = 1\nmeaning = "The other."\nmust = false\n',
        encoding="utf-8",
    )
    found = catalog.load([path, added() | {"track": []}])
    assert [row.id for row in found.of("v1.2", "acme")] == ["acme.two", "acme.signed-tags"]
    assert found.expand("acme.two") == ("acme.two.a", "acme.two.b")
    row = found.requirement("acme.signed-tags")
    assert row is not None
    assert row.spec_url("v1.2") == ""
    assert catalog.load().requirement("acme.two") is None
    remedy = catalog.remedy_for("acme.signed-tags", "jenkins", [added()])
    assert remedy is not None
    assert remedy.text == "git tag -s vX.Y.Z"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "build.extra"}, "is not an id for an added requirement"),
        ({"id": "v01.build.extra"}, "is not an id for an added requirement"),
        ({"track": "build"}, "whose levels are fixed"),
        ({"track_in": {"v1.2": "source"}}, "whose levels are fixed"),
        ({"versions": ["v1.1"]}, "v1.1 has no track acme"),
        ({"levels": [1, 4]}, "level 4 is above the top of acme"),
        ({"decidable": "undecidable"}, "undecidable and its reason go together"),
        ({"atom": [{"id": "other.name", "level": 1, "meaning": "It is."}]}, "does not begin with acme.signed-tags"),
        ({"atom": [{"id": "acme.signed-tags.a", "level": 2, "meaning": "It is."}]}, "its first atom from level 2"),
    ],
)
def test_a_plug_in_cannot_change_slsa_or_break_the_rules_of_the_catalogue(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.load([added(**changes)])
    assert said in str(caught.value)


def test_the_same_id_or_track_twice_is_refused() -> None:
    with pytest.raises(CatalogError, match=r"acme\.signed-tags: the id is used twice"):
        catalog.load([added(), added() | {"track": []}])
    with pytest.raises(CatalogError, match="a track is defined twice"):
        catalog.load([added(), {"track": ADDED["track"]}])


def test_a_plug_in_cannot_redefine_a_track_of_slsa() -> None:
    with pytest.raises(CatalogError, match="track source: adds to a track of SLSA"):
        catalog.load([{"track": [{"version": "v1.0", "track": "source", "top": 1, "subjects": ["revision"]}]}])


def test_a_plug_in_cannot_bring_trust_roots() -> None:
    with pytest.raises(CatalogError, match="cannot bring trust roots"):
        catalog.load([{"trust_root": [ROOT]}])


def test_trust_roots_of_a_user_are_expanded_and_added() -> None:
    (root,) = catalog.read_trust_roots([ROOT], "slsacheck.toml")
    isolated = set(catalog.load().expand("build.isolated"))
    assert root.covers == isolated | {"build.provenance-authentic.integrity"}
    assert root.signer == (("kind", "public-key"), ("fingerprint", "aa"), ("fingerprint", "bb"))
    merged = catalog.load().with_trust_roots([root])
    assert merged.trust_root("acme-builder") is root
    assert len(merged.with_trust_roots([root]).trust_roots) == len(catalog.load().trust_roots) + 1
    assert catalog.load().trust_root("acme-builder") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"covers": ["build.isolation"]}, "names 'build.isolation', which no requirement and no atom has"),
        ({"level": 4}, "4 is greater than the maximum of 3"),
        ({"date": "yesterday"}, "'yesterday' does not match"),
    ],
)
def test_a_broken_trust_root_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.read_trust_roots([ROOT | changes], "slsacheck.toml")
    assert said in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60)
@given(key=st.sampled_from(["requirement", "track", "remedy", "defaults", "version", "trust_root"]), value=JSON)
def test_whatever_a_document_holds_it_is_read_or_refused(key: str, value: Any) -> None:
    try:
        found = catalog.load([{key: value}])
    except CatalogError:
        return
    assert found.requirements[: len(catalog.load().requirements)] == catalog.load().requirements


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(ADDED["requirement"][0])), value=JSON)
def test_whatever_a_row_holds_it_is_read_or_refused(name: str, value: Any) -> None:
    try:
        found = catalog.load([added(**{name: value})])
    except CatalogError:
        return
    assert len(found.requirements) == len(catalog.load().requirements) + 1
