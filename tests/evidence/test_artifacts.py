"""Artifacts: hashed with bounds, attestations found beside them, each verified alone."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.catalog import load
from slsacheck.errors import Absent, InputError
from slsacheck.evidence import hashing
from slsacheck.evidence.artifact_kinds import kind_of
from slsacheck.evidence.artifacts import collect
from slsacheck.evidence.hashing import digests_of
from slsacheck.evidence.targets import open_target
from slsacheck.evidence.tree import Problems
from slsacheck.model import Artifact, ArtifactInput, Expectations, GitFacts, Target

MakeRepository = Callable[..., Path]


def statement(*contents: bytes) -> str:
    """A complete but unsigned provenance of these contents, as BuildKit writes it."""
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "x", "digest": {"sha256": hashlib.sha256(one).hexdigest()}} for one in contents],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {"buildType": "https://example.org/b", "externalParameters": {}},
                "runDetails": {"builder": {"id": "https://example.org/builder"}},
            },
        }
    )


def assess(target: Target, repository: GitFacts | None = None) -> tuple[tuple[Artifact, ...], dict[str, str]]:
    problems = Problems()
    opened = open_target(target, offline=True)
    found = collect(target, repository or GitFacts(present=False), None, load(), opened, problems)
    return found, {problem.where: problem.reason for problem in problems.items()}


def files(*paths: Path | str, attestations: tuple[Path, ...] = ()) -> Target:
    inputs = tuple(ArtifactInput(str(path)) for path in paths)
    return Target("file", "x", path=str(paths[0]), artifacts=inputs, attestations=tuple(map(str, attestations)))


def test_digests_are_those_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert digests_of(str(tmp_path / "a")) == (
        ("sha256", hashlib.sha256(b"abc").hexdigest()),
        ("sha512", hashlib.sha512(b"abc").hexdigest()),
    )


def test_what_cannot_be_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a").write_bytes(b"abc")
    with pytest.raises(InputError, match="not a regular file"):
        digests_of(str(tmp_path / "fifo"))
    with pytest.raises(InputError, match="not a regular file"):
        digests_of("/dev/zero")
    with pytest.raises(InputError):
        digests_of(str(tmp_path))
    with pytest.raises(Absent):
        digests_of(str(tmp_path / "none"))
    monkeypatch.setattr(hashing, "MAX_BYTES", 2)
    with pytest.raises(InputError, match="larger than"):
        digests_of(str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("app", b"\x7fELF...", "binary"),
        ("app", b"text", "other"),
        ("app.exe", b"", "binary"),
        ("app-1.0.tar.gz", b"", "archive"),
        ("app-1.0-py3-none-any.whl", b"", "python-package"),
        ("app_1.0_amd64.deb", b"", "os-package"),
        ("SHA256SUMS", b"", "checksums"),
        ("checksums.txt", b"", "checksums"),
        ("app.tar.gz.sha256", b"", "checksums"),
        ("app.intoto.jsonl", b"", "metadata"),
        ("app.spdx.json", b"", "metadata"),
        ("app.jar", b"", "maven-artifact"),
        ("App.dmg", b"", "installer"),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(name, str(tmp_path / name)) == kind


@pytest.mark.parametrize(
    "name",
    ["app.intoto.jsonl", "app.sigstore.json", "app.att", "multiple.intoto.jsonl", "provenance.json", "z.intoto.jsonl"],
)
def test_attestations_beside_an_artifact_are_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    (tmp_path / name).write_text(statement(b"abc"))
    (artifact,), problems = assess(files(tmp_path / "app"))
    (verification,) = artifact.verifications
    assert verification.path == str(tmp_path / name)
    assert verification.statement.builder_id == "https://example.org/builder"
    assert not verification.signed
    assert verification.verdict != "pass"
    assert str(tmp_path / "app.intoto.jsonl") in artifact.looked_at
    assert not artifact.lookup_complete
    assert problems == {}


def test_attestations_of_the_folder_that_speak_of_something_else_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    (tmp_path / "multiple.intoto.jsonl").write_text(statement(b"other"))
    (tmp_path / "provenance.json").write_text('{"hello": "world"}')
    (artifact,), _ = assess(files(tmp_path / "app"))
    assert artifact.verifications == ()


def test_what_carries_the_name_or_was_given_counts_even_if_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    (tmp_path / "app.intoto.jsonl").write_text(statement(b"other"))
    (tmp_path / "given.json").write_text("[1, 2]")
    (artifact,), _ = assess(files(tmp_path / "app", attestations=(tmp_path / "given.json",)))
    assert [one.verdict == "pass" for one in artifact.verifications] == [False, False]


def test_several_artifacts_share_given_attestations(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    for name, contents in (("one", (b"a", b"b")), ("two", (b"b",)), ("three", (b"c",))):
        (tmp_path / name).write_text(statement(*contents))
    given = tuple(tmp_path / name for name in ("one", "two", "three"))
    found, problems = assess(files(tmp_path / "a", tmp_path / "b", attestations=given))
    assert [len(artifact.verifications) for artifact in found] == [1, 2]
    assert problems == {str(tmp_path / "three"): "speaks of none of the artifacts that were given"}


def test_a_broken_artifact_does_not_stop_the_others(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a").write_bytes(b"a")
    found, problems = assess(files(tmp_path / "a", tmp_path / "fifo"))
    assert [artifact.name for artifact in found] == ["a"]
    assert problems == {str(tmp_path / "fifo"): "is not a regular file"}


def test_attestations_that_are_no_regular_files(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    os.mkfifo(tmp_path / "app.att")
    os.mkfifo(tmp_path / "given")
    (artifact,), _ = assess(files(tmp_path / "app", attestations=(tmp_path / "given",)))
    (verification,) = artifact.verifications
    assert verification.verdict in ("error", "fail", "unknown")


def test_images_and_packages_are_known_by_name_alone() -> None:
    inputs = (ArtifactInput("ghcr.io/o/r:1", kind="image"), ArtifactInput("pkg:npm/a@1", kind="package"))
    found, problems = assess(Target("image", "x", artifacts=inputs))
    assert [artifact.digests for artifact in found] == [(), ()]
    assert set(problems) == {"ghcr.io/o/r:1", "pkg:npm/a@1"}


def test_the_repository_assessed_together_fixes_expectations(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    repository = GitFacts(present=True, commit="1" * 40, origin="https://github.com/o/r.git", tags=("v1",))
    target = Target("repository", "x", path=str(tmp_path), artifacts=(ArtifactInput(str(tmp_path / "app")),))
    (artifact,), _ = assess(target, repository)
    assert artifact.facts == (
        ("expected source", "github.com/o/r (origin in .git/config)"),
        ("expected revision", f"{'1' * 40} (tag v1)"),
    )
    given = Target(
        "repository",
        "x",
        path=str(tmp_path),
        artifacts=target.artifacts,
        expectations=Expectations(source_uri="github.com/o/r", source_revision="2" * 40),
    )
    (artifact,), _ = assess(given, repository)
    assert artifact.facts == ()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_hashes_of_small_texts_are_those_of_hashlib(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = hashlib.new(algorithm, b"text").hexdigest()
    assert hashing.small(algorithm)(b"text", usedforsecurity=False).hexdigest() == expected

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(hashing, "import_module", absent)
    assert hashing.small.__wrapped__(algorithm)(b"text").hexdigest() == expected
