"""What the circumstances of a run tell conditions: whose repository it is, and on which system a job runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.expressions import ASIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["origin_values", "runner_os"]

SYSTEMS = {"ubuntu-": "Linux", "macos-": "macOS", "windows-": "Windows"}


def origin_values(origin: str | None) -> dict[str, tuple[str, ...]]:
    """What conditions may know of a repository whose `owner/name` is known; nothing is called by it."""
    if not origin or "/" not in origin:
        return {}
    owner = origin.partition("/")[0]
    return {f"{ASIDE}github.repository": (origin,), f"{ASIDE}github.repository_owner": (owner,)}


def runner_os(labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What `runner.os` is where all these labels are those of GitHub's runners of one system; else nothing."""
    found = {next((name for begins, name in SYSTEMS.items() if one.lower().startswith(begins)), "") for one in labels}
    return {"runner.os": tuple(found)} if len(found) == 1 and "" not in found else {}
