"""Images in an evidence file: what a source answered, noted; and the same answers, given again without a network.

Manifests, configurations and attachments are kept by digest and checked against it again when they are replayed, by
the same functions that check them live. Layers are not kept.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from slsacheck.errors import InputError, SlsacheckError, Unavailable
from slsacheck.evidence.oci.manifest import Manifest, check_bytes, read_manifest
from slsacheck.evidence.oci.names import Descriptor, check_digest
from slsacheck.evidence.oci.source import Found, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.oci.streams import Stream

__all__ = ["Images", "NotingImages", "SavedImages"]

_AGAIN = "collect the evidence again"
Entry = dict[str, Any]


class Images(Protocol):
    """Where images are opened: live and noted, or as they were."""

    def opened(self, key: str, opening: Callable[[], Source]) -> Source:
        """The image of that key; `opening` opens it live. Raises what opening it raised."""


class NotingImages:
    """Opens images live and notes what they answer. `entries` are ready for JSON, `keep` gives a blob's digest."""

    def __init__(self, entries: Entry, keep: Callable[[bytes], str], failed: Callable[[SlsacheckError], Entry]) -> None:
        self._entries = entries
        self._keep = keep
        self._failed = failed

    def opened(self, key: str, opening: Callable[[], Source]) -> Source:
        """The image, live and noted; see `Images`."""
        entry = self._entries.setdefault(key, {})
        source: Source = self.noted(entry, "error", opening)
        entry |= {"name": source.name, "channel": source.channel, "holds_all": source.holds_all}
        return _Noting(source, entry, self)

    def noted(self, entry: Entry, name: str, ask: Callable[[], Any]) -> Any:
        """What is answered; an error is noted under that name and raised."""
        try:
            return ask()
        except SlsacheckError as error:
            entry[name] = self._failed(error)
            raise

    def kept(self, data: bytes) -> Entry:
        """Bytes as they are noted."""
        return {"sha256": self._keep(data)}


class _Noting:
    """A source whose answers are noted."""

    def __init__(self, source: Source, entry: Entry, images: NotingImages) -> None:
        self.name, self.channel, self.holds_all = source.name, source.channel, source.holds_all
        self.transport = getattr(source, "transport", None)
        self._source = source
        self._entry = entry
        self._images = images

    def image(self) -> Manifest:
        """As the source says, noted."""
        found: Manifest = self._images.noted(self._entry, "image", self._source.image)
        self._entry["image"] = found.digest
        self._note(found)
        return found

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """As the source says, noted."""
        manifests = self._entry.setdefault("manifests", {})
        found: Manifest = self._images.noted(manifests, descriptor.digest, lambda: self._source.manifest(descriptor))
        self._note(found)
        return found

    def _note(self, found: Manifest) -> None:
        entry = self._images.kept(found.data) if found.data else {"config_alone": True}
        self._entry.setdefault("manifests", {})[found.digest] = entry | {"media_type": found.media_type}

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """As the source says, noted."""
        blobs = self._entry.setdefault("blobs", {})
        data: bytes = self._images.noted(blobs, descriptor.digest, lambda: self._source.blob(descriptor, limit))
        blobs[descriptor.digest] = self._images.kept(data)
        return data

    def stream(self, descriptor: Descriptor) -> Stream:
        """As the source says; layers are not noted."""
        return self._source.stream(descriptor)

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """As the source says, noted."""
        entry = self._entry.setdefault("attached", {})
        found: Listing = self._images.noted(entry, digest, lambda: self._source.attached(digest, quick=quick))
        entry[digest] = {
            "found": [[*_plain(one.descriptor), one.found_by] for one in found.found],
            "looked_at": list(found.looked_at),
            "problems": [list(problem) for problem in found.problems],
        }
        return found

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """As the source says, noted."""
        size = self._source.layer_size(descriptor)
        self._entry.setdefault("sizes", {})[descriptor.digest] = size
        return size

    def moved(self) -> str | None:
        """As the source says, noted."""
        found: str | None = self._images.noted(self._entry, "moved", self._source.moved)
        self._entry["moved"] = found
        return found


def _plain(descriptor: Descriptor) -> list[Any]:
    return [descriptor.digest, descriptor.size, descriptor.media_type, [list(pair) for pair in descriptor.annotations]]


