"""A promotion and a rebuild as JSON and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.compare_answer import FORMAT, comparison_document, comparison_page, named, short
from slsacheck.cli.verify_answer import as_document, printable
from slsacheck.cli.writing import Page
from slsacheck.evidence.comparison.rebuild import REQUIREMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.comparison.copying import Remedy
    from slsacheck.evidence.comparison.findings import Comparison
    from slsacheck.evidence.comparison.hanging import Hanging
    from slsacheck.evidence.comparison.promotion import Fate, Promotion
    from slsacheck.evidence.comparison.rebuild import Rebuild
    from slsacheck.model.attestation import Case

__all__ = ["promotion_document", "rebuild_document", "show_promotion", "show_rebuild"]

_VERIFIED = {"pass": "verified", "fail": "does not verify", "not-signed": "not signed"}
_CAUSES = {"digest": "the image", "referrers": "referrers", "cosign-tag": "tags of cosign"}
_STATES = ("lost", "broken", "unknown", "kept")
_CHANGES = {
    "none": "the image is the same, byte for byte",
    "platform-picked": "only one platform of the image was copied, so the digest of the index is gone",
    "platforms-dropped": "platforms are missing, so the index has another digest",
    "index-rewritten": "the index was written anew, so it has another digest; the platforms are the same",
    "recompressed": "the layers were compressed anew, so the image has another digest",
    "converted": "the manifest was converted, so the image has another digest",
    "other": "the image at the destination is another: `slsacheck compare` says in what",
}


def promotion_document(found: Promotion, help_: Sequence[Remedy]) -> dict[str, Any]:
    """A promotion for programs."""
    return FORMAT | {
        "verdict": "identical" if found.change == "none" else "different",
        "image": {
            "source": {"name": found.source, "digest": found.digests[0], "tag": found.tags[0]},
            "destination": {"name": found.destination, "digest": found.digests[1], "tag": found.tags[1]},
            "change": found.change,
        },
        "platforms": [{"platform": name, "kept": kept} for name, kept in found.platforms],
        **{state: list(found.digests_of(state)) for state in ("kept", "lost", "broken", "unknown")},
        "attachments": [_fate(one) for one in found.fates],
        "extra": [_hanging(one) for one in found.extra],
        "annotations": {"lost": list(found.annotations)},
        "remedies": [
            {
                "cause": one.cause,
                "why": one.why,
                "commands": [{"tool": tool, "command": command} for tool, command in one.commands],
            }
            for one in help_
        ],
        "differences": [],
        "errors": [{"where": where, "reason": reason} for where, reason in found.unseen],
    }


def _fate(one: Fate) -> dict[str, Any]:
    attachment = one.source.attachment
    after = one.destination.attachment if one.destination else None
    return {
        "digest": attachment.digest,
        "manifest": attachment.manifest,
        "state": one.state,
        "reason": one.reason,
        "kind": attachment.kind,
        "format": attachment.format,
        "hangs_on": one.source.about,
        "subject": attachment.subject,
        "predicate_type": attachment.predicate_type,
        "found_by": {"source": attachment.found_by, "destination": after.found_by if after else None},
        "verified": {"source": attachment.verified, "destination": after.verified if after else None},
    }


def _hanging(one: Hanging) -> dict[str, Any]:
    attachment = one.attachment
    return {
        "digest": attachment.digest,
        "kind": attachment.kind,
        "format": attachment.format,
        "hangs_on": one.about,
        "verified": attachment.verified,
        "reason": one.wrong,
    }


def show_promotion(found: Promotion, help_: Sequence[Remedy], options: Any) -> None:
    """A promotion for people: the answer, the image, each attachment, and the commands that would have kept more."""
    page = Page(options.colour)
    page.heading(_answer(found))
    page.columns(
        (
            ("source", named(found.source, found.digests[0])),
            ("destination", named(found.destination, found.digests[1])),
        )
    )
    page.text(_CHANGES[found.change])
    if found.tags[0] not in (None, found.tags[1]):
        there = f"the tag {found.tags[1]}" if found.tags[1] else "no tag"
        page.item(printable(f"tagged {found.tags[0]} at the source; {there} led to it at the destination"))
    missing = [name for name, kept in found.platforms if not kept]
    if missing:
        page.item(f"platforms that are not there as they were: {printable(', '.join(missing))}")
    for state in _STATES:
        _show_fates(page, state, [one for one in found.fates if one.state == state], options)
    _show_extra(page, found)
    if found.annotations:
        page.heading("Annotations that were lost or changed")
        for name in found.annotations[:20]:
            page.item(printable(name))
    for where, reason in found.unseen:
        page.item(f"not looked at: {printable(f'{where}: {reason}')}")
    for one in help_:
        _show_remedy(page, one, options)
    page.show()


def _show_remedy(page: Page, one: Remedy, options: Any) -> None:
    """The commands of the first tool, which may be several; of all of them with -v."""
    page.heading(f"What would have kept it ({_CAUSES[one.cause]})")
    page.text(one.why)
    tools = list(dict.fromkeys(tool for tool, _ in one.commands))
    for tool, command in one.commands:
        if options.verbose or tool == tools[0]:
            page.block(printable(command))
    if len(tools) > 1 and not options.verbose:
        page.text(f"or with {', '.join(tools[1:])}: -v shows the commands")


def _answer(found: Promotion) -> str:
    counts = [f"{len(digests)} {state}" for state in _STATES if (digests := found.digests_of(state))]
    told = ", ".join(counts) or ("nothing was seen" if found.unseen else "nothing hangs on the image")
    if found.change == "none" and found.unseen and not (found.digests_of("lost") or found.digests_of("broken")):
        return f"unknown: not everything could be looked at; {told}"
    return f"{'kept' if found.kept_all else 'not kept'}: {told}"


def _show_fates(page: Page, state: str, fates: Sequence[Fate], options: Any) -> None:
    if not fates:
        return
    page.heading(state.capitalize())
    for one in fates:
        page.item(_told(one.source, (one.destination or one.source).attachment.verified, one.reason))
        if options.verbose:
            page.block(one.source.attachment.digest, indent=6)


def _show_extra(page: Page, found: Promotion) -> None:
    """What the destination has and the source has not; somebody may have put it there."""
    if found.extra:
        page.heading("Only at the destination")
    for one in found.extra:
        page.item(_told(one, one.attachment.verified, one.wrong))


def _told(one: Hanging, verified: str, reason: str) -> str:
    """One attachment in a line, with why it does not count."""
    attachment = one.attachment
    told = f"{attachment.kind} ({attachment.format}) of {short(one.about)}, {_VERIFIED.get(verified, 'not verified')}"
    return printable(f"{told}: {short(reason)}" if reason else told)


def rebuild_document(found: Rebuild, case: Case, name: str, beside: Comparison | None) -> dict[str, Any]:
    """A rebuild for programs; with the comparison with the original where that was given."""
    verdict = {True: "identical", False: "different", None: None}[found.reproduced]
    base = comparison_document(beside) if beside else FORMAT | {"differences": [], "errors": []}
    if beside is not None and found.reproduced is False:
        verdict = beside.verdict
    return base | {
        "verdict": verdict,
        "rebuild": {
            "name": name,
            "reproduced": found.reproduced,
            "reason": found.reason,
            "rebuilt": dict(found.rebuilt),
            "named": dict(found.named),
            "subject": found.subject,
        },
        "requirement": {"id": REQUIREMENT, "outcome": found.outcome, "reason": found.reason},
        "provenance": as_document(found.verification, case),
    }


def show_rebuild(found: Rebuild, name: str, beside: Comparison | None, options: Any) -> None:
    """A rebuild for people: whether it is reproduced, why, and in what it differs from the original."""
    page = Page(options.colour)
    word = {True: "reproduced", False: "not reproduced", None: "unknown"}[found.reproduced]
    page.heading(f"{word}: {printable(found.reason)}")
    page.columns(
        (
            ("rebuilt", named(name, _digest(found.rebuilt))),
            ("provenance names", named(found.subject, _digest(found.named))),
            ("provenance", f"{found.verification.verdict}: {printable(found.verification.message)}"),
            (REQUIREMENT, found.outcome),
        )
    )
    if found.verification.missing_expectations and found.reproduced is None:
        page.text("To decide it, give:")
        for flag in found.verification.missing_expectations:
            page.item(printable(flag))
    if beside is not None:
        page.heading(f"Beside the original: {beside.verdict}")
        comparison_page(page, beside, options)
    elif found.reproduced is False:
        page.text("--original FILE, what was published, shows in what it differs")
    page.show()


def _digest(pairs: tuple[tuple[str, str], ...]) -> str:
    known = dict(pairs)
    return f"sha256:{known['sha256']}" if "sha256" in known else ", ".join(f"{name}:{value}" for name, value in pairs)
