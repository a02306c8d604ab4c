"""The facts of a git history, from real repositories of every shape."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.errors import Absent, InputError, Unavailable
from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.git import facts as facts_module
from slsacheck.evidence.git.commits import parse_commit, tag_is_signed
from slsacheck.evidence.git.facts import facts
from slsacheck.evidence.git.repository import Git
from slsacheck.model import GitFacts

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]


def facts_of(path: Path, revision: str = "HEAD") -> GitFacts:
    git = Git(str(path))
    tree = WorkTree(str(path), git)
    tree.paths()
    return facts(git, tree.listing, revision)


def test_a_clean_repository(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "remote", "add", "origin", "https://user:secret@github.com/o/r.git")
    run_git(path, "tag", "v1")
    run_git(path, "tag", "-a", "v1.0", "-m", "one")
    found = facts_of(path)
    assert found.commit == run_git(path, "rev-parse", "HEAD")
    assert found.branch == "main"
    assert found.tags == ("v1", "v1.0")
    assert found.tag_kinds == (("v1", "lightweight"), ("v1.0", "annotated"))
    assert found.dirty is False
    assert found.origin == "https://github.com/o/r.git"
    assert (found.commits, found.looked_at, found.signed, found.without_author) == (1, 1, 0, 0)
    assert found.committed_at == "2026-01-02T03:04:05Z"
    assert not any((found.bare, found.shallow, found.notes, found.partial))
    assert found.problems == ()


@pytest.mark.parametrize("change", ["edit", "stage", "untracked", "delete", "mode", "link"])
def test_every_kind_of_change_makes_it_dirty(make_repository: MakeRepository, run_git: RunGit, change: str) -> None:
    path = make_repository({"a": "a", "b": "b"})
    if change in ("edit", "stage"):
        (path / "a").write_text("x")
    if change == "stage":
        run_git(path, "add", "a")
    if change == "untracked":
        (path / "new").write_text("x")
    if change == "delete":
        (path / "a").unlink()
    if change == "mode":
        (path / "a").chmod(0o755)
    if change == "link":
        (path / "a").unlink()
        (path / "a").symlink_to("b")
    assert facts_of(path).dirty is True


def test_a_file_that_was_only_touched_is_clean(make_repository: MakeRepository) -> None:
    path = make_repository({"a": "a"})
    (path / "a").unlink()
    (path / "a").write_text("a")
    assert facts_of(path).dirty is False


def test_files_behind_a_filter_cannot_be_compared(make_repository: MakeRepository) -> None:
    path = make_repository({"big.bin": "pointer", ".gitattributes": "*.bin filter=lfs\n"})
    (path / "big.bin").write_text("the real content")
    found = facts_of(path)
    assert found.dirty is None
    assert "git-lfs" in found.problems[0]


def test_assume_unchanged_files_leave_it_open(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "update-index", "--assume-unchanged", "a")
    (path / "a").write_text("changed")
    found = facts_of(path)
    assert found.dirty is None
    assert "assume-unchanged" in found.problems[0]


def test_an_empty_repository_has_no_commit(make_repository: MakeRepository) -> None:
    found = facts_of(make_repository())
    assert found.present
    assert (found.commit, found.dirty, found.commits, found.branch) == (None, None, None, "main")
    assert found.problems == ("there is no commit yet",)


def test_detached_bare_and_shallow(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    for number in range(3):
        run_git(path, "commit", "-q", "--allow-empty", "-m", str(number))
    bare, shallow = path.parent / "bare", path.parent / "shallow"
    run_git(path, "clone", "-q", "--bare", str(path), str(bare))
    run_git(path, "clone", "-q", "--depth", "2", f"file://{path}", str(shallow))
    run_git(path, "checkout", "-q", "--detach")
    assert facts_of(path).branch is None
    assert facts_of(bare).bare
    assert facts_of(bare).dirty is None
    assert facts_of(bare).commits == 4
    found = facts_of(shallow)
    assert (found.shallow, found.commits, found.looked_at, found.problems) == (True, 2, 2, ())


def test_a_revision_by_name(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "tag", "first")
    run_git(path, "commit", "-q", "--allow-empty", "-m", "second")
    found = facts_of(path, "first")
    assert found.commit == run_git(path, "rev-parse", "first")
    assert (found.tags, found.branch, found.dirty) == (("first",), None, None)
    assert facts_of(path, "nowhere").problems == ("there is no revision nowhere",)


def test_submodules_and_work_trees_point_back(make_repository: MakeRepository, run_git: RunGit) -> None:
    inner = make_repository({"i": "i"}, name="inner")
    outer = make_repository({"o": "o"}, name="outer")
    run_git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "lib")
    run_git(outer, "commit", "-qm", "submodule")
    run_git(outer, "worktree", "add", "-q", "-b", "other", str(outer.parent / "linked"))
    found = facts_of(outer)
    assert (found.submodules, found.dirty) == (("lib",), False)
    assert facts_of(outer / "lib").commit == run_git(inner, "rev-parse", "HEAD")
    assert facts_of(outer / "lib").dirty is False
    linked = facts_of(outer.parent / "linked")
    assert (linked.branch, linked.dirty, linked.commit) == ("other", False, found.commit)


def test_a_git_file_may_not_borrow_another_repository(make_repository: MakeRepository, tmp_path: Path) -> None:
    private = make_repository({"a": "a"}, name="private")
    thief = tmp_path / "thief"
    thief.mkdir()
    (thief / ".git").write_text(f"gitdir: {private}/.git\n")
    with pytest.raises(InputError, match="does not point back"):
        Git(str(thief))
    (thief / ".git").unlink()
    (thief / ".git").symlink_to(private / ".git")
    with pytest.raises(InputError, match="leaves the target"):
        Git(str(thief))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "does not say"),
        ("gitdir: /nowhere/at/all", "does not exist"),
        ("gitdir: " + "x" * 9000, "larger than"),
    ],
)
def test_broken_git_files(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / ".git").write_text(content)
    with pytest.raises(InputError, match=message):
        Git(str(tmp_path))


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        Git(str(tmp_path))
    (tmp_path / ".git").mkdir()
    with pytest.raises(InputError, match="not a git directory"):
        Git(str(tmp_path))


def test_sha256_repositories(tmp_path: Path, run_git: RunGit) -> None:
    run_git(tmp_path, "init", "-q", "--object-format=sha256")
    (tmp_path / "a").write_text("a")
    run_git(tmp_path, "add", "a")
    run_git(tmp_path, "commit", "-qm", "a")
    found = facts_of(tmp_path)
    assert found.object_format == "sha256"
    assert len(found.commit or "") == 64
    assert found.dirty is False


def test_forged_objects_are_refused(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    first = run_git(path, "rev-parse", "HEAD")
    run_git(path, "commit", "-q", "--allow-empty", "-m", "other")
    second = run_git(path, "rev-parse", "HEAD")
    objects = path / ".git" / "objects"
    forged = objects / second[:2] / second[2:]
    forged.chmod(0o644)
    shutil.copyfile(objects / first[:2] / first[2:], forged)
    found = facts_of(path)
    assert found.commit is None
    assert "missing from the object store" in found.problems[0]


def test_packs_that_show_one_commit_under_the_name_of_another(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "commit", "-q", "--allow-empty", "-m", "other")
    names = run_git(path, "rev-list", "HEAD").split()
    run_git(path, "repack", "-qadf")
    index = next((path / ".git" / "objects" / "pack").glob("*.idx"))
    data = bytearray(index.read_bytes())
    count = int.from_bytes(data[1028:1032])
    table = [data[1032 + 20 * place : 1052 + 20 * place].hex() for place in range(count)]
    first, second = (1032 + 24 * count + 4 * table.index(name) for name in names)  # gitformat-pack, version 2
    data[first : first + 4], data[second : second + 4] = data[second : second + 4], data[first : first + 4]
    index.chmod(0o644)
    index.write_bytes(data)
    assert facts_of(path).commit is None
    with pytest.raises(InputError, match="does not have the digest"):
        Git(str(path)).object(names[0])


def test_missing_commits_are_said(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    first = run_git(path, "rev-parse", "HEAD")
    run_git(path, "commit", "-q", "--allow-empty", "-m", "other")
    (path / ".git" / "objects" / first[:2] / first[2:]).unlink()
    found = facts_of(path)
    assert any(first in problem for problem in found.problems)
    assert found.commits is None


def test_history_is_counted_within_bounds(
    make_repository: MakeRepository, run_git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_module, "MAX_COMMITS", 2)
    monkeypatch.setattr(facts_module, "MAX_COUNT", 3)
    path = make_repository({"a": "a"})
    run_git(path, "commit", "-q", "--allow-empty", "-m", "2")
    run_git(path, "commit", "-q", "--allow-empty", "-m", "3")
    assert (facts_of(path).looked_at, facts_of(path).commits) == (2, 3)
    run_git(path, "commit", "-q", "--allow-empty", "-m", "4")
    assert facts_of(path).commits is None


def test_notes_replacements_and_signature_headers(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "notes", "add", "-m", "a note")
    first = run_git(path, "rev-parse", "HEAD")
    raw = run_git(path, "cat-file", "commit", "HEAD") + "\n"
    head, _, body = raw.partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\n\n{body}"
    (path.parent / "commit").write_text(signed)
    name = run_git(path, "hash-object", "-t", "commit", "-w", str(path.parent / "commit"))
    run_git(path, "reset", "-q", "--soft", name)
    run_git(path, "replace", name, first)
    found = facts_of(path)
    assert (found.commit, found.notes, found.signed, found.looked_at) == (name, True, 1, 1)


def test_commits_without_author(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    tree = run_git(path, "rev-parse", "HEAD^{tree}")
    (path.parent / "commit").write_text(f"tree {tree}\ncommitter  <> 99999999999999 +0000\n\nno author\n")
    name = run_git(path, "hash-object", "-t", "commit", "--literally", "-w", str(path.parent / "commit"))
    run_git(path, "update-ref", "refs/heads/main", name)
    found = facts_of(path)
    assert (found.commit, found.without_author, found.committed_at) == (name, 1, None)


def test_only_plumbing_runs(make_repository: MakeRepository) -> None:
    git = Git(str(make_repository({"a": "a"})))
    with pytest.raises(Unavailable, match="not among the commands"):
        git.ask("log")
    with pytest.raises(Unavailable, match="rev-list failed"):
        git.ask("rev-list", "nowhere")
    with pytest.raises(Absent):
        git.object("HEAD\nHEAD")
    assert git.object("HEAD").type == "commit"


def test_without_git_installed(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_repository({"a": "a"})
    monkeypatch.setenv("PATH", "bin:/nowhere")
    with pytest.raises(Unavailable, match="git is not installed"):
        Git(str(path))


def test_the_shadow_is_taken_away(
    make_repository: MakeRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_repository({"a": "a"})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    git = Git(str(path))
    git.object("HEAD")
    assert len(list(temporary.iterdir())) == 1
    git.close()
    assert list(temporary.iterdir()) == []
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    with pytest.raises(Unavailable, match="no temporary directory"):
        Git(str(path))


def test_parsing_odd_objects() -> None:
    assert parse_commit(b"").author == ""
    assert parse_commit(b"author A <> x\n\n").time is None
    assert tag_is_signed(b"object x\n\nmessage\n-----BEGIN PGP SIGNATURE-----\n")
    assert not tag_is_signed(b"object x\n\nmessage\n")
