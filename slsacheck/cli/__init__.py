"""The command line: parse, call, print, exit; nothing else. One module per command, imported when it is asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from slsacheck.cli.commands import COMMANDS, help_text, split
from slsacheck.errors import ConfigError, SlsacheckError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

__all__ = ["run", "told"]

OK, NOT_MET, INTERRUPTED, BROKEN, USAGE, NOTHING = range(6)
"""The exit statuses, as pytest has them (DESIGN section 5)."""


def run(argv: Sequence[str]) -> int:
    """Runs one command and returns its exit status; no exception and no traceback leaves here."""
    restore = _on_sigterm()
    _tolerant_streams()
    try:
        return _dispatch(list(argv))
    except SystemExit as stop:  # argparse ends so after --help
        return stop.code if isinstance(stop.code, int) else OK
    except (UsageError, ConfigError) as error:
        return told(error, USAGE)
    except KeyboardInterrupt:
        _error("interrupted; nothing is reported")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return INTERRUPTED
    except SlsacheckError as error:
        return told(error, BROKEN)
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence instead of a traceback
        return _fault(error, argv)
    finally:
        restore()
        _flush()


def _dispatch(argv: list[str]) -> int:
    name, rest = split(argv)
    if name is None:
        sys.stdout.write(help_text())
        return OK
    from importlib import import_module

    from slsacheck.cli.parsing import Parser

    parser = Parser(prog="slsacheck", add_help=False)
    commands = parser.add_subparsers(dest="command", parser_class=Parser)
    import_module(f"slsacheck.cli.{COMMANDS[name].module}").add_parser(commands)
    options = parser.parse_args([name, *rest])
    status: int = options.run(options)
    return status


def told(error: SlsacheckError, status: int) -> int:
    """Says an error on standard error, with what to do, and returns the status."""
    place = f"{error.where}: " if error.where else ""
    _error(f"{place}{error.message}", error.advice)
    return status


def _error(message: str, advice: str = "") -> None:
    from slsacheck.cli.console import clean

    sys.stderr.write(f"slsacheck: error: {clean(message)}\n")
    if advice:
        sys.stderr.write(f"  {clean(advice)}\n")


def _fault(error: Exception, argv: Sequence[str]) -> int:
    """An exception that nobody foresaw: one line, and the traceback only where --tb asks for it."""
    where = ""
    if error.__traceback__ is not None:
        last = error.__traceback__
        while last.tb_next is not None:
            last = last.tb_next
        where = f" ({os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno})"  # noqa: PTH119 - no pathlib for one name
    told = f"{type(error).__name__}: {error}{where}"
    _error(f"this is a fault of slsacheck: {told}", "please report it with the output of --tb=long")
    wanted = " ".join(argv).replace("--tb ", "--tb=")
    if "--tb=long" in wanted or "--tb=short" in wanted:
        import traceback

        traceback.print_exception(error, limit=-3 if "--tb=short" in wanted else None)
    return BROKEN


def _tolerant_streams() -> None:
    """Characters that the locale cannot say are written as escapes instead of ending in an exception."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - until the end of the process
        stream = getattr(sys, name)
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _on_sigterm() -> Callable[[], None]:
    """SIGTERM ends a run as Ctrl-C does; returns what puts the former handler back."""
    import signal

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        former = signal.signal(signal.SIGTERM, interrupted)
    except ValueError:  # not the main thread: whoever runs us there handles signals
        return lambda: None

    def restore() -> None:
        signal.signal(signal.SIGTERM, former)

    return restore


def _abandon_stdout() -> None:
    """The reader of standard output went away: what is still buffered goes nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def _flush() -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        _abandon_stdout()
