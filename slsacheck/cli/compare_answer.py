"""Comparisons as JSON (output contract, section 1) and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.verify_answer import printable
from slsacheck.cli.writing import Page
from slsacheck.evidence.comparison.findings import MEANING, METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.comparison.findings import Comparison, Difference

__all__ = ["comparison_document", "comparison_page", "empty_document", "named", "short", "show_comparison"]

FORMAT = {"format": "slsacheck-comparison", "format_version": "1.0"}
FIRST = 20
"""Differences that are shown without -v."""
FIRST_OF_METADATA = 3
"""Of metadata, where others are shown: they explain nothing then."""
_NEXT = {
    "mtime": "set SOURCE_DATE_EPOCH for both builds (BuildKit: also --output …,rewrite-timestamp=true)",
    "created": "set SOURCE_DATE_EPOCH for both builds",
    "order": "sort what is packed (tar --sort=name; LC_ALL=C)",
    "compression": "compress both with the same program, version and level",
    "gzip-header": "gzip -n leaves name and time out",
    "owner-name": "pack with --numeric-owner",
}
"""What makes metadata equal too, by kind."""


def comparison_document(found: Comparison) -> dict[str, Any]:
    """A comparison for programs."""
    return FORMAT | {
        "verdict": found.verdict,
        "form": found.form,
        "first": {"name": found.first, "digest": found.digests[0]},
        "second": {"name": found.second, "digest": found.digests[1]},
        "platforms": [{"platform": name, "verdict": verdict} for name, verdict in found.platforms],
        "kinds": dict(found.kinds),
        "packages": [{"name": name, "before": one, "after": two} for name, one, two in found.packages],
        "differences": [_difference(one) for one in found.differences],
        "left_out": found.left_out,
        "notes": list(found.notes),
        "errors": [],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "path": one.path,
        "what": one.what,
        "metadata": one.is_metadata,
        "platform": one.platform,
        "package": one.package,
        "before": one.before,
        "after": one.after,
        "inside": dict(one.inside),
    }


def empty_document(first: str, second: str | None) -> dict[str, Any]:
    """That nothing could be compared, for programs: there is no verdict."""
    return FORMAT | {
        "verdict": None,
        "first": {"name": first, "digest": None},
        "second": {"name": second, "digest": None},
        "differences": [],
    }


def show_comparison(found: Comparison, options: Any) -> None:
    """A comparison for people: the answer, the kinds, the first differences, what to do next."""
    page = Page(options.colour)
    page.heading(f"{found.verdict}: {_sentence(found)}")
    page.columns((("first", named(found.first, found.digests[0])), ("second", named(found.second, found.digests[1]))))
    for note in found.notes:
        page.item(printable(note))
    comparison_page(page, found, options)
    page.show()


def comparison_page(page: Page, found: Comparison, options: Any) -> None:
    """The parts of a comparison below its answer."""
    if len(found.platforms) > 1:
        page.heading("Platforms")
        page.columns((printable(name), verdict) for name, verdict in found.platforms)
    for title, wanted in (("What differs", False), ("What differs in metadata alone", True)):
        rows = [(kind, count) for kind, count in found.kinds if (kind in METADATA) is wanted]
        if rows:
            page.heading(title)
            page.columns((kind, str(count), MEANING[kind]) for kind, count in rows)
    _show_packages(page, found, options)
    shown = _first(found.differences, options)
    if shown:
        page.heading("The first differences")
        page.columns(_rows(shown))
    left = len(found.differences) - len(shown) + found.left_out
    if left:
        page.text(
            f"and {left:,} more" + ("" if options.verbose else "; -v shows more, --format json has 1,000 of a kind")
        )
    _advise(page, found)


def _show_packages(page: Page, found: Comparison, options: Any) -> None:
    """What the package databases say that is installed otherwise."""
    rows = found.packages if options.verbose else found.packages[:FIRST]
    if rows:
        page.heading("Packages")
        page.columns((printable(name), printable(f"{one or 'none'} -> {two or 'none'}")) for name, one, two in rows)
        if len(found.packages) > len(rows):
            page.text(f"and {len(found.packages) - len(rows):,} more")


def _sentence(found: Comparison) -> str:
    if found.verdict == "identical":
        whole = found.digests[0] == found.digests[1]
        return "the same bytes" if whole else f"the image for {found.platforms[0][0]} is the same, byte for byte"
    metadata = sum(count for kind, count in found.kinds if kind in METADATA)
    if found.verdict == "reproducible":
        return f"the same but for metadata: {', '.join(kind for kind, _ in found.kinds)}"
    count = sum(count for kind, count in found.kinds) - metadata
    return f"{count:,} difference{'s' * (count != 1)}" + (f", and {metadata:,} of metadata" if metadata else "")


def named(name: str, digest: str) -> str:
    """A thing with what its digest begins with."""
    return f"{printable(name)} ({short(digest)})".strip() if digest else printable(name)


def _first(found: Sequence[Difference], options: Any) -> list[Difference]:
    meaningful = [one for one in found if not one.is_metadata]
    metadata = [one for one in found if one.is_metadata]
    if options.verbose:
        return [*meaningful, *metadata]
    return [*meaningful[:FIRST], *metadata[: FIRST_OF_METADATA if meaningful else FIRST]]


def _rows(found: Sequence[Difference]) -> list[tuple[str, str]]:
    return [(one.what, printable(f"{_place(one)}{_change(one)}").removeprefix(": ")) for one in found]


def _place(one: Difference) -> str:
    parts = [one.platform or "", f"layer {one.layer}" if one.layer is not None else "", one.path or ""]
    package = f" ({one.package})" if one.package else ""
    return " ".join(part for part in parts if part) + package


def _change(one: Difference) -> str:
    before, after = (short(side) if side is not None else None for side in (one.before, one.after))
    if before is None and after is None:
        return ""
    if one.what in ("added", "removed", "whiteout", "platform"):
        return f": {before or after}"
    inside = ", ".join(f"{kind} {count}" for kind, count in one.inside)
    alone = " (metadata alone)" if all(kind in METADATA for kind, _ in one.inside) else ""
    told = f"; inside: {inside}{alone}" if inside else ""
    return f": {before if before is not None else 'none'} -> {after if after is not None else 'none'}{told}"


def short(text: str) -> str:
    """A text with digests cut to what tells them apart."""
    import re

    return re.sub(r"(sha(?:256|512):[0-9a-f]{12})[0-9a-f]+", r"\1", text)


def _advise(page: Page, found: Comparison) -> None:
    kinds = [kind for kind, _ in found.kinds]
    if found.verdict == "reproducible":
        advice = dict.fromkeys(_NEXT[kind] for kind in kinds if kind in _NEXT)
        if advice:
            page.heading("To get the same bytes")
            for text in advice:
                page.item(text)
    elif found.verdict == "different":
        page.heading("Next")
        page.item("one source, one builder, one set of dependencies? compare what their provenance names (verify-*)")
        if found.form == "image" and "content" in kinds:
            page.item("packages that changed: `slsacheck sbom IMAGE -o DIR` of both sides lists them")
