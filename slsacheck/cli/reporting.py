"""`--report FORMAT[=FILE]`: which reports, where to, and writing them so that no half file is left."""

from __future__ import annotations

import contextlib
import errno
import os
import os.path
import stat
import sys
from typing import TYPE_CHECKING

from slsacheck.errors import InputError, UsageError
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.cli.console import Console
    from slsacheck.model import Assessment
    from slsacheck.model.reporting import ReportOptions
    from slsacheck.plugins import Registry

__all__ = ["Destination", "destinations", "options_for", "write_file", "write_reports"]

TERMINAL = "terminal"


@record
class Destination:
    """One report: its format, and the file; None is the console, `-` standard output as bytes."""

    format: str
    file: str | None

    @property
    def takes_stdout(self) -> bool:
        """Whether nothing else may be written to standard output."""
        return self.file == "-"


def destinations(given: Iterable[str], configured: Iterable[str] = ()) -> tuple[Destination, ...]:
    """The reports that were asked for; the terminal's is always among them.

    Raises UsageError before anything runs: two reports on standard output, a folder that is not there.
    """
    found = [_destination(text) for text in (*given, *([] if given else configured))]
    if sum(one.takes_stdout for one in found) > 1:
        raise UsageError(
            "two reports would go to standard output", advice="give one of them a file: --report json=FILE"
        )
    files = [one.file for one in found if one.file not in (None, "-")]
    if twice := next((file for file in files if files.count(file) > 1), None):
        raise UsageError(f"--report: two reports would go to {twice}")
    if not any(one.format == TERMINAL and one.file in (None, "-") for one in found):
        found.insert(0, Destination(TERMINAL, None))
    return tuple(found)


def _destination(text: str) -> Destination:
    name, equals, file = text.partition("=")
    if not name or (equals and not file):
        raise UsageError(f"--report {text}: a format and a file", advice="as in --report json=slsacheck.json")
    if not equals:
        return Destination(name, None if name == TERMINAL else "-")
    if file == "-":
        return Destination(name, None if name == TERMINAL else "-")
    if os.path.isdir(file):
        raise UsageError(
            f"--report {text}: {file} is a folder", advice=f"as in --report {name}={os.path.join(file, 'slsacheck')}"
        )
    if not os.path.isdir(parent := os.path.dirname(file) or "."):
        raise UsageError(f"--report {text}: there is no folder {parent}", advice=f"mkdir -p {parent}")
    return Destination(name, file)


def options_for(console: Console, *, verbosity: int, tb: str) -> ReportOptions:
    """What the console's report is told."""
    from slsacheck.catalog import remedy_for
    from slsacheck.model.reporting import ReportOptions

    return ReportOptions(
        width=console.width,
        colour=console.colour,
        links=console.links,
        unicode=console.unicode,
        verbosity=verbosity,
        tb=tb,
        remedy=remedy_for,
    )


def write_reports(
    assessment: Assessment,
    wanted: Iterable[Destination],
    registry: Registry,
    console: Console,
    options: ReportOptions,
) -> None:
    """Renders and writes every report. Raises InputError where a file cannot be written."""
    from slsacheck.record import replace

    plain = replace(options, width=100, colour=False, links=False, unicode=True)
    for one in wanted:
        reporter = registry.reporter(one.format)
        text = reporter.function(assessment, options if one.file is None else plain)
        if one.file is None:
            console.say(text)
        elif one.takes_stdout:
            write_stdout(text)
        else:
            write_file(one.file, text)


def encoded(text: str) -> bytes:
    """UTF-8 whatever the locale; what is no character (half a surrogate pair) becomes an escape, as JSON has it."""
    return text.encode("utf-8", "backslashreplace")


def write_stdout(text: str) -> None:
    """Writes a document to standard output as bytes: its encoding is its own, not the terminal's."""
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        sys.stdout.write(text)
        return
    raw.write(encoded(text))
    raw.flush()


def write_file(name: str, text: str | bytes) -> None:
    """Writes a file whole or not at all; a link in its place is replaced, never followed.

    A checkout may hold a link with the name of a report, which must not lead the report elsewhere. Raises InputError.
    """
    data = text if isinstance(text, bytes) else encoded(text)
    try:
        if name.startswith(("/dev/", "/proc/")):
            with open(name, "wb") as file:
                file.write(data)
        else:
            _replace(name, data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", where=name) from error


def _replace(name: str, data: bytes) -> None:
    try:
        mode = os.lstat(name).st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise OSError(errno.EINVAL, "is not a regular file")
    folder, last = os.path.split(name)
    beside = os.path.join(folder, f".{last[:60]}.{os.getpid()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(beside, name)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
