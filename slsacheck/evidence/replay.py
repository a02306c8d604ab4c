"""Replaying evidence that was saved: the same questions, answered from the file, each answer checked by its digest."""

import os
import re
import weakref
from typing import Any

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable, UsageError
from slsacheck.evidence.archive import MAX_MANIFEST, Archive
from slsacheck.evidence.contents import ByteCache, decode_text, too_large
from slsacheck.evidence.git.listing import Listing
from slsacheck.evidence.git.repository import MAX_OBJECT, GitObject, object_name
from slsacheck.evidence.recording import FORMAT, FORMAT_VERSION, named
from slsacheck.evidence.shelf import Described, Nearby
from slsacheck.evidence.targets import OpenedTarget
from slsacheck.evidence.tree import MAX_FILE, Problems
from slsacheck.model import ArtifactInput, EvidenceRecord, Target

__all__ = ["Recording", "load"]

_BROKEN = "collect the evidence again"


class Recording:
    """Evidence that was saved: its targets, and how to open each. Raises InputError where it is broken."""

    def __init__(self, path: str) -> None:
        self.archive = Archive(path)
        manifest = self._manifest()
        try:
            self.collected_at = str(manifest["collected_at"])
            self.tool_version = str(manifest["tool"]["version"])
            self._entries = {_target_of(entry): entry for entry in manifest["targets"]}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"its manifest lacks {error}", where=path, advice=_BROKEN) from error

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that were recorded."""
        return tuple(self._entries)

    def open(self, target: Target) -> OpenedTarget:
        """A recorded target, opened. Raises UsageError where it was not recorded, InputError where it is broken."""
        entry = next((entry for known, entry in self._entries.items() if _same(known, target)), None)
        if entry is None:
            raise UsageError(f"{target.name} is not in {self.archive.path}", advice="collect it first")
        try:
            return self._opened(target, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"its manifest is broken at {target.name}: {error}"
            raise InputError(reason, where=self.archive.path, advice=_BROKEN) from error

    def _opened(self, target: Target, entry: dict[str, Any]) -> OpenedTarget:
        tree = RecordedTree(entry, self.archive, self.collected_at)
        git = RecordedGit(entry["git"], self.archive) if entry["git"] is not None else None
        opened = OpenedTarget(target, tree, git)
        opened.shelf = RecordedShelf(entry, self.archive)
        if entry.get("images"):
            from slsacheck.evidence.oci.saved import SavedImages

            asked = entry["asked"]
            opened.images = SavedImages(entry["images"], self.archive.blob, _raised)
            opened.offline, opened.online = bool(asked["offline"]), bool(asked["online"])
        return opened

    def _manifest(self) -> dict[str, Any]:
        import json

        path = self.archive.path
        try:
            manifest = json.loads(self.archive.member("manifest.json", MAX_MANIFEST))
        except (ValueError, RecursionError) as error:
            raise InputError("its manifest is not JSON", where=path, advice=_BROKEN) from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise InputError("is not an evidence file of slsacheck", where=path, advice=_BROKEN)
        version = str(manifest.get("format_version"))
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise InputError(f"has the format version {version[:20]}", where=path, advice="use a newer slsacheck")
        return manifest


def load(path: str) -> Recording:
    """The evidence in a file. Raises UsageError where there is no such file, InputError where it is broken."""
    return Recording(path)


class RecordedTree:
    """Files as they were read."""

    def __init__(self, entry: dict[str, Any], archive: Archive, collected_at: str) -> None:
        self.problems = Problems()
        for where, reason, advice in entry["problems"]:
            self.problems.add(str(where), str(reason), str(advice))
        text = str(entry["paths"])
        self._paths = tuple(_unescaped(line) for line in text.split("\n")) if text else ()
        self._known = frozenset(self._paths)
        self._files = {str(path): dict(answer) for path, answer in entry["files"].items()}
        self._archive = archive
        self._collected_at = collected_at
        self.listing = _listing(entry["listing"])

    def paths(self) -> tuple[str, ...]:
        """The paths that there were; see `Tree.paths`."""
        return self._paths

    def exists(self, path: str) -> bool:
        """Whether that path was one of them."""
        return path in self._known

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of a file as they were; Unavailable where it was not read then."""
        answer = self._files.get(path)
        if answer is None:
            if path in self._known:
                raise Unavailable("was not read when the evidence was collected", where=path, advice=_BROKEN)
            raise Absent("there is no such file", where=path)
        if "error" in answer:
            raise _raised(answer)
        data = self._archive.blob(str(answer["sha256"]))
        if len(data) > limit:
            raise too_large(path, len(data), limit)
        return data

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        """The same as text; see `Tree.text`."""
        return decode_text(self.read(path, limit), path)

    def evidence_records(self) -> tuple[EvidenceRecord, ...]:
        """The files that had been read, by digest."""
        return tuple(
            EvidenceRecord(f"file {path}", f"sha256:{answer['sha256']}", self._collected_at)
            for path, answer in sorted(self._files.items())
            if "sha256" in answer
        )


