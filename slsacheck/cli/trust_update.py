"""`slsacheck trust update`: fetches, checks and keeps newer trust data, and says what changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from slsacheck.cli.console import console_of
from slsacheck.cli.trust_age import origin_document, today
from slsacheck.cli.writing import print_json
from slsacheck.errors import InputError, Unavailable, UsageError
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustupdate import Repository

__all__ = ["run_update"]


def run_update(options: Any) -> int:
    """Updates; returns 0. Raises Unavailable without a network, UsageError without the library tuf."""
    from slsacheck.evidence.attestations.steps import RefusedError
    from slsacheck.evidence.attestations.trustupdate import update

    if options.name is not None or options.config:
        raise UsageError("trust update takes neither a trust root nor --config")
    if options.offline:
        raise Unavailable("--offline forbids the network, so there is no update", advice="leave --offline out")
    try:
        found = update(_wanted(options), today().isoformat())
    except RefusedError as problem:
        raise InputError(problem.message, advice="nothing was changed") from problem
    except OSError as error:
        where = os.fsdecode(error.filename) if error.filename else ""
        raise InputError(f"cannot be written: {error.strerror or error}", where=where) from error
    if options.format == "json":
        print_json(
            {"format": "slsacheck-trust", "format_version": "1.0", "origins": [origin_document(o) for o in found]}
        )
        return 0
    console = console_of(options.colour)
    for one in found:
        console.say(f"{one.name}: {one.what}, from {one.origin} ({one.versions})")
    return 0


def _wanted(options: Any) -> list[Repository]:
    from slsacheck.evidence.attestations.files import read_bounded
    from slsacheck.evidence.attestations.trustorigin import tuf_repositories
    from slsacheck.evidence.attestations.trustupdate import repositories

    known = list(repositories(tuf_repositories()))
    if options.repository is None and options.root is None:
        return known
    if options.repository is None or not options.repository.startswith(("https://", "http://")):
        raise UsageError("--repository takes the URL of a TUF repository", advice="--root goes with --repository")
    root = known[0].root if options.root is None else read_bounded(options.root)
    return [replace(known[0], url=options.repository, root=root)]
