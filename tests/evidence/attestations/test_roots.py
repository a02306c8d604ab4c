"""The shipped trust roots: what fits them, and that nothing which only looks alike does."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from slsacheck.catalog import load
from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.buildtypes import build_type, flatten
from slsacheck.evidence.attestations.refs import normal_repository, parse_semver, split_ref, version_matches
from slsacheck.evidence.attestations.roots import builder_matches
from slsacheck.evidence.attestations.trustdata import TrustData, load_domains
from slsacheck.model.attestation import Case, Expectations
from slsacheck.model.catalogue import TrustRoot
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import (
    COMMIT,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    workflow_statement,
)

GENERATORS = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"


@pytest.mark.parametrize("root", load().trust_roots, ids=lambda root: root.id)
def test_every_pattern_compiles_and_names_one_host(root: TrustRoot) -> None:
    for name, pattern in (*root.signer, ("builder_id", root.builder_id)):
        if name in ("identity", "issuer", "builder_id") and root.level > 0:
            assert re.compile(pattern)
            assert re.match(r"https://(?!\.)[^\[(.]*(\\\.|\()", pattern), f"{name}: {pattern} is not anchored to a host"
    assert root.level == 0 or root.covers
    assert root.basis


def fitting(root_id: str, builder: str) -> bool:
    root = load().trust_root(root_id)
    assert root is not None
    return re.fullmatch(root.builder_id, builder) is not None


@pytest.mark.parametrize(
    ("builder", "fits"),
    [
        ("generator_generic_slsa3.yml@refs/tags/v1.2.3", True),
        ("builder_container-based_slsa3.yml@refs/tags/v1.10.0", True),
        ("generator_generic_slsa3.yml@refs/tags/v1.2.3-rc.1", False),
        ("generator_generic_slsa3.yml@refs/heads/main", False),
        ("generator_generic_slsa3.yml@refs/tags/v1.2", False),
        ("generator_generic_slsa3.yml@refs/tags/v01.2.3", False),
        ("generator_generic_slsa3.ymlx@refs/tags/v1.2.3", False),
        ("generator_generic_slsa3.yml@refs/tags/v1.2.3\n", False),
    ],
)
def test_the_generators_only_at_releases(builder: str, fits: bool) -> None:
    assert fitting("slsa-github-generator", GENERATORS + builder) is fits
    assert not fitting("slsa-github-generator", "https://githubXcom" + (GENERATORS + builder)[18:])


@pytest.mark.parametrize(
    ("expected", "matches"),
    [
        ("https://b.example/x", True),
        ("https://b.example/x@v1.0.0", True),
        ("https://b.example/x@refs/tags/v1.0.0", True),
        ("https://b.example/x@v1.0", False),
        ("https://b.example/", False),
        ("https://b.example/x2", False),
        ("", False),
    ],
)
def test_an_expected_builder_is_never_a_prefix(expected: str, matches: bool) -> None:
    assert builder_matches(expected, "https://b.example/x@refs/tags/v1.0.0") is matches


def test_a_private_instance_of_github_needs_its_timestamp_and_no_log(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    path.write_text(json.dumps(instance.trusted_root() | {"tlogs": [], "ctlogs": []}))
    trust = TrustData(domains=tuple(replace(one, name="github") for one in load_domains(str(path))))
    mine = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
    logged = instance.bundle(workflow_statement(mine), identity=mine, kind="dsse/0.0.2", sct=False)
    bundle = changed(logged, "verificationMaterial.tlogEntries", [])
    case = Case(
        "verify-github-attestation",
        digests=((("sha256", SHA256),),),
        provenance=(str(tmp_path / "a.json"),),
        expectations=Expectations(source_uri=SOURCE),
    )
    (tmp_path / "a.json").write_text(json.dumps(bundle))
    answer = verify(case, trust)
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 2, "github-hosted-actions"), answer.message
    stamps = "verificationMaterial.timestampVerificationData"
    (tmp_path / "a.json").write_text(json.dumps(changed(bundle, stamps, {})))
    assert (verify(case, trust).verdict, verify(case, trust).reason_class) == ("unknown", "time-untrusted")
    wrong = {"rfc3161Timestamps": [{"signedTimestamp": b64(instance.timestamp(b"x"))}]}
    (tmp_path / "a.json").write_text(json.dumps(changed(bundle, stamps, wrong)))
    assert verify(case, trust).verdict == "fail"
    (tmp_path / "a.json").write_text(json.dumps(bundle))
    unnamed = replace(case, expectations=Expectations(source_uri=SOURCE, builder_id=""))
    assert verify(unnamed, trust).verdict == "fail"


@pytest.mark.parametrize(
    ("tag", "expected", "matches"),
    [
        ("v1.2.3", "v1", True),
        ("v1.2.3", "v1.2", True),
        ("v1.2.3", "v1.2.3", True),
        ("v1.2.3+b", "v1.2.3", True),
        ("v1.2.3-a", "v1.2.3", False),
        ("v1.2.3", "v1.2.3-a", False),
        ("v1", "v1.0.0", True),
        ("v10.2.3", "v1", False),
        ("1.2.3", "v1", False),
        ("v1.2.3", "1", False),
        ("main", "v1", False),
    ],
)
def test_versioned_tags(tag: str, expected: str, matches: bool) -> None:
    assert version_matches(tag, expected) is matches


def test_addresses_of_repositories() -> None:
    same = ["github.com/o/r", "git+https://github.com/o/r", "https://github.com/o/r.git", "git@github.com:o/r", SOURCE]
    assert [normal_repository(one) for one in same[:4]] == ["https://github.com/o/r"] * 4
    assert normal_repository("http://github.com/o/r") != normal_repository("github.com/o/r")
    assert split_ref("git+https://github.com/o/r@refs/tags/v1") == ("git+https://github.com/o/r", "refs/tags/v1")
    assert split_ref("https://u@host/o/r.git#main") == ("https://u@host/o/r.git", "main")
    assert split_ref("x") == ("x", "")
    assert parse_semver("v1.2.3-rc.1+b") is not None


def test_parameters_are_judged_by_the_data_of_their_build_type() -> None:
    known = build_type("https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md")
    assert known is not None
    assert known.treatment("request.args.build-arg:VERSION") == "expected"
    assert known.treatment("request.args.build-arg:SOURCE_DATE_EPOCH") == "safe"
    assert known.treatment("surprise") == "unrecognised"
    assert known.input_name("request.args.build-arg:VERSION") == "build-arg:VERSION"
    assert build_type("https://example.com/unknown") is None
    assert flatten({"a": {"b": 1, "c": None, "d": ""}, "e": [1], "f": [], "g": True}) == {
        "a.b": "1",
        "e": "[1]",
        "g": "true",
    }


DOCKER = "https://github.com/docker/github-builder/.github/workflows/build.yml@refs/tags/v1.2.3"


def docker_bundle(instance: Instance) -> dict[str, object]:
    """What the documents of Docker's workflows say that they sign."""
    content = workflow_statement(f"{SOURCE}/actions/runs/123/attempts/1")
    buildkit = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"
    content["predicate"]["buildDefinition"] |= {"buildType": buildkit, "externalParameters": {}}
    vcs = {"source": SOURCE, "revision": COMMIT}
    content["predicate"]["runDetails"]["metadata"]["buildkit_metadata"] = {"vcs": vcs}
    return instance.bundle(content, identity=DOCKER, extensions=claims(c9=DOCKER))