class RecordedGit:
    """A repository's answers as they were."""

    def __init__(self, entry: dict[str, Any], archive: Archive) -> None:
        self.top = ""
        self.bare = bool(entry["bare"])
        self._head = str(entry["head"])
        self._settings = dict(entry["settings"])
        self._has = dict(entry["has"])
        self._objects = {str(name): dict(answer) for name, answer in entry["objects"].items()}
        self._answers = {tuple(answer["args"]): dict(answer) for answer in entry["answers"]}
        self._archive = archive

    def ask(self, *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """The answer as it was; see `Plumbing.ask`."""
        del ok
        return self._archive.blob(str(self._answer(args)["sha256"]))

    def status(self, *args: str) -> int:
        """The exit status as it was; see `Plumbing.status`."""
        return int(self._answer(args)["status"])

    def object(self, name: str, limit: int = MAX_OBJECT) -> GitObject:
        """The object as it was, its name checked again; see `Plumbing.object`."""
        answer = self._objects.get(name)
        if answer is None:
            raise Unavailable(f"object {name} was not read when the evidence was collected", advice=_BROKEN)
        if "error" in answer:
            raise _raised(answer)
        found = GitObject(str(answer["name"]), str(answer["type"]), self._archive.blob(str(answer["sha256"])))
        if found.name != object_name(found.type, found.data, len(found.name)):
            raise InputError("does not have the digest that it is named by", where=found.name, advice=_BROKEN)
        if len(found.data) > limit:
            raise too_large(name, len(found.data), limit)
        return found

    def head(self) -> str:
        """The text of HEAD as it was."""
        return self._head

    def setting(self, key: str) -> str | None:
        """A configuration value as it was."""
        value = self._settings.get(key)
        return None if value is None else str(value)

    def has(self, name: str) -> bool:
        """Whether that file was there."""
        return bool(self._has.get(name))

    def _answer(self, args: tuple[str, ...]) -> dict[str, Any]:
        answer = self._answers.get(args)
        if answer is None:
            raise Unavailable(f"git {args[0]} was not asked when the evidence was collected", advice=_BROKEN)
        if "error" in answer:
            raise _raised(answer)
        return answer


class RecordedShelf:
    """Artifacts and attestations as they were; an attestation gets a file of ours, named by its digest."""

    def __init__(self, entry: dict[str, Any], archive: Archive) -> None:
        self._described = {str(path): dict(answer) for path, answer in entry["described"].items()}
        self._nearby = {str(path): dict(answer) for path, answer in entry["nearby"].items()}
        self._attestations = {str(path): dict(answer) for path, answer in entry["attestations"].items()}
        self._archive = archive
        self._kept = ByteCache()
        self._directory = ""

    def describe(self, path: str) -> Described:
        """Digests and kind as they were; see `Shelf.describe`."""
        answer = self._described.get(path)
        if answer is None:
            raise Unavailable("was not read when the evidence was collected", where=path, advice=_BROKEN)
        if "error" in answer:
            raise _raised(answer)
        digests = tuple((str(name), str(value)) for name, value in sorted(answer["digests"].items()))
        return Described(digests, str(answer["kind"]))

    def nearby(self, path: str) -> Nearby:
        """What lay near it; see `Shelf.nearby`."""
        answer = self._nearby.get(path)
        if answer is None:
            return Nearby((), (), ())
        own, wide, looked = (tuple(str(name) for name in answer[key]) for key in ("own", "wide", "looked"))
        return Nearby(own, wide, looked)

    def local(self, path: str) -> str:
        """A file with the bytes as they were; see `Shelf.local`."""
        answer = self._attestations.get(path)
        if answer is None:
            raise Unavailable("was not read when the evidence was collected", where=path, advice=_BROKEN)
        digest = str(answer["sha256"])
        data = self._archive.blob(digest)
        self._kept.put(path, data)
        place = os.path.join(self._folder(), digest)
        if not os.path.exists(place):
            with open(place, "xb") as stream:
                stream.write(data)
        return place

    def read(self) -> ByteCache:
        """The attestations that were asked for."""
        return self._kept

    def _folder(self) -> str:
        if not self._directory:
            from slsacheck.evidence.git.clone import remove
            from slsacheck.evidence.git.shadow import private_directory

            self._directory = private_directory()
            weakref.finalize(self, remove, self._directory)
        return self._directory


def _target_of(entry: dict[str, Any]) -> Target:
    artifacts = tuple(
        ArtifactInput(str(reference), None if publication is None else str(publication), str(kind))
        for reference, publication, kind in entry["artifacts"]
    )
    return Target(
        kind=str(entry["kind"]),
        name=str(entry["name"]),
        artifacts=artifacts,
        attestations=tuple(str(path) for path in entry["given_attestations"]),
        revision=None if entry["revision"] is None else str(entry["revision"]),
        platform=_text(entry.get("platform")),
        provenance_repository=_text(entry.get("provenance_repository")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _same(known: Target, asked: Target) -> bool:
    return (known.kind, known.name, known.revision, known.artifacts) == (
        asked.kind,
        asked.name,
        asked.revision,
        asked.artifacts,
    )


def _raised(answer: dict[str, Any]) -> SlsacheckError:
    kind = named(str(answer["error"]))
    return kind(str(answer["message"]), advice=str(answer["advice"]), where=str(answer["where"]))


def _unescaped(line: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], line)


def _listing(entry: dict[str, Any] | None) -> Listing | None:
    if entry is None:
        return None
    submodules, changed = (tuple(bytes.fromhex(name) for name in entry[key]) for key in ("submodules", "changed"))
    untracked, hidden, sparse = (int(entry[key]) for key in ("untracked", "hidden", "sparse"))
    return Listing((), (), submodules, changed, untracked, hidden, sparse)
