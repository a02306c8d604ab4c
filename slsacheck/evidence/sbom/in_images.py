"""SBOMs in the layers that an image itself names as those with its SBOMs; what Buildpacks write. No other is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.oci.layers import layers_of
from slsacheck.evidence.sbom.in_layers import UNASKED, named_layers, survey
from slsacheck.model.image import Attachment

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.jsondoc import Document
    from slsacheck.evidence.oci.layers import Slice
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.tree import Problems

__all__ = ["named_by_image"]

MAX_LAYER = 16 << 20
"""Bytes of such a layer as it is stored; those of applications with thousands of packages have two or three MiB."""


def named_by_image(source: Source, manifest: Manifest, config: Document, problems: Problems) -> tuple[Attachment, ...]:
    """The documents in those layers, as attachments; what could not be read is in `problems`."""
    named = named_layers(config)
    try:
        large = [part for part in layers_of(source, manifest, config) if part.diff_id in named and _is_large(part)]
        if large:
            advice = "`slsacheck sbom` reads it"
            problems.add(f"{source.name}@{large[0].descriptor.digest}", "its SBOMs were not read: it is large", advice)
            return ()
        seen = survey(source, manifest, config, "sbom")
    except SlsacheckError as problem:
        problems.add(problem.where or source.name, problem.message, problem.advice)
        return ()
    for layer in seen.layers:
        if layer.problem not in ("", UNASKED):
            problems.add(f"{source.name}@{layer.digest}", f"its SBOMs were not read: {layer.problem}")
    return tuple(
        Attachment(
            kind="sbom",
            format=bill.form or "unknown",
            found_by=bill.found_by,
            digest=bill.digest,
            subject=manifest.digest,
            verified="not-signed",
            reason=bill.problem,
        )
        for bill in seen.bills
        if bill.digest
    )


def _is_large(part: Slice) -> bool:
    return (part.descriptor.size or 0) > MAX_LAYER
