"""An image in a registry (distribution specification 1.1), asked for as little as possible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.attestations.jsondoc import as_list, as_text
from slsacheck.evidence.oci.http import Transport
from slsacheck.evidence.oci.layout import COSIGN
from slsacheck.evidence.oci.limits import MAX_ATTACHED, MAX_LAYER, MAX_MANIFEST, MAX_PAGES
from slsacheck.evidence.oci.manifest import Manifest, check_bytes, json_document, read_manifest
from slsacheck.evidence.oci.names import (
    INDEXES,
    MANIFESTS,
    SCHEMA_1,
    Descriptor,
    Reference,
    check_digest,
    descriptor_of,
)
from slsacheck.evidence.oci.source import Found, Listing
from slsacheck.evidence.web import Reply
from slsacheck.evidence.web.addresses import host_of, joined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from slsacheck.evidence.oci.registries import Registries
    from slsacheck.evidence.oci.streams import Stream
    from slsacheck.evidence.web import Budget

__all__ = ["RegistrySource"]

_SMALL = 8 << 20
"""Bytes of a blob that is kept in memory."""
_ACCEPT = {"Accept": ", ".join(sorted(INDEXES | MANIFESTS))}
_LIST = {"Accept": "application/vnd.oci.image.index.v1+json"}
_NO_LIST = (400, 404, 405, 406, 501)
"""How registries without a list of referrers answer."""
_OK, _NOT_FOUND, _UNAUTHORIZED, _FORBIDDEN = 200, 404, 401, 403
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
_NEXT = re.compile(r"<([^<>]{1,4000})>\s*;[^,]*\brel=\"?next\"?", re.IGNORECASE)


class RegistrySource:
    """One image of a registry and what hangs on it. Every manifest and list is asked for once."""

    holds_all = True

    def __init__(
        self,
        reference: Reference,
        *,
        plain_http: bool = False,
        environment: Mapping[str, str] | None = None,
        budget: Budget | None = None,
        named: bool = True,
        shared: Registries | None = None,
    ) -> None:
        self.reference = reference
        self.name = str(reference)
        self.channel: str | None = reference.host
        host = _HUB.get(reference.host, reference.host)
        repository = reference.repository
        if host != reference.host and "/" not in repository:
            repository = f"library/{repository}"
        base = f"{'http' if plain_http else 'https'}://{host}"
        self.transport = Transport(base, plain_http=plain_http, budget=budget, named=named, shared=shared)
        self._path = f"{self.transport.base}/v2/{repository}"
        self._login = self.transport.shared.login(reference.host, repository, environment)
        self._manifests: dict[Descriptor, Manifest] = {}
        self._tagged: dict[str, Manifest | None] = {}
        self._listed: dict[str, list[Found] | None] = {}
        self._image: Manifest | None = None

    def image(self) -> Manifest:
        """The image that the reference names; a digest in it is checked, a tag is looked up once."""
        if self._image is None:
            named = self.reference.digest or self.reference.tag or "latest"
            self._image = self._named(named, self.reference.digest)
        return self._image

    def moved(self) -> str | None:
        """The digest that the tag has now, where it is another one than before; None without a tag, or the same.

        Raises SlsacheckError where the registry does not tell.
        """
        if self.reference.digest is not None or self._image is None:
            return None
        now = self._named(self.reference.tag or "latest", None).digest
        return now if now != self._image.digest else None

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """A manifest by its digest, checked."""
        if descriptor not in self._manifests:
            answer = self._asked(f"manifests/{descriptor.digest}", _ACCEPT, _bound(descriptor, MAX_MANIFEST))
            check_bytes(descriptor, answer.body, self.name)
            self._manifests[descriptor] = read_manifest(descriptor, answer.body, self.name, _media_type(answer))
        return self._manifests[descriptor]

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob, checked."""
        if descriptor.size is not None and descriptor.size > limit:
            raise InputError(f"{descriptor.digest} is larger than {limit} bytes", where=self.name)
        answer = self._asked(f"blobs/{descriptor.digest}", {}, _bound(descriptor, limit))
        return check_bytes(descriptor, answer.body, self.name)

    def stream(self, descriptor: Descriptor) -> Stream:
        """A blob of any size: kept as it comes, in memory while it is small, else in a file without a name."""
        from tempfile import SpooledTemporaryFile

        from slsacheck.evidence.oci.streams import Section

        file = SpooledTemporaryFile(max_size=_SMALL)  # noqa: SIM115 - whoever reads it closes it
        try:
            limit = _bound(descriptor, MAX_LAYER)
            self._at(f"{self._path}/blobs/{descriptor.digest}", {}, limit, sink=cast("BinaryIO", file))
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return Section(cast("BinaryIO", file), self.name)

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """None: no layer lies on this machine."""
        del descriptor
        return None

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """Referrers (or the fallback tag where the registry has no such list) and, unless `quick`, cosign's tags."""
        tag = digest.replace(":", "-")
        found: dict[str, Found] = {}
        looked, problems = [], []
        for ending in ("",) if quick else ("", *COSIGN):
            looked.append(f"{self.reference.name}{f':{tag}{ending}' if ending else ' (referrers or fallback tag)'}")
            try:
                for one in self._tag(tag + ending) if ending else self._referrers(digest, tag, quick=quick):
                    found.setdefault(one.descriptor.digest, one)
            except SlsacheckError as problem:
                problems.append((problem.where or self.name, problem.message))
        kept = tuple(found.values())
        if len(kept) > MAX_ATTACHED:
            problems.append((self.name, f"has more than {MAX_ATTACHED} attachments of one image"))
        return Listing(kept[:MAX_ATTACHED], tuple(looked), tuple(problems))

    def _named(self, name: str, digest: str | None) -> Manifest:
        """A manifest by tag (or digest), which tells its own digest."""
        answer = self._asked(f"manifests/{name}", {"Accept": f"{_ACCEPT['Accept']}, {SCHEMA_1[1]}"}, MAX_MANIFEST)
        stated = answer.headers.get("docker-content-digest") or ""
        if digest is None:
            import hashlib

            digest = f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
            if stated.startswith("sha256:") and stated != digest:
                raise InputError(f"names the digest {check_digest(stated, self.name)} for other bytes", where=self.name)
        descriptor = Descriptor(digest, None)
        check_bytes(descriptor, answer.body, self.name)
        return read_manifest(descriptor, answer.body, self.name, _media_type(answer))

    def _tag(self, tag: str) -> list[Found]:
        manifest = self._attached_by(tag)
        if manifest is None:
            return []
        self._manifests[manifest.descriptor] = manifest
        return [Found(manifest.descriptor, "cosign-tag")]

    def _attached_by(self, tag: str) -> Manifest | None:
        """The manifest of a tag that is made of a digest; None where there is no such tag."""
        if tag not in self._tagged:
            try:
                self._tagged[tag] = self._named(tag, None)
            except Absent:
                self._tagged[tag] = None
        return self._tagged[tag]

    def _referrers(self, digest: str, tag: str, *, quick: bool) -> list[Found]:
        """The list of referrers; the fallback tag where the registry has no list.

        Where the list is empty the tag is asked for too, unless `quick`: a registry that learned of lists later may
        still keep what was pushed before.
        """
        if digest not in self._listed:
            self._listed[digest] = self._pages(digest)
        found = self._listed[digest]
        if found is None or not (found or quick):
            return self._fallback(tag, digest)
        return found

    def _pages(self, digest: str) -> list[Found] | None:
        """The list of referrers, page by page; None where the registry has no list."""
        url, found, seen = f"{self._path}/referrers/{digest}", list[Found](), set[str]()
        while url:
            if url in seen or len(seen) >= MAX_PAGES or len(found) > MAX_ATTACHED:
                raise InputError("lists referrers without end", where=self.name)
            seen.add(url)
            try:
                answer = self._at(url, _LIST, MAX_MANIFEST, absent=_NO_LIST)
            except Absent:
                return None
            document = json_document(answer.body, f"{self.name} (referrers)")
            if "manifests" not in document:
                return None
            entries = as_list(document.get("manifests"))
            found += [Found(descriptor_of(one, f"{self.name} (referrers)"), "referrers") for one in entries]
            url = self._next(url, answer)
        return found

    def _next(self, url: str, answer: Reply) -> str:
        match = _NEXT.search(answer.headers.get("link", ""))
        following = joined(url, match[1]) if match else ""
        if following and (host_of(following) != self.transport.host or urlsplit(following).path != urlsplit(url).path):
            raise InputError("continues its list of referrers elsewhere", where=self.name)
        return following

    def _fallback(self, tag: str, digest: str) -> list[Found]:
        """The entries of the fallback tag; none where it names the image itself, as `cosign copy` leaves it."""
        manifest = self._attached_by(tag)
        if manifest is None or manifest.digest == digest:
            return []
        return [Found(child, "fallback-tag") for child in manifest.children]

    def _asked(self, path: str, headers: Mapping[str, str], limit: int) -> Reply:
        return self._at(f"{self._path}/{path}", headers, limit)

    def _at(
        self,
        url: str,
        headers: Mapping[str, str],
        limit: int,
        absent: tuple[int, ...] = (_NOT_FOUND,),
        sink: BinaryIO | None = None,
    ) -> Reply:
        """The answer to a request. Raises Absent where there is no such thing, Unavailable for any other refusal."""
        sent = self._login.header
        answer = self.transport.get(url, headers, limit, authorization=sent, sink=sink)
        if answer.status == _UNAUTHORIZED:
            self._login.asked(self.transport, answer, sent)
            answer = self.transport.get(url, headers, limit, authorization=self._login.header, sink=sink)
        if answer.status == _OK:
            return answer
        if answer.status in absent:
            raise Absent("is not in the registry", where=self.name, advice="check name and tag")
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            advice = f"log in with `docker login {self.reference.host}`; it may also not exist"
            raise Unavailable("may not be read", where=self.name, advice=advice)
        raise Unavailable(
            f"the registry answers with status {answer.status}", where=self.name, advice="try again later"
        )


def _bound(descriptor: Descriptor, limit: int) -> int:
    return limit if descriptor.size is None else min(limit, descriptor.size)


def _media_type(answer: Reply) -> str:
    return as_text(answer.headers.get("content-type")).partition(";")[0].strip()
