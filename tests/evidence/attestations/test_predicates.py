"""Predicates beside provenance: recognised, compared with their specification, shown; they never prove anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.__main__ import main
from slsacheck.evidence.attestations import read_many
from slsacheck.evidence.attestations.predicates import Field, _table, faults, known_predicate
from slsacheck.evidence.attestations.statement import parse_statement
from slsacheck.evidence.attestations.steps import RefusedError
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import ARTIFACT, Instance, changed, generator_statement, statement

TIME = "2026-03-01T12:00:00Z"
NAMED = {"uri": "https://example.org/x", "digest": {"sha256": "a" * 64}}
SCAN = {"scanStartedOn": TIME, "scanFinishedOn": TIME}
GOOD: dict[str, dict[str, Any]] = {
    "https://in-toto.io/attestation/vulns/v0.2": {
        "scanner": {
            "uri": "pkg:github/aquasecurity/trivy",
            "db": {"lastUpdate": TIME},
            "result": [{"id": "CVE-1", "severity": []}],
        },
        "metadata": SCAN,
    },
    "https://cosign.sigstore.dev/attestation/vuln/v1": {"scanner": {"uri": "x", "result": {}}, "metadata": SCAN},
    "https://in-toto.io/attestation/test-result/v0.1": {"result": "PASSED", "configuration": [NAMED], "passedTests": ["a"]},
    "https://in-toto.io/attestation/release/v0.1": {"purl": "pkg:npm/http@7.2.16", "packageId": "1"},
    "https://in-toto.io/attestation/scai/v0.3": {"attributes": [{"attribute": "REPRODUCIBLE", "evidence": NAMED}]},
    "https://in-toto.io/attestation/link/v0.3": {"name": "build", "command": [], "materials": [NAMED | {"name": "x"}]},
    "https://in-toto.io/attestation/svr/v0.2": {"verifier": {"id": "v"}, "timeCreated": TIME, "properties": []},
    "https://in-toto.io/attestation/reference/v0.1": {"attester": {"id": "a"}, "references": [NAMED]},
    "https://spdx.dev/Document/v3": {"@context": "https://spdx.org/rdf/3.0", "@graph": [{"type": "SpdxDocument"}]},
    "https://spdx.dev/Document": {
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "x",
        "documentNamespace": "https://example.org/x", "creationInfo": {"created": TIME, "creators": ["Tool: x"]},
        "packages": [{"SPDXID": "SPDXRef-a", "name": "a"}],
    },
    "https://cyclonedx.org/bom/v1.5": {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "a"}],
    },
    "https://openvex.dev/ns": {
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": TIME, "version": 1,
        "statements": [{"status": "fixed"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_a_predicate_is_recognised_and_proves_nothing(ask: Ask, instance: Instance, kind: str) -> None:
    answer = ask(instance.bundle(statement(GOOD[kind], kind)), command="verify-bundle")
    assert (answer.verdict, answer.level, answer.step1_level) == ("pass", None, None)
    assert answer.statement.predicate
    assert answer.statement.faults == ()
    assert any(step.name == "predicate" for step in answer.steps)
    for_build = ask(instance.bundle(statement(GOOD[kind], kind)))
    assert (for_build.verdict, for_build.reason_class) == ("fail", "unsupported")
    assert answer.statement.predicate in for_build.message


BROKEN: list[tuple[str, str, Any, str]] = [
    ("vulns/v0.2", "scanner.uri", "no address", "scanner.uri is no URI"),
    ("vulns/v0.2", "metadata.scanStartedOn", "yesterday", "metadata.scanStartedOn is no time"),
    ("vulns/v0.2", "scanner.result", {}, "scanner.result is no list"),
    ("test-result", "result", "GREEN", "result is GREEN, not PASSED or WARNED or FAILED"),
    ("test-result", "configuration", [{"name": "x"}], "configuration has an entry that names nothing"),
    ("test-result", "passedTests", [1], "passedTests is no list of texts"),
    ("release", "purl", ..., "purl is missing"),
    ("release", "purl", "", "purl is no URI"),
    ("scai", "attributes", ["x"], "attributes[0] is no object"),
    ("scai", "attributes.0.attribute", ..., "attributes[0].attribute is missing"),
    ("link", "materials.0.digest", {"sha256": "zz"}, "materials has an entry that names nothing"),
    ("link", "name", None, "name is missing"),
    ("Document/v3", "@graph", "x", "@graph is no list"),
    ("spdx.dev/Document", "SPDXID", "x", "SPDXID is x, not SPDXRef-DOCUMENT"),
    ("bom", "bomFormat", "SPDX", "bomFormat is SPDX, not CycloneDX"),
    ("openvex", "statements.0.status", "maybe", "statements[0].status is maybe"),
    ("svr", "verifier.id", "", "verifier.id is empty"),
]


@pytest.mark.parametrize(("kind", "path", "value", "told"), BROKEN)
def test_what_breaks_a_specification_is_named(
    ask: Ask, instance: Instance, kind: str, path: str, value: Any, told: str
) -> None:
    name = next(one for one in GOOD if kind in one and (kind != "spdx.dev/Document" or one.endswith("Document")))
    answer = ask(instance.bundle(statement(changed(GOOD[name], path, value), name)), command="verify-bundle")
    assert answer.verdict == "pass"  # it is about the signature
    assert any(told in fault for fault in answer.statement.faults), answer.statement.faults
    step = next(step for step in answer.steps if step.name == "predicate")
    assert told in step.detail
    assert step.outcome == "not-applicable"


def test_provenance_says_what_it_breaks_and_counts_by_what_is_required(ask: Ask, instance: Instance) -> None:
    late = changed(generator_statement(), "predicate.metadata", {"buildStartedOn": "yesterday"})
    answer = ask(instance.bundle(late))
    assert (answer.verdict, answer.level) == ("pass", 3)
    assert answer.statement.faults == ("metadata.buildStartedOn is no time (RFC 3339)",)
    assert ask(instance.bundle(changed(generator_statement(), "predicate.buildType", ...))).reason_class == "malformed"
    assert not any(step.name == "predicate" for step in ask(instance.bundle(generator_statement())).steps)


def test_an_unknown_predicate_is_called_unknown(ask: Ask, instance: Instance) -> None:
    answer = ask(instance.bundle(statement({}, "https://example.org/own/v1")), command="verify-bundle")
    assert (answer.verdict, answer.statement.predicate) == ("pass", None)
    assert any("not known" in step.detail for step in answer.steps)


def test_the_command_shows_name_and_faults(
    tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("root.json").write_text(json.dumps(instance.trusted_root()))
    Path("hello").write_bytes(ARTIFACT)
    kind = "https://in-toto.io/attestation/test-result/v0.1"
    Path("test.json").write_text(json.dumps(instance.bundle(statement({"result": "FAILED"}, kind))))
    arguments = ["verify-bundle", "test.json", "--artifact", "hello", "--trusted-root", "root.json"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "test result, result: FAILED; it breaks its specification: configuration is missing" in out
    assert main([*arguments, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["predicate"], document["predicate_faults"]) == ("test result", ["configuration is missing"])


def test_real_ones_keep_to_their_specifications(shared: Path) -> None:
    """What tools sign has hardly a fault but the builder ids that BuildKit leaves empty."""
    places = [*(shared / "corpus" / "attestations").glob("*+*/**/*.json*"), *(shared / "corpus" / "real").rglob("*")]
    seen: set[str] = set()
    faulty: list[tuple[str, str]] = []
    looked = 0
    for path in places:
        if not path.is_file() or "mutated" in path.parts:
            continue
        try:
            readings = read_many(str(path))
        except RefusedError:
            continue
        for one in readings:
            try:
                said = parse_statement(one) if not isinstance(one, RefusedError) else None
            except RefusedError:
                said = None
            known = known_predicate(said.predicate_type, said.predicate) if said else None
            if said is None or known is None:
                continue
            seen.add(known.name)
            told = [fault for fault in faults(known, said.predicate) if "builder.id is empty" not in fault]
            faulty += [(path.name, fault) for fault in told]
            looked += 1
    assert len(faulty) * 20 < looked, faulty  # some are samples that their own tests made up
    assert {"SLSA provenance v1", "SLSA provenance v0.2", "SLSA provenance v0.1", "SPDX document"} <= seen


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
def test_any_predicate_of_any_type_is_looked_at_safely(data: st.DataObject) -> None:
    known = data.draw(st.sampled_from(_table()))

    def shaped(fields: dict[str, Field]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(
            {},
            optional={
                name: VALUES | (shaped(one.inner) if one.inner else VALUES) | st.lists(shaped(one.items), max_size=2)
                for name, one in fields.items()
            },
        )

    found = faults(known, data.draw(shaped(known.fields)))
    assert len(found) <= 5
    assert all(fault.isprintable() for fault in found)