@contextmanager
def _sound(where: str) -> Iterator[None]:
    """What is noted may have been changed by anybody: what does not fit is told, and is no fault of ours."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError("is broken in the evidence file", where=where, advice=_AGAIN) from error


class SavedImages:
    """Images as they were. `read` gives a blob by its digest, `failed` the error that an entry holds."""

    def __init__(self, entries: Entry, read: Callable[[str], bytes], failed: Callable[[Entry], SlsacheckError]) -> None:
        self._entries = entries
        self.read = read
        self._failed = failed

    def opened(self, key: str, opening: Callable[[], Source]) -> Source:
        """The image as it was; see `Images`."""
        del opening
        with _sound(key):
            entry = self._entries.get(key)
            if isinstance(entry, dict) and "error" in entry:
                raise self._failed(entry["error"])
            return _Saved(self.answered(entry, key), self)

    def answered(self, entry: Any, where: str, name: str = "") -> Any:
        """What was noted, unless that is an error, or nothing."""
        if entry is None:
            raise Unavailable("was not read when the evidence was collected", where=where, advice=_AGAIN)
        found = entry.get(name) if name else entry
        if isinstance(found, dict) and "error" in found:
            raise self._failed(found)
        return entry


class _Saved:
    """A source that answers from what was noted."""

    def __init__(self, entry: Entry, images: SavedImages) -> None:
        self.name = str(entry["name"])
        self.channel: str | None = None if entry["channel"] is None else str(entry["channel"])
        self.holds_all = bool(entry["holds_all"])
        self._entry = entry
        self._images = images

    def image(self) -> Manifest:
        """The image as it was; its digest is that of its bytes."""
        with _sound(self.name):
            found = self._images.answered({"image": self._entry.get("image")}, self.name, "image")["image"]
            return self.manifest(Descriptor(check_digest(str(found), self.name)))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """A manifest as it was, checked again."""
        with _sound(self.name):
            entry = self._answer("manifests", descriptor.digest)
            kind = str(entry["media_type"])
            if entry.get("config_alone"):  # what `docker save` wrote before it wrote manifests
                config = Descriptor(descriptor.digest, None, kind)
                return Manifest(config, kind, is_index=False, config=config)
            data = check_bytes(descriptor, self._images.read(str(entry["sha256"])), self.name)
            return read_manifest(descriptor, data, self.name, kind)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob as it was, checked again."""
        with _sound(self.name):
            data = self._images.read(str(self._answer("blobs", descriptor.digest)["sha256"]))
            if len(data) > limit:
                raise Unavailable(f"{descriptor.digest} is larger than {limit} bytes", where=self.name)
            return check_bytes(descriptor, data, self.name)

    def stream(self, descriptor: Descriptor) -> Stream:
        """Raises Unavailable: layers are not in an evidence file."""
        raise Unavailable(f"layer {descriptor.digest} is not in the evidence file", where=self.name)

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """What hung on a digest then."""
        with _sound(self.name):
            del quick
            entry = self._answer("attached", digest)
            found = [
                Found(Descriptor(check_digest(str(name), self.name), size, str(kind), "", _pairs(notes)), str(found_by))
                for name, size, kind, notes, found_by in entry["found"]
            ]
            looked = tuple(str(one) for one in entry["looked_at"])
            problems = tuple((str(where), str(reason)) for where, reason in entry["problems"])
            return Listing(tuple(found), looked, problems)

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """The size that a layer had then; None where it did not lie there."""
        with _sound(self.name):
            size = dict(self._entry.get("sizes") or {}).get(descriptor.digest)
            return int(size) if size is not None else None

    def moved(self) -> str | None:
        """Where the tag had moved while it was looked at."""
        with _sound(self.name):
            found = self._entry.get("moved")
            if isinstance(found, dict):
                self._images.answered(found, self.name)
            return str(found) if isinstance(found, str) else None

    def _answer(self, part: str, digest: str) -> Entry:
        entry = dict(self._entry.get(part) or {}).get(digest)
        found: Entry = self._images.answered(entry, f"{self.name}@{digest}")
        return found


def _pairs(notes: list[list[Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in notes)
