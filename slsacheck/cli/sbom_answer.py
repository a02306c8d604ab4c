"""SBOMs as JSON (output contract, section 3) and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.verify_answer import printable, signer_document
from slsacheck.cli.writing import Page
from slsacheck.evidence.sbom.coverage import MAX_NAMED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.sbom.assessing import Part, Summary
    from slsacheck.evidence.sbom.coverage import Agreement, LayerCover
    from slsacheck.evidence.sbom.exporting import Output
    from slsacheck.evidence.sbom.judging import Finding, Judged

__all__ = ["document_of", "empty_document", "show"]

FORMAT = {"format": "slsacheck-sbom", "format_version": "1.0"}
_DESCRIBES = {
    "this": "describes this digest",
    "other": "describes ANOTHER digest",
    "part": "describes a part of it",
    "unnamed": "names no digest that it describes",
}
_MADE = {"build": "made in the build", "after": "made after the build", "unknown": "made when is not known"}
FIRST_LAYERS = 12
"""Layers and documents that are shown without -v."""


def document_of(found: Summary, outputs: tuple[Output, ...]) -> dict[str, Any]:
    """The answer for programs."""
    return FORMAT | {
        "target": {"name": found.whole.name, "digest": found.whole.digest},
        "images": [_image(part, outputs) for part in found.parts],
        "findings": [_finding(one) for one in found.findings],
        "written": [one.name for one in outputs],
        "errors": [{"where": where, "reason": reason} for where, reason in _problems(found, outputs)],
    }


def _problems(found: Summary, outputs: tuple[Output, ...]) -> list[tuple[str, str]]:
    """What could not be read, and what did not fit."""
    return [*found.whole.problems, *((one.name, one.note) for one in outputs if one.note)]


def empty_document(target: str) -> dict[str, Any]:
    """That nothing could be looked at, for programs."""
    return FORMAT | {
        "target": {"name": target, "digest": None},
        "images": [],
        "findings": [],
        "written": [],
    }


def _image(part: Part, outputs: tuple[Output, ...]) -> dict[str, Any]:
    inventory = part.inventory
    return {
        "digest": inventory.digest,
        "kind": inventory.kind,
        "platform": inventory.platform,
        "documents": [_document(one, _file_of(one, outputs)) for one in part.judged],
        "packages": _agreement(part.agreement),
        "layers": [_layer(one) for one in part.layers],
        "looked_at": list(inventory.looked_at),
    }


def _file_of(judged: Judged, outputs: tuple[Output, ...]) -> str | None:
    """The file with a document; the same document found at two places beside the image is in one."""
    bill = judged.bill
    for one in outputs:
        if one.bill is not None and (one.bill is bill or (bill.layer is None and one.bill.digest == bill.digest != "")):
            return one.name
    return None


def _document(one: Judged, name: str | None) -> dict[str, Any]:
    bill, sbom = one.bill, one.bill.sbom
    return {
        "file": name,
        "place": bill.place,
        "found_by": bill.found_by,
        "producer": bill.producer or None,
        "digest": bill.digest or None,
        "size": bill.size,
        "format": bill.form or None,
        "version": sbom.version if sbom else None,
        "layer": bill.layer,
        "removed_in": bill.removed_in,
        "subject": bill.subject,
        "predicate_type": bill.predicate_type,
        "signer": signer_document(bill.signer),
        "verified": bill.verified,
        "reason": bill.reason or None,
        "describes": {"what": one.describes, "digests": list(one.described)},
        "made": {"when": one.made, "why": one.made_why},
        "by": list(one.by),
        "authors": list(sbom.authors[:5]) if sbom else [],
        "created": sbom.created or None if sbom else None,
        "components": {"total": one.components, "with_purl": one.with_purl, "with_digest": one.with_digest},
        "files": len(sbom.files) if sbom else 0,
        "missing_elements": list(one.missing),
        "problem": bill.problem or None,
    }


def _agreement(found: Agreement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "databases": list(found.databases),
        "not_read": list(found.not_read),
        "installed": found.installed,
        "named": found.named,
        "missing": list(found.missing),
        "extra": list(found.extra),
        "other_version": list(found.other_version),
    }


def _layer(one: LayerCover) -> dict[str, Any]:
    return {
        "number": one.layer.number,
        "digest": one.layer.digest,
        "diff_id": one.layer.diff_id,
        "created_by": one.layer.created_by,
        "size": one.layer.size,
        "looked_at": one.layer.looked_at,
        "problem": one.layer.problem or None,
        "files": one.layer.files,
        "packages": len(one.packages),
        "package_names": list(one.packages),
        "documents": one.documents,
        "components": one.components,
        "unexplained": one.unexplained,
        "folders": list(one.folders),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "advice": one.advice,
        "place": one.place,
    }


def show(found: Summary, outputs: tuple[Output, ...], options: Any) -> None:
    """The answer for people: documents, packages, layers, findings, what was written."""
    page = Page(options.colour)
    for part in found.parts:
        _show_part(page, part, outputs, options)
    if found.findings:
        page.heading("What to do")
        _show_findings(page, found.findings if options.verbose else found.findings[:FIRST_LAYERS])
        if len(found.findings) > FIRST_LAYERS and not options.verbose:
            page.text(f"and {len(found.findings) - FIRST_LAYERS} more: -v shows them")
    for where, reason in _problems(found, outputs):
        page.item(printable(f"{where}: {reason}"))
    if outputs:
        page.heading(f"{_count(len(outputs), 'file')} in {printable(options.output)}")
        page.columns((one.name, printable(one.bill.place) if one.bill else _made_of(one)) for one in outputs)
    page.show()


def _show_findings(page: Page, found: Sequence[Finding]) -> None:
    """Findings with what to do, which is said once for all that ask for the same."""
    for rule, advice in dict.fromkeys((one.rule, one.advice) for one in found):
        for one in found:
            if (one.rule, one.advice) == (rule, advice):
                page.item(printable(f"{one.severity}: {one.message} [{rule}; {one.place}]"))
        page.text(printable(f"-> {advice}"), 4)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s'[: number != 1]}"


def _made_of(one: Output) -> str:
    return "a statement, ready to be signed" if one.form == "statement" else "all of them as one"


def _show_part(page: Page, part: Part, outputs: tuple[Output, ...], options: Any) -> None:
    inventory = part.inventory
    count = len(part.judged)
    platform = f" ({inventory.platform})" if inventory.platform else ""
    if inventory.kind == "index" and not count:
        return
    page.heading(printable(f"{inventory.kind} {inventory.digest}{platform}: {count or 'no'} SBOM{'s'[: count != 1]}"))
    shown_ones = part.judged if options.verbose else part.judged[:FIRST_LAYERS]
    for one in shown_ones:
        _show_document(page, one, _file_of(one, outputs))
    if len(shown_ones) < count:
        page.text(f"and {count - len(shown_ones)} more: -v shows them")
    if part.agreement is not None:
        _show_packages(page, part.agreement, options)
    if part.layers:
        page.blank()
        page.columns(_layer_row(one) for one in (part.layers if options.verbose else part.layers[:FIRST_LAYERS]))


def _show_document(page: Page, one: Judged, name: str | None) -> None:
    bill, sbom = one.bill, one.bill.sbom
    page.item(printable(f"{bill.place}{f' -> {name}' if name else ''}"))
    if sbom is None:
        page.text(printable(f"not read: {bill.problem}"), 4)
        return
    by = f" by {', '.join(one.by)}" if one.by else ""
    page.text(printable(f"{sbom.title}{by}, {_MADE[one.made]}: {one.made_why}"), 4)
    signed = {
        "pass": "signed, verified",
        "fail": "signed, and that does not verify",
        "unknown": "signed, by whom was not asked (--key, --certificate-identity)",
    }
    page.text(printable(f"{_DESCRIBES[one.describes]}; {signed.get(bill.verified, 'not signed')}"), 4)
    files = f", {_count(len(sbom.files), 'file')}" if sbom.files else ""
    counted = _count(one.components, "component")
    page.text(f"{counted}, {one.with_purl} with a purl, {one.with_digest} with a digest{files}", 4)


def _show_packages(page: Page, found: Agreement, options: Any) -> None:
    page.blank()
    if found.installed:
        where = ", ".join(found.databases[:3])
        page.text(printable(f"{found.named} of {found.installed} installed packages are named by an SBOM ({where})"))
    elif not found.not_read:
        page.text("no package database of a distribution is in the layers that were read")
    for path in found.not_read:
        page.text(printable(f"not looked at: {path} (too large, damaged, or of an older rpm)"))
    if options.verbose:
        for names, what in ((found.missing, "missing"), (found.other_version, "other version"), (found.extra, "extra")):
            page.columns((what, printable(name)) for name in names[: MAX_NAMED * 10])


def _layer_row(one: LayerCover) -> tuple[str, str, str]:
    layer = one.layer
    made = layer.created_by[:60]
    if not layer.looked_at:
        return (
            f"layer {layer.number}",
            "not looked at",
            printable(f"{layer.problem}; {made}" if made else layer.problem),
        )
    parts = [_count(layer.files, "file"), _count(len(one.packages), "package")]
    parts += [_count(one.documents, "SBOM")] if one.documents else []
    parts += [_count(one.components, "component")] if one.components else []
    left = "files not counted" if one.unexplained is None else f"{one.unexplained} unexplained"
    folders = f", most in {', '.join(one.folders[:2])}" if one.unexplained else ""
    return f"layer {layer.number}", ", ".join(parts), printable(f"{left}{folders}{f'; {made}' if made else ''}")
