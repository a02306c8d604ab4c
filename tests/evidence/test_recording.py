"""Evidence that is saved and replayed gives the same facts, and a broken or hostile evidence file gives an error."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.catalog import load as load_catalogue
from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable, UsageError
from slsacheck.evidence import archive as archive_module
from slsacheck.evidence import replay
from slsacheck.evidence.artifacts import collect
from slsacheck.evidence.recording import Recorder
from slsacheck.evidence.targets import OpenedTarget, open_target
from slsacheck.evidence.tree import Problems
from slsacheck.model import ArtifactInput, GitFacts, Target

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]


def read_everything(opened: OpenedTarget) -> tuple[Any, ...]:
    """All that a scan could ask, as values to compare."""
    problems = Problems()
    opened.tell(problems)
    contents: list[bytes | str] = []
    for path in opened.tree.paths():
        try:
            contents.append(opened.tree.read(path, 100))
            contents.append(opened.tree.text(path, 100))
        except SlsacheckError as error:
            contents.append(str(error))
    facts = opened.facts()
    artifacts = collect(opened.target, facts, None, load_catalogue(), opened, problems)
    return opened.tree.paths(), tuple(contents), facts, artifacts, problems.items()


@pytest.fixture
def rich(make_repository: MakeRepository, run_git: RunGit) -> Target:
    path = make_repository({"a.yml": "a: 1", "b\nc\\d": "odd", "big": "x" * 200, "nul": b"\0"})
    (path / "away").symlink_to("/etc/passwd")
    (path / "a.yml").write_text("a: 2")
    run_git(path, "remote", "add", "origin", "https://user:secret@github.com/o/r")
    run_git(path, "tag", "-a", "v1", "-m", "one")
    (path / "app").write_bytes(b"abc")
    (path / "app.att").write_text('{"not": "an attestation"}')
    return Target("repository", "rich", path=str(path), artifacts=(ArtifactInput(str(path / "app")),))


def record(target: Target, place: Path) -> tuple[Any, ...]:
    recorder = Recorder()
    found = read_everything(open_target(target, recorder=recorder))
    recorder.save(str(place))
    return found


def test_replay_gives_the_same(rich: Target, tmp_path: Path) -> None:
    live = record(rich, tmp_path / "evidence.zip")
    recording = replay.load(str(tmp_path / "evidence.zip"))
    (target,) = recording.targets
    assert (target.name, target.artifacts, target.path) == (rich.name, rich.artifacts, None)
    assert read_everything(recording.open(target)) == live


def test_the_same_evidence_gives_the_same_bytes(rich: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    record(rich, tmp_path / "one.zip")
    record(rich, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert replay.load(str(tmp_path / "one.zip")).collected_at == "2023-11-14T22:13:20Z"


def test_no_credentials_and_no_place_are_saved(rich: Target, tmp_path: Path) -> None:
    record(Target("repository", "rich", path=rich.path), tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"secret" not in everything
    assert str(tmp_path).encode() not in everything


def test_what_was_not_asked_is_unavailable_and_what_was_not_there_absent(rich: Target, tmp_path: Path) -> None:
    recorder = Recorder()
    opened = open_target(rich, recorder=recorder)
    opened.tree.read("a.yml")
    recorder.save(str(tmp_path / "evidence.zip"))
    recording = replay.load(str(tmp_path / "evidence.zip"))
    again = recording.open(recording.targets[0])
    assert again.tree.read("a.yml") == b"a: 2"
    with pytest.raises(InputError):
        again.tree.read("a.yml", 1)
    with pytest.raises(Unavailable, match="was not read when"):
        again.tree.read("big")
    with pytest.raises(Absent):
        again.tree.read("nowhere")
    assert again.git is not None
    with pytest.raises(Unavailable):
        again.git.ask("rev-list", "HEAD")
    with pytest.raises(Unavailable):
        again.git.object("HEAD")
    assert again.facts().commit is None
    with pytest.raises(UsageError, match="is not in"):
        recording.open(Target("repository", "another"))
    assert [record.name for record in again.tree.evidence_records()] == ["file a.yml"]  # type: ignore[attr-defined]


def test_saving_where_nothing_can_be_written(rich: Target, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        record(rich, tmp_path / "missing" / "evidence.zip")


def rewrite(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_changed_answer_is_noticed(rich: Target, tmp_path: Path) -> None:
    record(rich, tmp_path / "evidence.zip")

    def forge(members: dict[str, bytes]) -> None:
        for name, data in members.items():
            if data == b"a: 2":
                members[name] = b"a: 3"

    rewrite(tmp_path / "evidence.zip", tmp_path / "forged.zip", forge)
    recording = replay.load(str(tmp_path / "forged.zip"))
    with pytest.raises(InputError, match="does not have the digest"):
        recording.open(recording.targets[0]).tree.read("a.yml")


def test_a_forged_commit_is_noticed(rich: Target, tmp_path: Path) -> None:
    record(rich, tmp_path / "evidence.zip")

    def forge(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        for answer in manifest["targets"][0]["git"]["objects"].values():
            if "name" in answer:
                answer["name"] = "0" * 40
        members["manifest.json"] = json.dumps(manifest).encode()

    rewrite(tmp_path / "evidence.zip", tmp_path / "forged.zip", forge)
    recording = replay.load(str(tmp_path / "forged.zip"))
    facts = recording.open(recording.targets[0]).facts()
    assert facts.commit is None
    assert "does not have the digest" in facts.problems[0]


@pytest.mark.parametrize(
    "member",
    ["../evil", "/etc/passwd", "blobs/sha256/../../x", "blobs/sha256/ABC", "blobs/sha256/" + "0" * 63, "other"],
)
def test_members_that_do_not_belong_there(rich: Target, tmp_path: Path, member: str) -> None:
    record(rich, tmp_path / "evidence.zip")
    rewrite(tmp_path / "evidence.zip", tmp_path / "evil.zip", lambda members: members.update({member: b"x"}))
    with pytest.raises(InputError, match="does not belong there"):
        replay.load(str(tmp_path / "evil.zip"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(rich: Target, tmp_path: Path) -> None:
    record(rich, tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip", "a") as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(InputError, match="two members of the same name"):
        replay.load(str(tmp_path / "evidence.zip"))


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_TOTAL", 1000)
    monkeypatch.setattr(archive_module, "MAX_MEMBERS", 3)
    monkeypatch.setattr(replay, "MAX_MANIFEST", 50)
    big, many, long = (tmp_path / name for name in ("big", "many", "long"))
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 2000)
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(4):
            archive.writestr(f"blobs/sha256/{number:064x}", b"")
    with zipfile.ZipFile(long, "w") as archive:
        archive.writestr("manifest.json", b"0" * 60)
    for place, message in ((big, "unpacks to more"), (many, "more than 3 members"), (long, "larger than 50 bytes")):
        with pytest.raises(InputError, match=message):
            replay.load(str(place))
    monkeypatch.setattr(archive_module, "MAX_ARCHIVE", 10)
    with pytest.raises(InputError, match="is larger than"):
        replay.load(str(big))


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"format": "slsacheck-evidence", "format_version": "1.0"}',
        b'{"format": "slsacheck-evidence", "format_version": "2.0", "targets": []}',
        b'{"format": "slsacheck-evidence", "format_version": "1.0", "tool": {"version": "1"}, "collected_at": "", "targets": [3]}',
    ],
)
def test_broken_manifests(tmp_path: Path, manifest: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w") as archive:
        archive.writestr("manifest.json", manifest)
    with pytest.raises(InputError):
        replay.load(str(tmp_path / "evidence.zip"))


def test_files_that_are_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    for name in ("text", "empty.zip", "."):
        with pytest.raises(InputError):
            replay.load(str(tmp_path / name))
    with pytest.raises(UsageError, match="there is no evidence file"):
        replay.load(str(tmp_path / "nowhere"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60)
@given(
    key=st.sampled_from(
        ["artifacts", "paths", "problems", "files", "listing", "git", "described", "nearby", "attestations"]
    ),
    value=JSON,
)
def test_any_manifest_gives_evidence_or_one_clear_error(tmp_path: Path, key: str, value: object) -> None:
    entry: dict[str, Any] = {
        "kind": "repository",
        "name": "x",
        "revision": None,
        "artifacts": [["a", None, "file"]],
        "given_attestations": [],
        "paths": "a",
        "problems": [],
        "files": {},
        "listing": None,
        "git": None,
        "described": {},
        "nearby": {},
        "attestations": {},
    }
    entry[key] = value
    manifest = {
        "format": "slsacheck-evidence",
        "format_version": "1.0",
        "tool": {"version": "1"},
        "collected_at": "",
        "targets": [entry],
    }
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
    told = "everything could be read"
    try:
        recording = replay.load(str(tmp_path / "evidence.zip"))
        read_everything(recording.open(recording.targets[0]))
    except SlsacheckError as error:  # one of ours says what is wrong; nothing else may come out
        told = error.message
    assert told


def test_git_facts_of_no_repository() -> None:
    recorder = Recorder()
    opened = open_target(Target("image", "ghcr.io/o/r:1"), recorder=recorder)
    assert opened.facts() == GitFacts(present=False)
