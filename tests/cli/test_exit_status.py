"""The exit statuses, each proved, and that nothing ends in a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from slsacheck import assessing
from slsacheck.errors import InputError, PlanError
from tests.clock import HANGS

from .conftest import Ended

Command = Callable[..., Ended]


def test_0_without_a_gate(command: Command, released: Path) -> None:
    assert command("-q").status == 0


def test_0_where_the_gate_is_met(command: Command, released: Path) -> None:
    assert command("--require", "build=2", "--accept", "configured").status == 0


@pytest.mark.parametrize("spec", ["v0.1", "v1.0", "v1.1", "v1.2"])
def test_0_for_a_repository_that_publishes_nothing(
    command: Command, make_repository: Callable[..., Path], tmp_path: Path, spec: str
) -> None:
    """Also in a version of SLSA that asks nothing of a revision."""
    for path in (make_repository({"README": "text"}), tmp_path):
        ended = command(str(path), "--spec", spec)
        assert ended.status == 0
        assert "nothing" in ended.out or "o publication" in ended.out


def test_1_where_the_gate_is_not_met(command: Command, released: Path) -> None:
    assert command("--require", "build=1").status == 1
    assert command("--require", "build=3", "--accept", "configured").status == 1


def test_1_where_nothing_has_the_level_that_is_required(command: Command, tmp_path: Path) -> None:
    assert command(str(tmp_path), "--require", "build=1").status == 1


def test_1_under_strict_for_any_fail(command: Command, released: Path) -> None:
    ended = command("--strict", "--report", "json=-")
    assert ended.status == 1
    assert '"strict"' in ended.out


def test_2_on_interruption(command: Command, released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(assessing, "assess", interrupted)
    ended = command()
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "slsacheck: error: interrupted; nothing is reported\n"


def test_2_on_sigterm(plugin: Callable[[str, str], str], released: Path, tmp_path: Path) -> None:
    marker = tmp_path / "began"
    name = plugin("slow", f"Path({str(marker)!r}).touch(); time.sleep({HANGS})")
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "slsacheck", "-p", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        while not marker.exists() and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=HANGS)
    assert running.returncode == 2
    assert out == b""
    assert b"Traceback" not in err


def test_2_where_the_reader_goes_away() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "slsacheck", "rules"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=HANGS,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (2, b"")


def test_3_where_a_check_breaks(command: Command, released: Path, plugin: Callable[[str, str], str]) -> None:
    ended = command("-p", plugin("broken", "raise RuntimeError('broken inside')"))
    assert ended.status == 3
    assert "broken inside" in ended.out
    assert "Traceback" not in ended.out + ended.err


def test_3_before_1(command: Command, released: Path, plugin: Callable[[str, str], str]) -> None:
    assert command("-p", plugin("broken_too", "return None"), "--require", "build=3").status == 3


def test_3_for_a_fault_of_slsacheck_itself(command: Command, released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_args: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(assessing, "assess", faulty)
    ended = command()
    assert ended.status == 3
    assert ended.err.startswith(
        "slsacheck: error: this is a fault of slsacheck: RuntimeError: unforeseen (test_exit_status.py:"
    )
    assert "Traceback" not in ended.err
    assert "Traceback" in command("--tb=long").err
    assert "Traceback" in command("--tb", "short").err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--jbos", "3"], "--jbos: unknown option\n  did you mean --jobs?"),
        (["--jobs", "0"], "'0' is not a number from 1 to 256"),
        (["--spec", "v9"], "invalid choice: 'v9'"),
        (["scna"], "there is no 'scna' to assess\n  did you mean `slsacheck scan`?"),
        (["no/such/FOLDER"], "there is no 'no/such/FOLDER' to assess"),
        (["--require", "build=9"], "build has levels 1 to 3"),
        (["--require", "slsa=1"], "SLSA v1.2 has no track 'slsa'"),
        (["--track", "bild"], "SLSA v1.2 has no track 'bild'"),
        (["--track", "source", "--spec", "v1.0"], "SLSA v1.0 has no track 'source'\n  tracks: build"),
        (["-k", "a and"], "-k: at column 6"),
        (["-m", "(l1"], "-m: at column 4"),
        (["-p", "no_such_plugin"], "plug-in no_such_plugin"),
        (["--trust-plugin", "other"], "--trust-plugin other"),
        (["--report", "jsno"], "there is no report format 'jsno'"),
        (["--report", "json=no/such/dir/x"], "there is no folder no/such/dir"),
        (["--report", "json=."], "is a folder"),
        (["--report", "=x"], "a format and a file"),
        (["--report", "json", "--report", "markdown"], "two reports would go to standard output"),
        (["--report", "json=a", "--report", "html=a"], "two reports would go to a"),
        (["--config", "none.toml"], "none.toml: there is no such file"),
        (["--revision", "none"], ""),
        (["--online", "--offline"], "not allowed with"),
        (["--build-workflow-input", "x"], "'x' is not NAME=VALUE"),
        (["--evidence", "none.zip"], "none.zip"),
        (["audit"], "an audit needs what is released"),
        (["audit", "--artifact", "none*"], "--artifact none*: there is no such file"),
        (["audit", "--package", "npm:x"], "is not a package URL"),
        (["explain", "build.isolatd"], "did you mean build.isolated"),
        (["trust", "show", "none"], "there is no trust root 'none'"),
        (["rules", "--track", "none"], "SLSA v1.2 has no track 'none'"),
        (["init", "none"], "none is not a folder"),
        (["collect"], "-o/--output"),
    ],
)
def test_4_for_usage(
    command: Command,
    make_repository: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    argv: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(make_repository({"a": "b"}))
    ended = command(*argv)
    assert ended.status == 4
    assert ended.out == ""
    assert ended.err.startswith("slsacheck: error: ")
    assert message in ended.err


def test_4_for_a_broken_configuration_that_was_found_after_the_assessment(command: Command, released: Path) -> None:
    (released / "slsacheck.toml").write_text("require = 3\n")
    ended = command("--require", "build=3")
    assert ended.status == 4
    assert "archives" in ended.out
    assert "slsacheck.toml:1" in ended.out


@pytest.mark.parametrize("demand", ["slsa=2", "build=9", "nonsense=1"])
def test_a_demand_of_the_target_that_does_not_fit_is_told_and_the_rest_goes_on(
    command: Command, released: Path, demand: str
) -> None:
    (released / "slsacheck.toml").write_text(f'require = ["{demand}"]\n')
    ended = command()
    assert ended.status == 4
    assert "archives" in ended.out
    assert "configuration" in ended.out


def test_4_for_a_broken_configuration_that_was_named(command: Command, released: Path) -> None:
    (released / "own.toml").write_text("requires = 3\n")
    ended = command("--config", "own.toml")
    assert (ended.status, ended.out) == (4, "")
    assert ended.err == "slsacheck: error: own.toml:1: requires is not a setting\n  did you mean 'require'?\n"


def test_5_where_nothing_could_be_opened(command: Command) -> None:
    ended = command("https://git.example.com/acme/widget.git", "--offline")
    assert ended.status == 5
    assert "--offline" in ended.out


def test_5_where_no_check_was_chosen(command: Command, released: Path) -> None:
    assert command("-k", "no_such_word").status == 5
    assert command("-k", "no_such_word", "--require", "build=1").status == 1


def test_a_found_configuration_can_only_ask_for_more(command: Command, released: Path) -> None:
    (released / "slsacheck.toml").write_text('accept = ["configured"]\nrequire = ["build=2"]\nplugins = ["evil"]\n')
    ended = command()
    assert ended.status == 1
    assert ended.err == "note: slsacheck.toml of the target: accept, plugins count only where --config names a file\n"
    assert command("-q").err == ""
    (released / "slsacheck.toml").write_text('accept = ["configured"]\nrequire = ["build=2"]\n')
    ended = command("--config", "slsacheck.toml")
    assert (ended.status, ended.err) == (0, "")


def test_a_flag_goes_before_the_configuration_but_not_before_what_was_found(command: Command, released: Path) -> None:
    (released / "own.toml").write_text('require = ["build=3"]\naccept = ["configured"]\n')
    assert command("--config", "own.toml").status == 1
    assert command("--config", "own.toml", "--require", "build=2").status == 0
    (released / "slsacheck.toml").write_text('require = ["build=3"]\n')
    assert command("--config", "own.toml", "--require", "build=2").status == 1


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (BrokenPipeError(), 2, ""),
        (
            PlanError("evidence needs itself", where="a plug-in", advice="take it out"),
            3,
            "error: a plug-in: evidence needs itself\n  take it out",
        ),
        (InputError("is broken"), 3, "error: is broken"),
        (RuntimeError(), 3, "this is a fault of slsacheck: RuntimeError: "),
    ],
)
def test_every_error_has_its_status(
    command: Command, released: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, told: str
) -> None:
    def failing(*_args: object) -> None:
        raise error

    monkeypatch.setattr(assessing, "assess", failing)
    ended = command()
    assert (ended.status, ended.out) == (status, "")
    assert told in ended.err


def test_sigterm_is_ours_only_while_a_command_runs(
    command: Command, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def killed(*_args: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)

    monkeypatch.setattr(assessing, "assess", killed)
    assert command().status == 2
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_may_run_a_command(command: Command) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(command, "rules").result().status == 0


def test_a_report_that_cannot_be_written_is_3(command: Command, released: Path) -> None:
    os.mkfifo(released / "pipe")
    ended = command("--report", "json=pipe")
    assert ended.status == 3
    assert "pipe: cannot be written: is not a regular file" in ended.err
