"""Reports and where they go, the terminal's abilities, encodings, and files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from slsacheck.cli import console, reporting
from slsacheck.errors import InputError
from tests.clock import HANGS

from .conftest import Ended

Command = Callable[..., Ended]


def test_a_report_on_standard_output_has_it_alone(command: Command, released: Path) -> None:
    ended = command("--report", "json=-")
    report = json.loads(ended.out)
    assert (report["format"], report["spec"]) == ("slsacheck-report", "v1.2")
    assert "archives" in ended.err


def test_a_format_alone_means_standard_output(command: Command, released: Path) -> None:
    assert json.loads(command("--report", "json").out)["format"] == "slsacheck-report"
    assert "archives" in command("--report", "terminal").out


def test_files_are_written_beside_the_terminal_report(command: Command, released: Path) -> None:
    (released / "out").mkdir()
    ended = command("--report", "json=out/a.json", "--report", "terminal=out/a.txt", "--report", "junit=out/a.xml")
    assert "archives" in ended.out
    assert json.loads((released / "out" / "a.json").read_text())["target"]["name"] == "widget"
    assert "\x1b" not in (released / "out" / "a.txt").read_text()
    assert sorted(path.name for path in (released / "out").iterdir()) == ["a.json", "a.txt", "a.xml"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((released / "out" / "a.json").stat().st_mode) == 0o666 & ~umask


def test_a_report_of_the_configuration_counts_unless_flags_say_otherwise(command: Command, released: Path) -> None:
    (released / "own.toml").write_text('report = ["json=own.json"]\n')
    command("--config", "own.toml", "--report", "json=other.json")
    assert [path.name for path in released.glob("*.json")] == ["other.json"]
    command("--config", "own.toml")
    assert (released / "own.json").exists()
    (released / "own.json").unlink()
    (released / "own.toml").rename(released / "slsacheck.toml")
    command()
    assert not (released / "own.json").exists()


def test_a_link_in_the_place_of_a_report_is_replaced_not_followed(tmp_path: Path) -> None:
    precious, link = tmp_path / "precious", tmp_path / "report.json"
    precious.write_text("mine")
    link.symlink_to(precious)
    reporting.write_file(str(link), "report")
    assert (precious.read_text(), link.read_text(), link.is_symlink()) == ("mine", "report", False)


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InputError, match="regular file"):
        reporting.write_file(str(tmp_path / "fifo"), "x")
    with pytest.raises(InputError, match="cannot be written"):
        reporting.write_file(str(tmp_path / "none" / "x"), "x")
    assert [path.name for path in tmp_path.iterdir()] == ["fifo"]
    reporting.write_file("/dev/null", "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_half_a_surrogate_pair_becomes_an_escape_that_json_reads() -> None:
    assert json.loads(reporting.encoded('"\udc80é"')) == "\udc80é"


def test_an_ascii_locale_is_no_fault(process: Callable[..., Ended], released: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    (released / ".github" / "workflows" / "é→.yml").write_text("on: push\n\x01")
    ended = process("-v", env=ascii_only)
    assert ended.status == 0
    assert ended.out.isascii()
    report = process("--report", "json=-", env=ascii_only)
    assert json.loads(report.out)
    assert "Traceback" not in ended.err + report.err


def test_closed_standard_output_is_no_fault() -> None:
    for argv in (["--version"], ["--help"], ["rules"]):
        code = (
            f"import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, '-P', '-m', 'slsacheck', *{argv}])"
        )
        done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=False, timeout=HANGS)
        assert (done.returncode, done.stderr) == (0, b"")


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("no descriptor")


@pytest.mark.parametrize(
    ("flag", "environment", "terminal", "coloured"),
    [
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"TERM": "xterm", "FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_the_flag_then_the_environment_then_the_terminal(
    monkeypatch: pytest.MonkeyPatch, flag: str, environment: dict[str, str], terminal: bool, coloured: bool
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else StringIO())
    found = console.console_of(flag)
    assert found.colour is coloured
    assert found.links is False


@pytest.mark.parametrize(("columns", "width"), [("100", 100), ("1", 40), ("9999", 240), ("x", 80), ("", 80), ("²", 80)])
def test_the_width_is_that_of_columns_within_reason(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setattr(os, "environ", {"COLUMNS": columns})
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert console.console_of().width == width


@pytest.mark.parametrize("name", ["VTE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID", "TERM_PROGRAM"])
def test_links_only_where_the_terminal_is_known_to_open_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value = "vscode" if name == "TERM_PROGRAM" else "6003"
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(os, "environ", {"TERM": "xterm", name: value})
    assert console.console_of().links
    monkeypatch.setattr(sys, "stdout", StringIO())
    assert not console.console_of("always").links


def test_a_stream_without_the_characters_gets_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    assert console.console_of().unicode
    stream.encoding = "ascii"
    assert not console.console_of().unicode


def test_what_steers_a_terminal_is_shown_as_escape() -> None:
    assert console.clean("a\x1b[31m\u202e\x9b\x7f\r\udc80b\nc") == "a\\x1b[31m\\x202e\\x9b\\x7f\\x0d\\xdc80b\nc"


def test_progress_is_shown_on_a_terminal_only_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.2, 0.7, 0.75, 1.0, 1.2])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    progress = console.Progress()
    for _ in range(4):
        progress([1, 2])
    progress.done()
    assert stream.getvalue() == "\r4 results, 1 s\r8 results, 1 s\r\x1b[K"


def test_a_long_step_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    progress = console.Progress()
    progress.wait("fetching \x1bwidget")
    progress.done()
    assert stream.getvalue() == "\rfetching \\x1bwidget …\r\x1b[K"


def test_nothing_moves_where_output_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    moments = iter([0.0, 5.0, 9.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    progress = console.Progress()
    progress([1])
    progress.done()
    assert stream.getvalue() == ""


def test_on_a_real_terminal_it_is_coloured_and_as_wide(released: Path) -> None:
    parent, child = pty.openpty()
    subprocess.run(["stty", "cols", "60"], stdin=child, check=True)
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "slsacheck", "rules"],
        stdout=child,
        stdin=child,
        env=environment,
        check=False,
        timeout=HANGS,
    )
    os.close(child)
    chunks = []
    try:
        while chunk := os.read(parent, 65536):
            chunks.append(chunk)
    except OSError:
        pass
    os.close(parent)
    text = b"".join(chunks).decode()
    assert done.returncode == 0
    assert "\x1b[1mSLSA v1.2, build track" in text
    assert max(len(line) for line in text.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()) <= 60
