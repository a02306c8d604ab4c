"""Opening a target: the one place that knows what evidence is read through, live, recorded or replayed."""

import os
import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable, UsageError
from slsacheck.evidence.files import EmptyTree, SingleFile, WorkTree
from slsacheck.evidence.tree import Problems, Tree
from slsacheck.model import EvidenceRecord, Expectations, GitFacts, Target
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.git.repository import Git, Plumbing
    from slsacheck.evidence.oci.registries import Registries
    from slsacheck.evidence.oci.saved import Images
    from slsacheck.evidence.online.services import Services
    from slsacheck.evidence.recording import Recorder
    from slsacheck.evidence.shelf import Shelf

__all__ = ["OpenedTarget", "open_target", "registries_for", "together"]


class OpenedTarget:
    """A target that evidence is read from: its files, its git repository, and what could not be opened.

    `shelf` is where its artifacts and attestations lie, `digests` holds the artifacts that were hashed, `expected` how
    many each publication has where a checksum file lists them. `images` notes what is read of images, or gives what was
    noted; `offline` is None where they may not be read at all, `plain_http` whether a registry may be asked without
    TLS, `online` whether those that an image names may be asked too; `registries` is what those requests share.
    """

    def __init__(self, target: Target, tree: Tree, git: "Plumbing | None" = None) -> None:
        self.target = target
        self.tree = tree
        self.git = git
        self.problems = Problems()
        self._shelf: Shelf | None = None
        self.expected: dict[str, int] = {}
        self.digests: dict[str, tuple[tuple[str, str], ...]] = {}
        self.offline: bool | None = None
        self.plain_http = False
        self.online = False
        self.images: Images | None = None
        self.registries: Registries | None = None
        self._facts: GitFacts | None = None
        self._lock = threading.Lock()

    @property
    def shelf(self) -> "Shelf":
        """Where artifacts and attestations lie; files on this machine unless something else was put here."""
        with self._lock:
            if self._shelf is None:
                from slsacheck.evidence.shelf import LocalShelf

                self._shelf = LocalShelf()
            return self._shelf

    @shelf.setter
    def shelf(self, shelf: "Shelf") -> None:
        self._shelf = shelf

    def facts(self) -> GitFacts:
        """What git tells of the target, at the revision that was asked for."""
        with self._lock:
            if self._facts is None:
                self._facts = self._collect()
        return self._facts

    def own_expectations(self) -> Expectations:
        """What is expected of the artifacts; the source is the repository's origin where nobody said another."""
        expected, facts = self.target.expectations, self.facts()
        if expected.source_uri is not None or self.target.kind != "repository" or not facts.origin:
            return expected
        from slsacheck.evidence.git import source_uri

        return replace(expected, source_uri=source_uri(facts.origin))

    def tell(self, problems: Problems) -> None:
        """Lists the files and passes on what could not be read, of the files and of git."""
        self.tree.paths()
        for sink in (self.problems, getattr(self.tree, "problems", Problems())):
            problems.take(sink)

    def expected_artifacts(self) -> dict[str, int]:
        """How many artifacts each publication has, by id, where a checksum file that was given lists them."""
        return self.expected

    def evidence_records(self) -> tuple[EvidenceRecord, ...]:
        """Attestations and artifacts that were read, by digest."""
        from slsacheck.evidence.contents import now

        moment = now()
        found = [
            EvidenceRecord(f"artifact {name}", f"sha256:{dict(digests).get('sha256', '')}", moment)
            for name, digests in sorted(self.digests.items())
        ]
        return (*found, *(self._shelf.read().records("attestation") if self._shelf is not None else ()))

    def _collect(self) -> GitFacts:
        if self.git is None:
            reasons = tuple(f"{problem.where}: {problem.reason}" for problem in self.problems.items())
            return GitFacts(present=False, problems=reasons)
        from slsacheck.evidence.git.facts import facts

        self.tree.paths()
        listing = getattr(self.tree, "listing", None)
        return facts(self.git, listing, self.target.revision or "HEAD")


