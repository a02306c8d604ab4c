"""The answer of a pre-release audit, before everything else: what is missing, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._common import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.model import AuditItem

    from ._ink import Ink

__all__ = ["in_a_sentence", "release"]

MOST_ITEMS = 20
"""Items that are shown without -v."""
COMPLETE = (
    "Nothing is missing for this release: everything that the configuration publishes was given, with verified "
    "provenance of this revision"
)
UNSEEN = (
    "What was given has verified provenance of this revision; whether anything else belongs to the release is not known"
)


def in_a_sentence(items: Sequence[AuditItem]) -> str:
    """Whether the release is complete."""
    missing = sum(item.blocking for item in items)
    if not missing:
        return UNSEEN if any(item.kind == "publication-unseen" for item in items) else COMPLETE
    return f"{plural(missing, 'thing')} {'is' if missing == 1 else 'are'} missing for this release"


def release(ink: Ink, items: Sequence[AuditItem]) -> None:
    """What is missing, each with what to do; then what is worth knowing."""
    missing = [item for item in items if item.blocking]
    ink.add()
    ink.say(in_a_sentence(items), style="bad" if missing else "good")
    shown = items if ink.options.verbosity > 0 else items[:MOST_ITEMS]
    for item in shown:
        ink.say(f"{'✗' if item.blocking else '·'} {item.reason}", 2)
        ink.say(f"→ {item.remedy}", 4, "good" if item.blocking else "dim")
    if len(items) > len(shown):
        ink.say(f"and {len(items) - len(shown)} more; -v shows them", 2, "dim")
