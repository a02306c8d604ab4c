"""Looking up the images that an image was made from: by digest, at the registries that may be asked, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations.jsondoc import as_text
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.attached import JUDGING, gather
from slsacheck.evidence.oci.bases import layers_of
from slsacheck.evidence.oci.claims import proofs
from slsacheck.evidence.oci.inputs import with_registry
from slsacheck.evidence.oci.limits import MAX_CONFIG
from slsacheck.evidence.oci.manifest import json_document
from slsacheck.evidence.oci.names import reference_of
from slsacheck.evidence.web import Patience
from slsacheck.model import BaseImage, Expectations
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.jsondoc import Document
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Reference
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model import Verification

__all__ = ["Looker"]

STANDS_ON = ("base", "run image")
"""What an image stands on; builders and inputs of the build leave no layers in it."""
MAX_LOOKED_UP = 4
"""Bases that are looked up for one image that was named: each costs some ten requests."""
_HUBS = ("docker.io", "index.docker.io", "registry-1.docker.io")


@record
class _Found:
    """What a registry has of a base: its configuration and its best provenance, None where there is none.

    `verified`: its signature verifies and it speaks of this very base.
    """

    config: Document
    best: Verification | None
    verified: bool
    problem: str


class Looker:
    """Looks up bases at the registry of the image itself, and at others only with `--online`."""

    def __init__(self, source: Source, access: Access | None, judge: Judge) -> None:
        self._source = source
        self._access = access
        self._judge = judge
        self._known: dict[tuple[str, str | None], _Found | str] = {}
        self._asked_for: set[str] = set()
        transport = getattr(source, "transport", None)
        self._budget = transport.budget if transport is not None else Patience()

    def look(self, base: BaseImage, platform: str | None, layers: tuple[str, ...]) -> BaseImage:
        """The base with what could be found out about it, or with the reason why nobody looked."""
        if base.digest is None:
            return replace(base, reason="no digest is named, and a tag says nothing about what was used")
        key = (f"{base.reference}@{base.digest}", platform)
        if key not in self._known:
            self._known[key] = self._looked_up(base, platform)
        found = self._known[key]
        return replace(base, reason=found) if isinstance(found, str) else _told(base, found, layers)

    def _looked_up(self, base: BaseImage, platform: str | None) -> _Found | str:
        try:
            reference = replace(reference_of(with_registry(base.reference or "")), tag=None, digest=base.digest)
        except SlsacheckError:
            return f"{shown(base.reference)} names no image in a registry"
        refused = self._may_not(reference)
        if refused:
            return refused
        try:
            return self._asked(self._noted(reference), platform)
        except SlsacheckError as problem:
            return str(problem)

    def _may_not(self, reference: Reference) -> str:
        """Why this registry is not asked; empty where it is."""
        if self._access is None or self._access.offline:
            return "registries are not asked with --offline" if self._access else "registries are not asked here"
        if not self._access.online and not self._at_home(reference):
            return f"{reference.host} is not the registry of this image; --online asks it"
        if len(self._asked_for | {str(reference)}) > MAX_LOOKED_UP:
            return f"{MAX_LOOKED_UP} others were looked up; name it as a target of its own"
        self._asked_for.add(str(reference))
        return ""

    def _at_home(self, reference: Reference) -> bool:
        host = self._source.channel
        return host == reference.host or (host in _HUBS and reference.host in _HUBS)

    def _noted(self, reference: Reference) -> Source:
        """The base, noted or as it was noted, where that is asked for."""
        assert self._access is not None
        if self._access.images is None:
            return self._opened(reference)
        return self._access.images.opened(str(reference), lambda: self._opened(reference))

    def _opened(self, reference: Reference) -> Source:
        from slsacheck.evidence.oci.registry import RegistrySource

        assert self._access is not None
        return RegistrySource(
            reference,
            plain_http=self._access.plain_http,
            environment=self._access.environment,
            budget=self._budget,
            named=self._at_home(reference),
            shared=self._access.registries,
        )

    def _asked(self, source: Source, platform: str | None) -> _Found:
        whole = source.image()
        digests = [whole.digest]
        gathered = gather(source, whole.digest)
        pieces, problems = list(gathered.pieces), list(gathered.problems)
        image = whole
        child = next((one for one in whole.children if platform and one.platform == platform), None)
        if child is not None:
            image = source.manifest(child)
            own = gather(source, child.digest, whole)
            digests.append(child.digest)
            pieces += own.pieces
            problems += own.problems
        config = {} if image.is_index else _config(source, image)
        best, verified = self._best(pieces, digests)
        return _Found(config, best, verified, problems[0][1] if problems else "")

    def _best(self, pieces: list[Piece], digests: list[str]) -> tuple[Verification | None, bool]:
        """The provenance that says most, and whether it proves anything about these digests.

        The user's key and trusted root count here as well as the shipped trust data.
        """
        own = replace(self._judge, expectations=Expectations())
        judges = [own] if own.public_key is None and own.trusted_root is None else [own, _plain(own)]
        with JUDGING:
            tried = [judge.provenance(piece, digests) for judge in judges for piece in pieces]
        found = [one for one in tried if one is not None]
        proven = proofs(found, digests)
        return max(proven or found, key=_worth, default=None), bool(proven)


def _plain(judge: Judge) -> Judge:
    return replace(judge, public_key=None, trusted_root=None)


def _worth(verification: Verification) -> tuple[bool, int, bool]:
    return verification.authentic, verification.step1_level or 0, verification.signed


def _config(source: Source, image: Manifest) -> Document:
    if image.config is None:
        return {}
    return json_document(source.blob(image.config, MAX_CONFIG), f"{source.name}@{image.config.digest}")


def _told(base: BaseImage, found: _Found, layers: tuple[str, ...]) -> BaseImage:
    """The base with what was found of it."""
    below = layers_of(found.config)
    stands = base.role in STANDS_ON and below and layers
    fits = "unknown" if not stands else "yes" if layers[: len(below)] == below else "no"
    created = as_text(found.config.get("created"))
    told = replace(base, layers=fits, created=shown(created) if created else None)
    best = found.best
    if best is None:
        return replace(told, provenance="not-verified" if found.problem else "none", reason=found.problem)
    state = "verified" if found.verified else "not-verified" if best.signed else "not-signed"
    return replace(
        told,
        provenance=state,
        reason="" if found.verified else best.message,
        builder_id=best.statement.builder_id,
        signer=best.signer if found.verified else None,
        trusted_level=best.step1_level if found.verified else None,
    )
