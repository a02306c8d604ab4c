"""`slsacheck vsa --dependency`: dependencies are counted by what their own attestations prove, and never guessed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.cli import run
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    COMMIT,
    GENERATOR,
    SOURCE,
    Instance,
    changed,
    generator_statement,
    statement,
)
from tests.evidence.attestations.writing import public_key, write

VERIFIER = "https://verifier.example/base-images"
IMAGE, TOOL = "pkg:docker/base@3", "https://tools.example/tool.tar.gz"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def summary(digest: str = sha("base"), **changes: Any) -> dict[str, Any]:
    predicate: dict[str, Any] = {
        "verifier": {"id": VERIFIER},
        "timeVerified": "2026-03-01T12:00:00Z",
        "resourceUri": IMAGE,
        "policy": {"uri": "https://verifier.example/policy"},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_1", "OTHER"],
    } | changes
    return statement(predicate, "https://slsa.dev/verification_summary/v1", {"sha256": digest})


class Shop:
    """The files of a verification, and the command over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.instance, self.key = folder, Instance(), ec.generate_private_key(ec.SECP256R1())
        materials = [
            {"uri": f"git+{SOURCE}@refs/tags/v1.2.3", "digest": {"sha1": COMMIT}},
            {"uri": IMAGE, "digest": {"sha256": sha("base")}},
            {"uri": IMAGE, "digest": {"sha256": sha("base")}},
            {"uri": TOOL, "digest": {"sha256": sha("tool")}},
        ]
        content = changed(generator_statement(), "predicate.materials", materials)
        (folder / "hello").write_bytes(ARTIFACT)
        (folder / "root.json").write_text(json.dumps(self.instance.trusted_root()))
        write(folder / "bundle.json", self.instance.bundle(content))
        self.public = public_key(folder / "verifier.pub", self.key)

    def signed(self, content: dict[str, Any], key: Any = None) -> str:
        return write(self.folder / "dependency.json", self.instance.envelope(key or self.key, content))

    def levels(self, *more: str) -> Any:
        out = self.folder / "vsa.json"
        given = ["--verifier-id", "https://me.example", "--resource-uri", "pkg:generic/hello@1", "-o", str(out)]
        evidence = [
            "--provenance-path",
            str(self.folder / "bundle.json"),
            "--trusted-root",
            str(self.folder / "root.json"),
        ]
        expected = ["--source-uri", SOURCE, "--builder-id", GENERATOR]
        assert run(["vsa", str(self.folder / "hello"), *given, *evidence, *expected, *more]) == 0
        predicate = json.loads(out.read_text())["predicate"]
        self.inputs = [one["name"] for one in predicate["inputAttestations"]]
        return predicate.get("dependencyLevels")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_nothing_is_said_where_nothing_was_given(shop: Shop) -> None:
    assert shop.levels() is None


def test_a_summary_of_a_dependency_counts_once(shop: Shop) -> None:
    """Each dependency counts once however often it is named, on every track; the others are not evaluated."""
    given = ("--dependency", shop.signed(summary()), "--dependency-key", shop.public)
    expected = {"SLSA_BUILD_LEVEL_2": 1, "SLSA_BUILD_LEVEL_UNEVALUATED": 1, "SLSA_SOURCE_LEVEL_1": 1}
    assert shop.levels(*given, "--dependency-verifier-id", VERIFIER) == expected
    assert shop.inputs == ["bundle.json", "dependency.json"]


NOTHING = {"SLSA_BUILD_LEVEL_UNEVALUATED": 2}


@pytest.mark.parametrize(
    "content",
    [
        summary(verificationResult="FAILED"),
        summary(resourceUri="pkg:docker/other@3"),
        summary(verifier={"id": "https://verifier.example/base-images/"}),
        summary(digest=sha("another")),
        summary(policy=None),
    ],
)
def test_a_summary_that_does_not_verify_counts_for_nothing(shop: Shop, content: dict[str, Any]) -> None:
    given = ("--dependency", shop.signed(content), "--dependency-key", shop.public)
    assert shop.levels(*given, "--dependency-verifier-id", VERIFIER) == NOTHING
    assert shop.inputs == ["bundle.json"]


def test_a_strangers_summary_counts_for_nothing(shop: Shop) -> None:
    stranger = shop.signed(summary(), ec.generate_private_key(ec.SECP256R1()))
    verifier = ("--dependency-verifier-id", VERIFIER)
    assert shop.levels("--dependency", stranger, "--dependency-key", shop.public, *verifier) == NOTHING
    assert shop.levels("--dependency", shop.signed(summary()), *verifier) == NOTHING
    assert shop.levels("--dependency", shop.signed(summary()), "--dependency-key", shop.public) == NOTHING


def test_provenance_of_a_dependency_is_compared_with_what_is_expected_of_it(shop: Shop) -> None:
    own = changed(generator_statement(), "subject.0.digest", {"sha256": sha("tool")})
    given = ("--dependency", write(shop.folder / "tool.json", shop.instance.bundle(own)))
    assert shop.levels(*given) == NOTHING
    policy = shop.folder / "slsacheck.toml"
    values = f'source_uri = "{SOURCE}"\nbuilder_id = "{GENERATOR}"\n'
    policy.write_text(f'[expectations]\n{values}[[expectations.for]]\npackage = "{TOOL}"\n{values}')
    expected = {"SLSA_BUILD_LEVEL_3": 1, "SLSA_BUILD_LEVEL_UNEVALUATED": 1}
    assert shop.levels(*given, "--config", str(policy)) == expected
    policy.write_text(policy.read_text().replace(TOOL, "https://tools.example/other"))
    assert shop.levels(*given, "--config", str(policy)) == NOTHING


def test_a_file_that_cannot_be_read_is_named(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError):
        shop.levels("--dependency", str(shop.folder / "missing.json"))
    assert "missing.json" in capsys.readouterr().err
