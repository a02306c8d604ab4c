"""Opening targets of every kind, and saying plainly why one cannot be opened."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.errors import Unavailable, UsageError
from slsacheck.evidence import shelf
from slsacheck.evidence.git import clone as clone_module
from slsacheck.evidence.targets import OpenedTarget, open_target
from slsacheck.evidence.tree import Problems
from slsacheck.model import Target

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]


def told(opened: OpenedTarget) -> dict[str, str]:
    problems = Problems()
    opened.tell(problems)
    return {problem.where: problem.reason for problem in problems.items()}


def repository(path: Path, revision: str | None = None) -> Target:
    return Target("repository", path.name, path=str(path), revision=revision)


def test_a_work_tree(make_repository: MakeRepository) -> None:
    path = make_repository({"a": "a"})
    opened = open_target(repository(path))
    assert opened.tree.paths() == ("a",)
    assert opened.facts().dirty is False
    assert opened.facts() is opened.facts()
    assert told(opened) == {}


def test_a_folder_without_git(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    opened = open_target(repository(tmp_path))
    assert opened.tree.paths() == ("a",)
    assert not opened.facts().present


def test_a_folder_inside_a_repository_says_so(make_repository: MakeRepository) -> None:
    path = make_repository({"packages/one/a": "a"})
    opened = open_target(repository(path / "packages" / "one"))
    assert opened.tree.paths() == ("a",)
    assert told(opened) == {".": "is a folder inside the repository at ../.."}


def test_a_bare_repository_and_an_empty_one(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    bare, empty = path.parent / "bare", path.parent / "empty"
    run_git(path, "clone", "-q", "--bare", str(path), str(bare))
    empty.mkdir()
    run_git(empty, "init", "-q", "--bare")
    assert open_target(repository(bare)).tree.paths() == ("a",)
    opened = open_target(repository(empty))
    assert opened.tree.paths() == ()
    assert opened.facts().problems == ("there is no commit yet",)


def test_a_revision_is_read_from_the_objects(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"old": "a"})
    run_git(path, "tag", "v1")
    (path / "new").write_text("b")
    run_git(path, "add", "new")
    run_git(path, "commit", "-qm", "new")
    opened = open_target(repository(path, revision="v1"))
    assert opened.tree.paths() == ("old",)
    assert opened.facts().tags == ("v1",)
    assert opened.facts().dirty is None
    with pytest.raises(UsageError, match="there is no revision v2"):
        open_target(repository(path, revision="v2"))
    with pytest.raises(UsageError):
        open_target(repository(path, revision="--all"))


def test_a_git_file_that_leads_elsewhere_is_told_and_the_files_are_read(
    make_repository: MakeRepository, tmp_path: Path
) -> None:
    private = make_repository({"secret": "s"}, name="private")
    thief = tmp_path / "thief"
    thief.mkdir()
    (thief / "a").write_text("a")
    (thief / ".git").write_text(f"gitdir: {private}/.git\n")
    opened = open_target(repository(thief))
    assert opened.tree.paths() == ("a",)
    assert not opened.facts().present
    assert "does not point back" in told(opened)[".git"]


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        open_target(repository(tmp_path / "nowhere"))


def test_images_and_packages_have_no_files() -> None:
    for kind, name in (("image", "ghcr.io/o/r:1"), ("package", "pkg:npm/a@1")):
        opened = open_target(Target(kind, name))
        assert opened.tree.paths() == ()
        assert not opened.facts().present


def test_a_url_is_cloned_bare_and_taken_away(make_repository: MakeRepository, run_git: RunGit) -> None:
    path = make_repository({"a": "a"})
    run_git(path, "tag", "v1")
    opened = open_target(Target("repository", "x", url=f"file://{path}"))
    assert opened.tree.paths() == ("a",)
    assert opened.facts().commit == run_git(path, "rev-parse", "HEAD")
    assert opened.facts().tags == ("v1",)
    assert opened.git is not None
    place = Path(opened.git.top)
    assert place.is_dir()
    del opened
    assert not place.exists()


def test_a_clone_that_fails_leaks_no_credentials(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        open_target(Target("repository", "x", url="https://user:secret@127.0.0.1:1/o/r"))
    assert "secret" not in str(caught.value)
    assert "cannot be cloned" in str(caught.value)


@pytest.mark.parametrize("url", ["ext::sh -c touch% x", "--upload-pack=touch x", "/etc", "fd::3"])
def test_only_git_urls_are_cloned(url: str) -> None:
    with pytest.raises(UsageError, match="is not a git URL"):
        open_target(Target("repository", "x", url=url))


def test_offline_fetches_nothing(make_repository: MakeRepository) -> None:
    url = f"file://{make_repository({'a': 'a'})}"
    with pytest.raises(Unavailable, match="--offline"):
        open_target(Target("repository", "x", url=url), offline=True)


def test_a_clone_is_bounded(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"file://{make_repository({'a': 'a'})}"
    monkeypatch.setattr(clone_module, "SECONDS", 0.0)
    with pytest.raises(Unavailable, match="too long"):
        open_target(Target("repository", "x", url=url))


def test_threads_that_ask_at_once_read_from_one_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_target(Target("image", "x"))
    got: list[object] = []
    other = threading.Thread(target=lambda: got.append(opened.shelf))
    plain = shelf.LocalShelf

    def while_it_is_made() -> shelf.LocalShelf:
        monkeypatch.setattr(shelf, "LocalShelf", plain)
        other.start()
        other.join(timeout=0.2)  # it waits for this one; without a lock it would have one of its own by now
        return plain()

    monkeypatch.setattr(shelf, "LocalShelf", while_it_is_made)
    mine = opened.shelf
    other.join()
    assert got == [mine]
