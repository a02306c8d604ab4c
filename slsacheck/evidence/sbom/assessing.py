"""All that is to be said of the SBOMs of what a user named, with the findings of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.sbom.coverage import Agreement, LayerCover, agreement, layers_covered
from slsacheck.evidence.sbom.judging import Finding, Judged, judge_bill
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.sbom.inventory import Inventory, Whole

__all__ = ["Part", "Summary", "summarise"]

_NAMED = 5
"""Packages that a message names."""


@record
class Part:
    """An image, an index or a file: its documents judged, its packages, its layers."""

    inventory: Inventory
    judged: tuple[Judged, ...]
    agreement: Agreement | None
    layers: tuple[LayerCover, ...]
    findings: tuple[Finding, ...]


@record
class Summary:
    """What was named, part by part."""

    whole: Whole
    parts: tuple[Part, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the most severe first."""
        order = ("high", "medium", "low", "info")
        found = [one for part in self.parts for judged in part.judged for one in judged.findings]
        found += [one for part in self.parts for one in part.findings]
        return tuple(sorted(found, key=lambda one: order.index(one.severity)))


def summarise(whole: Whole) -> Summary:
    """Judges every document and what all of them cover together. Never raises on contents."""
    return Summary(whole, tuple(_part(one, whole) for one in whole.inventories))


def _part(inventory: Inventory, whole: Whole) -> Part:
    judged = tuple(judge_bill(bill, inventory) for bill in inventory.bills)
    found = agreement(inventory)
    layers = layers_covered(inventory)
    return Part(inventory, judged, found, layers, tuple(_findings(inventory, judged, found, whole)))


def _findings(inventory: Inventory, judged: tuple[Judged, ...], found: Agreement | None, whole: Whole) -> list[Finding]:
    place = inventory.platform or inventory.digest
    findings = []
    if not judged and inventory.kind != "index":
        where = ", ".join(inventory.looked_at[:6])
        layers = _layers_said(inventory)
        advice = "let the build make one and attest it to " + (
            "the digest that the image has in its registry" if whole.by_configuration else "this digest"
        )
        if not any(one.bills for one in whole.inventories):
            findings.append(Finding("medium", "sbom-absent", f"no SBOM was found ({where}{layers})", advice, place))
    if found is not None and judged:
        findings += _differences(found, place)
    return findings


def _layers_said(inventory: Inventory) -> str:
    if inventory.survey is None:
        return ""
    looked = sum(layer.looked_at for layer in inventory.survey.layers)
    return f"; {looked} of {len(inventory.survey.layers)} layers"


def _differences(found: Agreement, place: str) -> list[Finding]:
    findings = []
    for names, rule, what in (
        (found.missing, "sbom-lacks-packages", "are installed and in no SBOM"),
        (found.other_version, "sbom-other-versions", "are installed in another version than the SBOM says"),
        (found.extra, "sbom-has-others", "are in an SBOM and not in a package database that was read"),
    ):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            message = f"{len(names)} packages {what}: {'; '.join(names[:_NAMED])}{more}"
            severity = "info" if rule == "sbom-has-others" else "medium"
            findings.append(Finding(severity, rule, message, "make the SBOM from the image that is released", place))
    return findings
