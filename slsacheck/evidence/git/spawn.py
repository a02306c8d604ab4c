"""Starting git: a child process with a time-out, output caps and a process group of its own.

`os.posix_spawn` instead of `subprocess`: importing the latter costs as much as starting Python does.
"""

import contextlib
import os
import select
import signal
import time

from slsacheck.errors import Unavailable

__all__ = ["Child", "SilentError", "run"]

_CHUNK = 1 << 16
MAX_MESSAGE = 4096
"""Bytes kept of what a child says on standard error; enough for git's own sentences, too little to be flooded with."""


class SilentError(Unavailable):
    """A child process did not answer in time."""


class Child:
    """A running process: `stdin` (if asked for), `stdout` and `stderr` are file descriptors that belong to it."""

    def __init__(self, argv: list[str], env: dict[str, str], *, writable: bool = False) -> None:
        self.name = " ".join(argv[:1] + [word for word in argv[1:] if not word.startswith(("-", "/"))][:1])
        self.stdout, out = os.pipe()
        self.stderr, err = os.pipe()
        self.stdin = -1
        actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_DUP2, err, 2),
        ]
        source = -1
        if writable:
            source, self.stdin = os.pipe()
            actions.append((os.POSIX_SPAWN_DUP2, source, 0))
        else:
            actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        self.pid = 0
        try:
            self.pid = os.posix_spawn(
                argv[0], argv, env, file_actions=actions, setpgroup=0, setsigdef=[signal.SIGPIPE, signal.SIGINT]
            )
        except OSError as error:
            self.close()
            raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}", advice="is git installed?") from error
        finally:
            for descriptor in (out, err, source):
                _close(descriptor)

    def read(self, size: int, deadline: float) -> bytes:
        """Some bytes of standard output, at most `size`; empty at its end. Raises Unavailable at the deadline."""
        self._wait_for([self.stdout], deadline)
        return os.read(self.stdout, min(size, _CHUNK))

    def collect(self, limit: int, deadline: float) -> tuple[bytes, bytes]:
        """Standard output and the beginning of standard error, to their ends.

        Raises Unavailable where the output is larger than `limit` bytes or does not end before the deadline.
        """
        out, err = bytearray(), bytearray()
        open_ends = [self.stdout, self.stderr]
        while open_ends:
            for descriptor in self._wait_for(open_ends, deadline):
                data = os.read(descriptor, _CHUNK)
                if not data:
                    open_ends.remove(descriptor)
                elif descriptor == self.stdout:
                    out += data
                else:
                    err += data[: MAX_MESSAGE - len(err)]
            if len(out) > limit:
                raise Unavailable(f"{self.name} gives more than {limit} bytes")
        return bytes(out), bytes(err)

    def said(self, until: float) -> bytes | None:
        """What it said on standard error by `until` (monotonic): None where nothing yet, empty when it has ended."""
        try:
            self._wait_for([self.stderr], until)
        except Unavailable:
            return None
        return os.read(self.stderr, _CHUNK)

    def wait(self) -> int:
        """The exit status; negative is a signal. The process must have ended or been killed."""
        if not self.pid:
            return 0
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """Ends the process and all that it started, and frees everything. Harmless where it has ended."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it may have ended by itself
                os.killpg(self.pid, signal.SIGKILL)
            self.wait()
        self.close()

    def close(self) -> None:
        """Closes the file descriptors."""
        for descriptor in (self.stdin, self.stdout, self.stderr):
            _close(descriptor)
        self.stdin = self.stdout = self.stderr = -1

    def _wait_for(self, descriptors: list[int], deadline: float) -> list[int]:
        poll = select.poll()
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN | select.POLLHUP)
        left = deadline - time.monotonic()
        ready = poll.poll(left * 1000) if left > 0 else []
        if not ready:
            raise SilentError(f"{self.name} did not answer in time and was stopped")
        return [descriptor for descriptor, _ in ready]


def run(argv: list[str], env: dict[str, str], *, limit: int, seconds: float) -> tuple[int, bytes, bytes]:
    """Runs a command to its end: exit status, standard output, beginning of standard error.

    Raises Unavailable where it cannot be started, takes longer than `seconds` or says more than `limit` bytes.
    """
    child = Child(argv, env)
    try:
        out, err = child.collect(limit, time.monotonic() + seconds)
        return child.wait(), out, err
    finally:
        child.kill()


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        os.close(descriptor)
