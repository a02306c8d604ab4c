"""What `docker save` and its kind write: a configuration and layers in an archive, and no manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.limits import MAX_CONFIG, MAX_MANIFEST, MAX_MANIFESTS
from slsacheck.evidence.oci.manifest import Manifest, json_document
from slsacheck.evidence.oci.names import Descriptor, check_digest
from slsacheck.evidence.oci.source import Listing
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.oci.streams import Stream
    from slsacheck.evidence.oci.tar import TarFiles

__all__ = ["SavedSource"]

_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_HEX = regex(r"[0-9a-f]{64}")
_GZIP = b"\x1f\x8b"


class SavedSource:
    """What `docker save` wrote before it wrote layouts: a configuration and layers, no manifest.

    Such an archive has no manifest digest, which is what signatures and attestations speak of: its image is known by
    the digest of its configuration (the image id) alone.
    """

    channel: str | None = None
    holds_all = False

    def __init__(self, files: TarFiles, tag: str | None = None) -> None:
        self.name = files.name
        self._files = files
        entries = [as_map(one) for one in _saved(files)]
        chosen = [one for one in entries if tag is None or any(_ends(name, tag) for name in _tags(one))]
        if not chosen:
            raise Absent(f"holds no image{f' named {shown(tag)}' if tag else ''}", where=self.name)
        self._config_name = as_text(chosen[0].get("Config"))
        self._layer_names = [as_text(one) for one in as_list(chosen[0].get("Layers"))]
        self._data = files.read(self._config_name, MAX_CONFIG)
        self._layers: tuple[tuple[Descriptor, str], ...] | None = None

    def image(self) -> Manifest:
        """The image as far as it is there: its configuration, by its own digest, and its layers."""
        import hashlib

        digest = f"sha256:{hashlib.sha256(self._data).hexdigest()}"
        claimed = self._config_name.rpartition("/")[2].removesuffix(".json").removeprefix("sha256:")
        if f"sha256:{claimed}" != digest:
            raise InputError(
                f"{shown(self._config_name)} is named by another digest than it has",
                where=self.name,
                advice="the archive is damaged or was tampered with; save the image again",
            )
        config = Descriptor(digest, len(self._data), "application/vnd.docker.container.image.v1+json")
        layers = tuple(layer for layer, _ in self._named_layers())
        return Manifest(config, config.media_type, is_index=False, config=config, layers=layers)

    def _named_layers(self) -> tuple[tuple[Descriptor, str], ...]:
        """The layers, and their files: uncompressed they are known by what the configuration says of them."""
        if self._layers is None:
            place = f"{self.name}/{self._config_name}"
            diff_ids = [as_text(one) for one in as_list(dig(json_document(self._data, place), "rootfs", "diff_ids"))]
            if len(diff_ids) != len(self._layer_names) or len(diff_ids) > MAX_MANIFESTS:
                raise InputError(
                    f"has {len(self._layer_names)} layers, and its configuration names {len(diff_ids)}",
                    where=self.name,
                    advice="the archive is damaged or was tampered with; save the image again",
                )
            pairs = zip(diff_ids, self._layer_names, strict=True)
            self._layers = tuple((self._layer(check_digest(diff_id, place), name), name) for diff_id, name in pairs)
        return self._layers

    def _layer(self, diff_id: str, name: str) -> Descriptor:
        """A layer; tools that leave it compressed (crane, ko, Kaniko, Bazel) name its file by its digest."""
        if not self._files.has(name):
            return Descriptor(diff_id, None, _LAYER)
        stream = self._files.open(name)
        squashed = stream.read(2) == _GZIP
        stream.close()
        stem = name.rpartition("/")[2].partition(".")[0].removeprefix("sha256:")
        digest = f"sha256:{stem}" if squashed and _HEX.fullmatch(stem) else diff_id
        return Descriptor(digest, self._files.size(name), _LAYER + (".gzip" if squashed else ""))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Raises Absent: there are none."""
        raise Absent(f"has no manifest {descriptor.digest}: `docker save` wrote none", where=self.name)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """The configuration."""
        if len(self._data) > limit or descriptor.digest != self.image().digest:
            raise Absent(f"has no {descriptor.digest}", where=self.name)
        return self._data

    def stream(self, descriptor: Descriptor) -> Stream:
        """A layer, in pieces."""
        name = next((name for layer, name in self._named_layers() if layer.digest == descriptor.digest), None)
        if name is None:
            raise Absent(f"has no {descriptor.digest}", where=self.name)
        return self._files.open(name)

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """None: no manifest says another size than a layer has."""
        del descriptor
        return None

    def moved(self) -> str | None:
        """Nothing moves here."""
        return None

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """Nothing: such an archive cannot hold attachments."""
        del digest, quick
        return Listing(looked_at=(f"{self.name} (no manifest)",))


def _saved(files: TarFiles) -> list[object]:
    wrapped = b'{"images":' + files.read("manifest.json", MAX_MANIFEST) + b"}"
    document: Document = json_document(wrapped, f"{files.name}/manifest.json")
    return as_list(document.get("images"))[:MAX_MANIFESTS]


def _tags(entry: Document) -> list[str]:
    return [as_text(one) for one in as_list(entry.get("RepoTags"))]


def _ends(name: str, tag: str) -> bool:
    return name == tag or name.rpartition(":")[2] == tag
