"""Recording what is read of a target, raw, and saving it as one file that can be assessed elsewhere or later.

The file is a ZIP archive: `manifest.json` says what was asked and names each answer by its SHA-256, the answers are
`blobs/sha256/DIGEST`. Artifacts themselves are not in it, only their digests; the origin's URL is in it without
credentials, and nothing of the environment, the configuration of git or the place on this machine.
"""

import threading
from typing import TYPE_CHECKING, Any

from slsacheck import __version__
from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.contents import ByteCache, now
from slsacheck.evidence.git.remotes import strip_credentials
from slsacheck.evidence.git.repository import MAX_OBJECT, GitObject, Plumbing
from slsacheck.evidence.shelf import Described, Nearby, Shelf
from slsacheck.evidence.tree import MAX_FILE, Problems, Tree
from slsacheck.model import EvidenceRecord
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.git.listing import Listing
    from slsacheck.evidence.targets import OpenedTarget

__all__ = ["FORMAT", "FORMAT_VERSION", "Recorder", "named"]

FORMAT = "slsacheck-evidence"
FORMAT_VERSION = "1.1"
_KINDS: dict[str, type[SlsacheckError]] = {"absent": Absent, "input": InputError, "unavailable": Unavailable}


def named(kind: str) -> type[SlsacheckError]:
    """The class of an error that was recorded; Unavailable for a kind that this version does not know."""
    return _KINDS.get(kind, Unavailable)


class Blobs:
    """Contents by SHA-256."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keeps contents; their digest."""
        import hashlib

        digest = hashlib.sha256(data).hexdigest()
        self.items.setdefault(digest, data)
        return digest


@record(frozen=False)
class Log:
    """What one target was asked and what it answered, ready for JSON."""

    blobs: Blobs
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, str | None] = field(default_factory=dict)
    has: dict[str, bool] = field(default_factory=dict)
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    nearby: dict[str, dict[str, Any]] = field(default_factory=dict)
    attestations: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def error_of(error: SlsacheckError) -> dict[str, Any]:
    """An error as it is recorded."""
    kind = next((name for name, cls in _KINDS.items() if isinstance(error, cls)), "unavailable")
    return {"error": kind, "message": error.message, "advice": error.advice, "where": error.where}


class RecordingTree:
    """A tree that notes what is read."""

    def __init__(self, tree: Tree, log: Log) -> None:
        self._tree = tree
        self._log = log
        self.problems: Problems = getattr(tree, "problems", Problems())

    @property
    def listing(self) -> "Listing | None":
        """What git said of the work tree, if it was asked."""
        found: Listing | None = getattr(self._tree, "listing", None)
        return found

    def paths(self) -> tuple[str, ...]:
        """As the tree says."""
        return self._tree.paths()

    def exists(self, path: str) -> bool:
        """As the tree says."""
        return self._tree.exists(path)

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """As the tree says, noted."""
        try:
            data = self._tree.read(path, limit)
        except SlsacheckError as error:
            with self._log.lock:
                self._log.files.setdefault(path, error_of(error))
            raise
        with self._log.lock:
            self._log.files[path] = {"sha256": self._log.blobs.put(data)}
        return data

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        """As the tree says, noted."""
        self.read(path, limit)
        return self._tree.text(path, limit)

    def evidence_records(self) -> tuple[EvidenceRecord, ...]:
        """As the tree says."""
        found: tuple[EvidenceRecord, ...] = getattr(self._tree, "evidence_records", tuple)()
        return found


