"""What a reporter is told beside the assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.model.catalogue import Remedy

__all__ = ["ReportOptions", "no_remedy"]


def no_remedy(name: str, platform: str) -> Remedy | None:  # noqa: ARG001 - the form of a look-up
    """A look-up that knows no remedies."""
    return None


@record
class ReportOptions:
    """How to render, as far as the assessment does not say it.

    `width` is in columns. `colour`, `links` (OSC 8) and `unicode` are decided by the command line from the terminal,
    NO_COLOR and FORCE_COLOR; reporters never look at the environment. `verbosity` is -1 for -q, 1 for -v, and more.
    `tb` is auto, long, short, line or no: how much of a finding is shown. `remedy` maps the id of a requirement or
    atom and a platform to what to do, and is asked only for what is shown. `command` is the name under which
    slsacheck runs; commands that a report suggests begin with it.
    """

    width: int = 80
    colour: bool = False
    links: bool = False
    unicode: bool = True
    verbosity: int = 0
    tb: str = "auto"
    remedy: Callable[[str, str], Remedy | None] = no_remedy
    command: str = "slsacheck"