def test_a_producer_of_which_no_sample_was_read_counts_for_level_one(ask: Ask, instance: Instance) -> None:
    given = {"builder_id": f"{SOURCE}/actions/runs/*", "identity": DOCKER}
    answer = ask(docker_bundle(instance), **given)
    assert (answer.verdict, answer.level, answer.step1_level, answer.trust_root) == ("pass", 1, 1, None)
    assert "no signed sample" in answer.level_why


def test_a_root_of_ones_own_makes_it_count(tmp_path: Path, instance: Instance) -> None:
    path = tmp_path / "b.json"
    path.write_text(json.dumps(docker_bundle(instance)))
    (tmp_path / "root.json").write_text(json.dumps(instance.trusted_root()))
    builtin = load().trust_root("docker-github-builder")
    assert builtin is not None
    assert builtin.documented
    own = replace(builtin, id="own", level=2, slsa_level=2, documented=False)
    trust = TrustData(domains=load_domains(str(tmp_path / "root.json")), extra_roots=(own,))
    expected = Expectations(source_uri=SOURCE, builder_id=f"{SOURCE}/actions/runs/*", identity=DOCKER)
    case = Case("verify-artifact", provenance=(str(path),), digests=((("sha256", SHA256),),), expectations=expected)
    answer = verify(case, trust)
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 2, "own")
