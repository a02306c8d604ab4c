"""What one step of a build does, in the words of publishing: the common ground of script and action readers."""

from __future__ import annotations

from enum import StrEnum

from slsacheck.model import Place
from slsacheck.record import record

__all__ = ["Act", "ActKind"]


class ActKind(StrEnum):
    """What a step does that matters for what is published."""

    PUBLISH = "publish"
    """Something leaves the pipeline for a channel."""
    BUILD = "build"
    """Something is made that may be published later."""
    ATTEST = "attest"
    """Provenance is made."""
    SIGN = "sign"
    SBOM = "sbom"
    PASS_ON = "pass-on"  # noqa: S105 - no password
    """Files are handed to later jobs (upload-artifact, GitLab artifacts)."""
    FETCH = "fetch"
    """Files come from earlier jobs, or from another run (`detail` says `other-run`)."""
    DELETE = "delete"
    """Files are removed."""
    ALTER = "alter"
    """Files are changed: signed in place, stripped, packed again."""
    HASH = "hash"
    """Hashes are computed, of files (`what`) or of a text."""
    SCRIPT = "script"
    """A script runs; which files it changes is looked for where that matters."""


@record
class Act:
    """One act. `type` and `channel` are the output contract's words; `name` is what it is called there, None unknown.

    `what` are globs or digests' expressions of the files or images it speaks of; `tool` is the program or action;
    `provenance` is yes, no, unknown or None (says nothing) for publishing tools that attest by themselves;
    `root` the name by which a trust root knows the mechanism (`configured_by`); `external` what decides elsewhere;
    `condition` an expression under which it happens; `detail` free facts as (key, value).
    """

    kind: ActKind
    tool: str
    at: Place
    type: str | None = None
    channel: str | None = None
    name: str | None = None
    what: tuple[str, ...] = ()
    provenance: str | None = None
    root: str | None = None
    signing: str | None = None
    external: tuple[str, ...] = ()
    condition: str = ""
    detail: tuple[tuple[str, str], ...] = ()

    def fact(self, key: str) -> str | None:
        """The value of a free fact."""
        return dict(self.detail).get(key)
