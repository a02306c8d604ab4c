"""The trees: what is listed, what is read, and what a hostile directory cannot do."""

import errno
import hashlib
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.errors import Absent, InputError
from slsacheck.evidence import walk
from slsacheck.evidence.files import EmptyTree, SingleFile, WorkTree
from slsacheck.evidence.git.repository import Git
from slsacheck.evidence.git.tree import GitTree

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]


def tree_of(path: Path) -> WorkTree:
    return WorkTree(str(path), Git(str(path)))


def reasons(tree: WorkTree | GitTree) -> dict[str, str]:
    return {problem.where: problem.reason for problem in tree.problems.items()}


def test_lists_tracked_and_new_files_but_not_ignored_or_deleted_ones(make_repository: MakeRepository) -> None:
    path = make_repository({"a.txt": "a", "sub/b.txt": "b", "gone.txt": "c", ".gitignore": "*.log\n"})
    (path / "new.txt").write_text("n")
    (path / "noise.log").write_text("x")
    (path / "gone.txt").unlink()
    tree = tree_of(path)
    assert tree.paths() == (".gitignore", "a.txt", "new.txt", "sub/b.txt")
    assert tree.exists("sub/b.txt")
    assert not tree.exists("sub")
    assert tree.read("sub/b.txt") == b"b"
    assert tree.problems.items() == ()


def test_walks_a_directory_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("b")
    assert WorkTree(str(tmp_path)).paths() == ("a/b.txt",)


@pytest.mark.parametrize("with_git", [True, False])
def test_links_are_followed_inside_the_target_only(make_repository: MakeRepository, with_git: bool) -> None:
    path = make_repository({"real/file.txt": "inside"})
    (path.parent / "secret.txt").write_text("secret")
    (path / "good").symlink_to("real/file.txt")
    (path / "directory").symlink_to("real")
    (path / "out").symlink_to("../secret.txt")
    (path / "absolute").symlink_to("/etc/passwd")
    (path / "loop").symlink_to("loop")
    (path / "config").symlink_to(".git/config")
    tree = tree_of(path) if with_git else WorkTree(str(path))
    assert tree.paths() == ("good", "real/file.txt")
    assert tree.read("good") == b"inside"
    assert set(reasons(tree)) == {"out", "absolute", "loop", "config"}
    with pytest.raises(Absent):
        tree.read("out")


def test_a_directory_that_becomes_a_link_to_elsewhere_is_not_followed(make_repository: MakeRepository) -> None:
    path = make_repository({"real/file.txt": "inside"})
    tree = tree_of(path)
    assert tree.exists("real/file.txt")
    outside = path.parent / "outside"
    outside.mkdir()
    (outside / "file.txt").write_text("secret")
    (path / "real").rename(path / "was")
    (path / "real").symlink_to(outside)
    with pytest.raises(InputError, match="leaves the target"):
        tree.read("real/file.txt")


@pytest.mark.parametrize("with_git", [True, False])
def test_special_files_are_no_files(
    make_repository: MakeRepository, with_git: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_repository({"a.txt": "a", "was.txt": "b"})
    (path / "was.txt").unlink()
    os.mkfifo(path / "was.txt")
    os.mkfifo(path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(path)  # the path of a socket is short
        server.bind("socket")
        tree = tree_of(path) if with_git else WorkTree(str(path))
        assert tree.paths() == ("a.txt",)


def test_reading_a_fifo_that_was_a_file_does_not_wait(make_repository: MakeRepository) -> None:
    path = make_repository({"a.txt": "a"})
    tree = tree_of(path)
    assert tree.paths() == ("a.txt",)
    (path / "a.txt").unlink()
    os.mkfifo(path / "a.txt")
    with pytest.raises(InputError, match="not a regular file"):
        tree.read("a.txt")


def test_contents_over_the_limit_are_refused_each_time(make_repository: MakeRepository) -> None:
    tree = tree_of(make_repository({"a.txt": "12345"}))
    assert tree.read("a.txt", 5) == b"12345"
    with pytest.raises(InputError, match=r"a\.txt: has 5 bytes, more than the 4"):
        tree.read("a.txt", 4)


@pytest.mark.parametrize("bare", [True, False])
def test_text_without_mark_and_never_with_nul(make_repository: MakeRepository, bare: bool) -> None:
    path = make_repository({"bom": b"\xef\xbb\xbfa: 1", "latin": b"caf\xe9", "nul": b"a\0b"})
    tree = GitTree(Git(str(path))) if bare else tree_of(path)
    assert tree.text("bom") == "a: 1"
    assert tree.text("latin") == "caf\ufffd"
    with pytest.raises(InputError, match="nul: has NUL bytes"):
        tree.text("nul")


@pytest.mark.parametrize("bare", [True, False])
def test_names_that_are_not_utf8_are_printable_and_readable(
    make_repository: MakeRepository, run_git: RunGit, bare: bool
) -> None:
    path = make_repository({"a.txt": "a"})
    (path / os.fsdecode(b"caf\xe9\xff.yml")).write_bytes(b"odd")
    run_git(path, "add", "-A")
    run_git(path, "commit", "-qm", "odd")
    tree = GitTree(Git(str(path))) if bare else tree_of(path)
    assert tree.paths() == ("a.txt", "caf\\xe9\\xff.yml")
    assert tree.read("caf\\xe9\\xff.yml") == b"odd"
    "".join(tree.paths()).encode("utf-8")  # nothing that cannot be written to a report


def test_two_names_that_look_alike_are_reported(make_repository: MakeRepository) -> None:
    path = make_repository({"caf\\xe9": "plain"})
    (path / os.fsdecode(b"caf\xe9")).write_bytes(b"odd")
    tree = tree_of(path)
    assert len(tree.paths()) == 1
    assert "two files have this name" in reasons(tree)["caf\\xe9"]


def test_names_with_control_characters(make_repository: MakeRepository) -> None:
    name = "a\nb\t100644 \x1b[31m.yml"
    tree = tree_of(make_repository({name: "x", "100644 0000 0\tfoo": "y"}))
    assert tree.read(name) == b"x"
    assert tree.read("100644 0000 0\tfoo") == b"y"


def test_unreadable_files_and_directories_are_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root can read everything")
    (tmp_path / "closed").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0)
    (tmp_path / "closed").chmod(0)
    tree = WorkTree(str(tmp_path))
    try:
        assert tree.paths() == ("secret",)
        assert "cannot be listed" in reasons(tree)["closed"]
        with pytest.raises(InputError, match="cannot be read"):
            tree.read("secret")
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("x")
    tree = WorkTree(str(tmp_path))
    assert tree.paths() == ("secret",)
    monkeypatch.setattr(os, "open", _refuse)
    with pytest.raises(InputError, match="secret: cannot be read: Permission denied"):
        tree.read("secret")


def _refuse(*_args: object) -> int:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_bounds_of_the_walk_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_FILES", 3)
    monkeypatch.setattr(walk, "MAX_DEPTH", 2)
    for number in range(5):
        (tmp_path / f"f{number}").write_text("x")
    (tmp_path / "1" / "2" / "3").mkdir(parents=True)
    (tmp_path / "1" / "2" / "3" / "deep").write_text("x")
    tree = WorkTree(str(tmp_path))
    assert len(tree.paths()) == 3
    assert "more than 3 files" in reasons(tree)["."]
    (tmp_path / "f0").unlink()
    (tmp_path / "f1").unlink()
    deep = WorkTree(str(tmp_path))
    assert deep.paths() == ("f2", "f3", "f4")
    assert "deeper than 2" in reasons(deep)["1/2/3"]


def test_a_sparse_checkout_is_reported(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"in/a": "a", "out/b": "b"})
    run_git(path, "sparse-checkout", "set", "in")
    tree = tree_of(path)
    assert tree.paths() == ("in/a",)
    assert "1 tracked files are not checked out" in reasons(tree)[".git"]


