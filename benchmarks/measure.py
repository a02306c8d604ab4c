"""Measuring a command: the shortest of several runs, and the most memory that it took."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Measured", "measure"]

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""Without what changes Python for one user: PYTHONDONTWRITEBYTECODE would have every run compile what it imports."""


@dataclass(frozen=True)
class Measured:
    """Seconds of the shortest run, of processor time of the thriftiest, MiB of the largest; the last exit status.

    Processor time (of the command and all that it started) is the steadier figure on a machine that does other work.

    Memory is never less than what this process has, some 14 MiB: a child begins as its twin.
    """

    seconds: float
    cpu: float
    memory: float
    status: int


def measure(command: Sequence[str], runs: int, cwd: str = "/", stdin: str = os.devnull) -> Measured:
    """Runs a command several times, output thrown away. The shortest time is the one least disturbed by others.

    `stdin` is the path of a file.
    """
    best, cpu, memory, status = float("inf"), float("inf"), 0, 0
    previous = os.getcwd()  # noqa: PTH109 - posix_spawn inherits the working directory
    os.chdir(cwd)
    try:
        for _ in range(runs):
            started = time.perf_counter()
            pid = os.posix_spawn(
                command[0],
                list(command),
                ENVIRONMENT,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
            )
            _, code, usage = os.wait4(pid, 0)
            best = min(best, time.perf_counter() - started)
            cpu = min(cpu, usage.ru_utime + usage.ru_stime)
            memory = max(memory, usage.ru_maxrss)
            status = os.waitstatus_to_exitcode(code)
    finally:
        os.chdir(previous)
    return Measured(best, cpu, memory / 1024, status)
