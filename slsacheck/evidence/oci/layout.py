"""Images on this machine: OCI layouts, folder or tar."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Protocol

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.attestations.jsondoc import as_list
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.files import read_regular
from slsacheck.evidence.oci.limits import MAX_ATTACHED, MAX_MANIFEST, MAX_MANIFESTS
from slsacheck.evidence.oci.manifest import Manifest, check_bytes, json_document, read_manifest
from slsacheck.evidence.oci.names import Descriptor, check_digest, descriptor_of
from slsacheck.evidence.oci.source import Found, Listing
from slsacheck.evidence.oci.tar import TarFiles

if TYPE_CHECKING:
    from slsacheck.evidence.oci.docker_save import SavedSource
    from slsacheck.evidence.oci.streams import Section, Stream

__all__ = ["FolderFiles", "LayoutSource", "open_archive"]

_REF_NAME = "org.opencontainers.image.ref.name"
COSIGN = (".sig", ".att", ".sbom")
"""Endings of cosign's tags."""
_SAVED = "dev.cosignproject.cosign/"
"""What `cosign save` writes as `kind` of each entry: image, imageIndex, and the sigs and atts of that one image."""


class Files(Protocol):
    """Files by name, of a folder or an archive."""

    name: str

    def has(self, name: str) -> bool:
        """Whether there is such a file."""

    def size(self, name: str) -> int:
        """Its size. Raises Absent."""

    def read(self, name: str, limit: int) -> bytes:
        """Its bytes. Raises Absent or InputError."""

    def open(self, name: str) -> Stream:
        """Its bytes in pieces. Raises Absent or InputError."""


class FolderFiles:
    """The files of a folder; links are not followed."""

    def __init__(self, path: str, name: str) -> None:
        self._path = path
        self.name = name

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return os.path.isfile(os.path.join(self._path, name))  # noqa: PTH113, PTH118 - as in the evidence's files

    def size(self, name: str) -> int:
        """Its size. Raises Absent."""
        try:
            return os.stat(os.path.join(self._path, name), follow_symlinks=False).st_size  # noqa: PTH116, PTH118
        except OSError as error:
            raise Absent(f"has no {name}", where=self.name) from error

    def read(self, name: str, limit: int) -> bytes:
        """Its bytes. Raises Absent or InputError."""
        return read_regular(os.path.join(self._path, name), f"{self.name}/{name}", limit)  # noqa: PTH118 - see above

    def open(self, name: str) -> Section:
        """Its bytes in pieces. Raises Absent or InputError."""
        from slsacheck.evidence.oci.streams import Section, open_regular

        where = f"{self.name}/{name}"
        return Section(open_regular(os.path.join(self._path, name), where), where)  # noqa: PTH118 - see above