class RecordingGit:
    """A repository whose answers are noted."""

    def __init__(self, git: Plumbing, log: Log) -> None:
        self._git = git
        self._log = log
        self.top = git.top
        self.bare = git.bare

    def ask(self, *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """As the repository says, noted."""
        try:
            data = self._git.ask(*args, ok=ok)
        except SlsacheckError as error:
            self._log.answers[args] = error_of(error)
            raise
        self._log.answers[args] = {"sha256": self._log.blobs.put(data)}
        return data

    def status(self, *args: str) -> int:
        """As the repository says, noted."""
        try:
            code = self._git.status(*args)
        except SlsacheckError as error:
            self._log.answers[args] = error_of(error)
            raise
        self._log.answers[args] = {"status": code}
        return code

    def object(self, name: str, limit: int = MAX_OBJECT) -> GitObject:
        """As the repository says, noted."""
        try:
            found = self._git.object(name, limit)
        except SlsacheckError as error:
            self._log.objects.setdefault(name, error_of(error))
            raise
        self._log.objects[name] = {"name": found.name, "type": found.type, "sha256": self._log.blobs.put(found.data)}
        return found

    def head(self) -> str:
        """As the repository says."""
        return self._git.head()

    def setting(self, key: str) -> str | None:
        """As the repository says, noted without credentials."""
        value = self._git.setting(key)
        self._log.settings[key] = strip_credentials(value) if value and key.endswith(".url") else value
        return value

    def has(self, name: str) -> bool:
        """As the repository says, noted."""
        found = self._log.has[name] = self._git.has(name)
        return found


class RecordingShelf:
    """Artifacts and attestations, noted."""

    def __init__(self, shelf: Shelf, log: Log) -> None:
        self._shelf = shelf
        self._log = log

    def describe(self, path: str) -> Described:
        """As the shelf says, noted."""
        try:
            found = self._shelf.describe(path)
        except SlsacheckError as error:
            self._log.artifacts[path] = error_of(error)
            raise
        self._log.artifacts[path] = {"digests": dict(found.digests), "kind": found.kind}
        return found

    def nearby(self, path: str) -> Nearby:
        """As the shelf says, noted."""
        found = self._shelf.nearby(path)
        self._log.nearby[path] = {"own": list(found.own), "wide": list(found.wide), "looked": list(found.looked)}
        return found

    def local(self, path: str) -> str:
        """As the shelf says; the bytes are noted."""
        place = self._shelf.local(path)
        data = self._shelf.read().get(path)
        if data is not None:
            self._log.attestations[path] = {"sha256": self._log.blobs.put(data)}
        return place

    def read(self) -> ByteCache:
        """As the shelf says."""
        return self._shelf.read()


class Recorder:
    """Notes what is read of every target that it watches, and saves it."""

    def __init__(self) -> None:
        self._blobs = Blobs()
        self._watched: list[tuple[OpenedTarget, Log]] = []

    def watch(self, opened: "OpenedTarget") -> "OpenedTarget":
        """The same target, with everything that is read of it from now on noted."""
        log = Log(self._blobs)
        opened.tree = RecordingTree(opened.tree, log)
        opened.git = RecordingGit(opened.git, log) if opened.git is not None else None
        opened.shelf = RecordingShelf(opened.shelf, log)
        if any(item.kind == "image" for item in opened.target.artifacts):
            from slsacheck.evidence.oci.saved import NotingImages

            opened.images = NotingImages(log.images, self._blobs.put, error_of)
        self._watched.append((opened, log))
        return opened

    def save(self, path: str) -> int:
        """Writes the evidence file and returns its number of blobs. The same evidence gives the same bytes.

        Raises InputError where it cannot be written.
        """
        from slsacheck.evidence.archive import write

        manifest = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "tool": {"name": "slsacheck", "version": __version__},
            "collected_at": now(),
            "targets": [_target(opened, log) for opened, log in self._watched],
        }
        write(path, manifest, self._blobs.items)
        return len(self._blobs.items)


def _target(opened: "OpenedTarget", log: Log) -> dict[str, Any]:
    target = opened.target
    told = Problems()
    opened.tell(told)
    return {
        "kind": target.kind,
        "name": target.name,
        "revision": target.revision,
        "artifacts": [[item.reference, item.publication, item.kind] for item in target.artifacts],
        "given_attestations": list(target.attestations),
        "paths": "\n".join(_escaped(path) for path in opened.tree.paths()),
        "problems": [[problem.where, problem.reason, problem.advice] for problem in told.items()],
        "files": log.files,
        "listing": _listing(opened.tree),
        "git": _git(opened, log),
        "described": log.artifacts,
        "nearby": log.nearby,
        "attestations": log.attestations,
        "images": log.images,
        "asked": {"offline": bool(opened.offline), "online": opened.online, "plain_http": opened.plain_http},
        "platform": target.platform,
        "provenance_repository": target.provenance_repository,
    }


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def _listing(tree: Any) -> dict[str, Any] | None:
    listing: Listing | None = getattr(tree, "listing", None)
    if listing is None:
        return None
    return {
        "submodules": [name.hex() for name in listing.submodules],
        "changed": [name.hex() for name in listing.changed],
        "untracked": listing.untracked,
        "hidden": listing.hidden,
        "sparse": listing.sparse,
    }


def _git(opened: "OpenedTarget", log: Log) -> dict[str, Any] | None:
    if opened.git is None:
        return None
    return {
        "bare": opened.git.bare,
        "head": opened.git.head(),
        "settings": log.settings,
        "has": log.has,
        "objects": log.objects,
        "answers": [{"args": list(args), **answer} for args, answer in sorted(log.answers.items())],
    }