def open_target(
    target: Target,
    *,
    offline: bool = False,
    recorder: "Recorder | None" = None,
    online: "Services | None" = None,
    plain_http: bool = False,
    registries: "Registries | None" = None,
) -> OpenedTarget:
    """Opens a target; with a `recorder` everything that is read goes into it too.

    With `online` its artifacts' attestations are looked up at those services as well. `registries` is what requests to
    registries share where several targets are opened; `registries_for` makes it.

    Raises UsageError where there is nothing at its path or no such revision, Unavailable where it cannot be fetched
    (or may not, `offline`).
    """
    opened = _open(target, offline)
    opened.offline, opened.plain_http, opened.online = offline, plain_http, online is not None
    opened.registries = registries or (None if offline else registries_for((target,)))
    if online is not None and target.artifacts:
        from slsacheck.evidence.online.shelf import OnlineShelf

        opened.shelf = OnlineShelf(online, opened.own_expectations, opened.problems)
    return opened if recorder is None else recorder.watch(opened)


def registries_for(targets: Iterable[Target], at_once: int | None = None) -> "Registries | None":
    """What the requests to registries for all these targets share; None where no image lies elsewhere."""
    given = [
        name
        for target in targets
        for name in (*(item.reference for item in target.artifacts if item.kind == "image"), *target.rebuilt)
    ]
    if all(os.path.exists(name) for name in given):
        return None
    from slsacheck.evidence.oci.registries import Registries

    return Registries(at_once)


def together(targets: Sequence[Target], registries: "Registries | None") -> int:
    """How many targets are looked at at once: several where all are images elsewhere, which are mostly waited for."""
    if registries is None or any(target.kind != "image" or target.path is not None for target in targets):
        return 1
    return registries.at_once


def _open(target: Target, offline: bool) -> OpenedTarget:
    if target.kind == "repository" and target.url is not None:
        return _fetched(target, offline)
    if target.path is None:
        return OpenedTarget(target, EmptyTree())
    if not os.path.exists(target.path):
        raise UsageError(f"there is no {target.path!r} to assess", advice="check the path")
    if target.kind == "repository":
        return _directory(target, target.path)
    if target.kind == "file" and not os.path.isfile(target.path):
        raise UsageError(f"{target.path} is not a regular file", advice="give a file or a folder")
    return OpenedTarget(target, SingleFile(target.path) if target.kind == "file" else EmptyTree())


def _fetched(target: Target, offline: bool) -> OpenedTarget:
    if offline:
        raise Unavailable(f"{target.name} is not fetched with --offline", advice="clone it and give the folder")
    from slsacheck.evidence.git.clone import clone, remove

    assert target.url is not None
    path = clone(target.url, target.revision)
    opened = _directory(target, path)
    weakref.finalize(opened, remove, os.path.dirname(path))
    return opened


def _directory(target: Target, path: str) -> OpenedTarget:
    problems = Problems()
    git = _repository(path, problems)
    if git is None:
        opened = OpenedTarget(target, WorkTree(path))
        _note_parent(path, problems)
    elif target.revision is not None:
        opened = OpenedTarget(target, _revision(git, target.revision), git)
    elif git.bare:
        opened = OpenedTarget(target, _tree_at_head(git), git)
    else:
        opened = OpenedTarget(target, WorkTree(path, git), git)
    opened.problems = problems
    return opened


def _repository(path: str, problems: Problems) -> "Git | None":
    """The repository at that path; None where there is none or it cannot be used, which `problems` then says."""
    from slsacheck.evidence.git.repository import Git

    try:
        return Git(path)
    except Absent:
        return None
    except (InputError, Unavailable) as error:
        problems.add(error.where or ".git", error.message, error.advice)
        return None


def _revision(git: "Git", revision: str) -> Tree:
    from slsacheck.evidence.git.tree import GitTree

    try:
        return GitTree(git, revision)
    except Absent as error:
        raise UsageError(
            f"there is no revision {revision}", advice="a commit, tag or branch; is it fetched?"
        ) from error


def _tree_at_head(git: "Git") -> Tree:
    from slsacheck.evidence.git.tree import GitTree

    try:
        return GitTree(git)
    except SlsacheckError:
        return EmptyTree()  # no commit yet, or HEAD is broken: the facts say which


def _note_parent(path: str, problems: Problems) -> None:
    """Says that a folder is only a part of a repository: its revision and its workflows are then not assessed."""
    parent = os.path.dirname(os.path.realpath(path))
    while parent != os.path.dirname(parent):
        if os.path.lexists(os.path.join(parent, ".git")):
            top = os.path.relpath(parent, os.path.realpath(path))
            problems.add(".", f"is a folder inside the repository at {top}", f"assess {top} to see its revision and CI")
            return
        parent = os.path.dirname(parent)
