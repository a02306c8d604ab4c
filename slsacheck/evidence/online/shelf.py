"""A shelf that also holds what services have about an artifact: fetched attestations, named by their addresses."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import TYPE_CHECKING

from slsacheck.evidence.online import open_client
from slsacheck.evidence.online.cases import found_for
from slsacheck.evidence.shelf import Described, LocalShelf, Nearby
from slsacheck.model.attestation import Case, Expectations
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.online.client import Fetched
    from slsacheck.evidence.online.services import Services
    from slsacheck.evidence.tree import Problems

__all__ = ["OnlineShelf"]


class OnlineShelf(LocalShelf):
    """The files of this machine, and beside each artifact what GitHub, npm and PyPI answer about it.

    `expected` tells what is expected of the target's artifacts (the source says which repository is asked); what could
    not be asked goes into `problems`.
    """

    def __init__(self, services: Services, expected: Callable[[], Expectations], problems: Problems) -> None:
        super().__init__()
        self._services, self._expected, self._problems = services, expected, problems
        self._client = open_client(services)
        self._described: dict[str, Described] = {}
        self._fetched: dict[str, str] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="slsacheck-")
        weakref.finalize(self, self._folder.cleanup)

    def describe(self, path: str) -> Described:
        """Hashes an artifact once; see `Shelf.describe`."""
        found = self._described.get(path)
        if found is None:
            found = self._described[path] = super().describe(path)
        return found

    def nearby(self, path: str) -> Nearby:
        """Looks beside an artifact and asks the services; what they answer is for this artifact alone."""
        near = super().nearby(path)
        described = self.describe(path)
        problems: list[str] = []
        names = [self._keep(one) for one in self._answers(path, described, problems)]
        for problem in problems:
            self._problems.add(path, f"was looked up: {problem}")
        return replace(near, own=(*near.own, *names), looked=(*near.looked, *names))

    def _answers(self, path: str, described: Described, problems: list[str]) -> list[Fetched]:
        expected = self._expected()
        commands = ["verify-artifact"]
        if described.kind == "python-package":
            commands.append("verify-pypi-package")
        if described.kind == "npm-package" and expected.package_name:
            commands.append("verify-npm-package")
        return [
            answer
            for command in commands
            for answer in found_for(
                self._client,
                self._services,
                Case(command, artifact=(path,), expectations=expected),
                dict(described.digests),
                problems,
            )
        ]

    def _keep(self, answer: Fetched) -> str:
        if answer.url not in self._fetched:
            local = os.path.join(self._folder.name, f"{len(self._fetched)}.json")  # noqa: PTH118 - as everywhere on this path
            with open(local, "wb") as file:  # noqa: PTH123 - see above
                file.write(answer.body)
            self._fetched[answer.url] = local
            self.read().put(answer.url, answer.body)
        return answer.url

    def local(self, path: str) -> str:
        """The file that holds a fetched attestation; see `Shelf.local`."""
        return self._fetched.get(path) or super().local(path)