class LayoutSource:
    """An OCI layout (image-layout specification): the image is the first of its index, or the one that was named."""

    channel: str | None = None
    holds_all = False

    def __init__(self, files: Files, tag: str | None = None, digest: str | None = None) -> None:
        self.name = files.name
        self._files = files
        self._tag = tag
        self._digest = digest
        entries = as_list(json_document(files.read("index.json", MAX_MANIFEST), files.name).get("manifests"))
        if len(entries) > MAX_MANIFESTS:
            raise InputError(f"names more than {MAX_MANIFESTS:,} images", where=files.name)
        self._entries = tuple(descriptor_of(entry, f"{files.name}/index.json") for entry in entries)
        self._kept: dict[Descriptor, Manifest] = {}

    def image(self) -> Manifest:
        """The image: the first, or the one of the tag or digest that was named."""
        for entry in self._entries:
            if self._digest is None and (self._tag is None or _is_tag(entry, self._tag)):
                return self.manifest(entry)
            if entry.digest == self._digest:
                return self.manifest(entry)
        return self._inside()

    def _inside(self) -> Manifest:
        """The named digest as a platform image of one of the indexes."""
        for entry in self._entries if self._digest else ():
            whole = self.manifest(entry)
            for child in whole.children:
                if child.digest == self._digest:
                    return self.manifest(child)
        named = f" named {shown(self._tag or self._digest)}" if self._tag or self._digest else ""
        raise Absent(f"holds no image{named}", where=self.name)

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """A manifest, checked."""
        if descriptor not in self._kept:
            data = self.blob(descriptor, MAX_MANIFEST)
            self._kept[descriptor] = read_manifest(descriptor, data, self.name)
        return self._kept[descriptor]

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob, checked."""
        algorithm, _, value = check_digest(descriptor.digest, self.name).partition(":")
        return check_bytes(descriptor, self._files.read(f"blobs/{algorithm}/{value}", limit), self.name)

    def stream(self, descriptor: Descriptor) -> Stream:
        """A blob of any size, in pieces."""
        algorithm, _, value = check_digest(descriptor.digest, self.name).partition(":")
        return self._files.open(f"blobs/{algorithm}/{value}")

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """The size of a blob as it lies here; None where it does not."""
        algorithm, _, value = descriptor.digest.partition(":")
        name = f"blobs/{algorithm}/{value}"
        return self._files.size(name) if self._files.has(name) else None

    def moved(self) -> str | None:
        """Nothing moves here."""
        return None

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """Manifests of the layout whose subject is that digest, and those of its tags."""
        del quick  # nothing is quicker than the whole of it
        tag = digest.replace(":", "-")
        found: list[Found] = []
        problems: list[tuple[str, str]] = []
        for entry in self._entries:
            try:
                found.extend(self._of_entry(entry, digest, tag))
            except SlsacheckError as problem:
                problems.append((problem.where or self.name, problem.message))
        unique = {one.descriptor.digest: one for one in reversed(found)}
        kept = tuple(reversed(unique.values()))
        if len(kept) > MAX_ATTACHED:
            problems.append((self.name, f"has more than {MAX_ATTACHED} attachments of one image"))
        return Listing(kept[:MAX_ATTACHED], (f"{self.name} (index.json)",), tuple(problems))

    def _of_entry(self, entry: Descriptor, digest: str, tag: str) -> list[Found]:
        if entry.digest == digest:
            return []
        if _is_tag(entry, tag):
            return [Found(child, "fallback-tag") for child in self.manifest(entry).children]
        if any(_is_tag(entry, tag + ending) for ending in COSIGN) or self._is_saved_with(entry, digest):
            return [Found(entry, "cosign-tag")]
        manifest = self.manifest(entry)
        if manifest.subject is not None and manifest.subject.digest == digest:
            return [Found(entry, "referrers")]
        return []

    def _is_saved_with(self, entry: Descriptor, digest: str) -> bool:
        """Whether `cosign save` put the entry beside that image: it has no tags in its layouts."""
        if entry.annotation("kind") not in (f"{_SAVED}sigs", f"{_SAVED}atts"):
            return False
        images = [one for one in self._entries if one.annotation("kind").startswith(f"{_SAVED}image")]
        return [one.digest for one in images] == [digest]


def _is_tag(entry: Descriptor, tag: str) -> bool:
    """Whether a descriptor has that tag; tools write the tag alone or the whole reference."""
    name = entry.annotation(_REF_NAME)
    return name == tag or (name.rpartition(":")[2] == tag and "/" in name)


def open_archive(path: str, name: str, tag: str | None = None, digest: str | None = None) -> LayoutSource | SavedSource:
    """The image in a tar archive. Raises Absent where it holds none, InputError where it cannot be read."""
    from slsacheck.evidence.oci.docker_save import SavedSource

    files = TarFiles(path, name)
    if files.has("index.json"):
        return LayoutSource(files, tag, digest)
    if files.has("manifest.json"):
        return SavedSource(files, tag)
    raise Absent("holds no image: it has neither index.json nor manifest.json", where=name)