def test_a_broken_index_falls_back_to_the_walk(make_repository: MakeRepository) -> None:
    path = make_repository({"a.txt": "a"})
    (path / ".git" / "index").write_bytes(b"DIRC garbage that is no index at all")
    tree = tree_of(path)
    assert tree.paths() == ("a.txt",)
    assert "every file of the directory was looked at instead" in reasons(tree)[".git"]


def test_a_bare_repository_is_read_from_its_objects(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a.txt": "a", "d/b.txt": "b"})
    (path / "d" / "up").symlink_to("../a.txt")
    (path / "away").symlink_to("../../etc/passwd")
    (path / "abs").symlink_to("/etc/passwd")
    (path / "spin").symlink_to("spin")
    run_git(path, "add", "-A")
    run_git(path, "commit", "-qm", "links")
    bare = path.parent / "bare.git"
    run_git(path, "clone", "-q", "--bare", str(path), str(bare))
    tree = GitTree(Git(str(bare)))
    assert tree.paths() == ("a.txt", "d/b.txt", "d/up")
    assert tree.read("d/up") == b"a"
    assert set(reasons(tree)) == {"away", "abs", "spin"}
    with pytest.raises(InputError, match=r"a\.txt: has 1 bytes"):
        GitTree(Git(str(bare))).read("a.txt", 0)
    assert GitTree(Git(str(bare)), "HEAD~1").paths() == ("a.txt", "d/b.txt")
    with pytest.raises(Absent):
        GitTree(Git(str(bare)), "--output=/tmp/x")


def test_names_that_lead_out_of_a_tree_are_refused(make_repository: MakeRepository, git: str) -> None:
    path = make_repository({"a.txt": "a"})
    head = subprocess.run([git, "-C", str(path), "ls-tree", "HEAD"], capture_output=True, check=True).stdout
    forged = head + head.replace(b"a.txt", b"..") + head.replace(b"a.txt", b".git") + head.replace(b"a.txt", b".GIT")
    made = subprocess.run([git, "-C", str(path), "mktree"], input=forged, capture_output=True, check=True).stdout
    person = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = [git, "-C", str(path), *person, "commit-tree", "-m", "x", made.decode().strip()]
    commit = subprocess.run(command, capture_output=True, check=True).stdout.decode().strip()
    tree = GitTree(Git(str(path)), commit)
    assert tree.paths() == ("a.txt",)
    assert set(reasons(tree)) == {"..", ".git", ".GIT"}


def test_a_forged_index_leads_nowhere(make_repository: MakeRepository) -> None:
    path = make_repository({"a.txt": "a", "bb/cc/secret": "x"})
    (path.parent / "xx").mkdir()
    (path.parent / "xx" / "secret").write_text("outside")
    index = path / ".git" / "index"
    data = index.read_bytes()[:-20].replace(b"bb/cc/secret", b"../xx/secret")
    index.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())
    tree = tree_of(path)
    assert "a.txt" in tree.paths()
    assert not any(name.startswith("..") for name in tree.paths())
    assert "../xx/secret" in reasons(tree) or ".git" in reasons(tree)


def test_a_single_file_and_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "app.bin").write_bytes(b"\0\1")
    tree = SingleFile(str(tmp_path / "app.bin"))
    assert tree.paths() == ("app.bin",)
    assert tree.read("app.bin") == b"\0\1"
    for other in (tree, EmptyTree()):
        assert not other.exists("x")
        with pytest.raises(Absent):
            other.read("x")
    assert EmptyTree().paths() == ()
