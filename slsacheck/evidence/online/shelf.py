"""A shelf that also holds what services have about an artifact: fetched attestations, named by their addresses."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, Unavailable
from slsacheck.evidence.attestations import read_many
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.jsondoc import as_map
from slsacheck.evidence.attestations.limits import MAX_LOG_ENTRIES
from slsacheck.evidence.online import open_client
from slsacheck.evidence.online.cases import found_for
from slsacheck.evidence.online.packages import files_of_package, is_package, parse_purl
from slsacheck.evidence.online.registries import npm_attestations, pypi_provenance
from slsacheck.evidence.online.rekor import entry_of, is_bare
from slsacheck.evidence.shelf import LOG_ENTRIES, Described, LocalShelf, Nearby
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
        """Hashes an artifact once, or says what a registry states of a package's file; see `Shelf.describe`."""
        found = self._described.get(path)
        if found is None:
            found = self._described[path] = super().describe(path)
        return found

    def nearby(self, path: str) -> Nearby:
        """Looks beside an artifact and asks the services; what they answer is for this artifact alone.

        Of a package URL it names the package's files (`wide`), whose names are that URL and `#` and their own.
        """
        if is_package(path):
            return self._package(path)
        package, _, name = path.partition("#")
        near = Nearby((), (), ()) if is_package(package) else super().nearby(path)
        described = self.describe(path)
        problems: list[str] = []
        answers = self._about_file(package, name, problems) if is_package(package) else None
        names = [
            self._keep(one) for one in (answers if answers is not None else self._answers(path, described, problems))
        ]
        for problem in problems:
            self._problems.add(path, f"was looked up: {problem}")
        return replace(near, own=(*near.own, *names), looked=(*near.looked, *names))

    def _package(self, path: str) -> Nearby:
        purl = parse_purl(path)
        found = files_of_package(self._client, self._services, purl)
        for one in found:
            kind = "npm-package" if purl.kind == "npm" else "python-package"
            self._described[f"{path}#{one.name}"] = Described(one.digests, kind)
        return Nearby((), tuple(f"{path}#{one.name}" for one in found), (path,))

    def _about_file(self, package: str, name: str, problems: list[str]) -> list[Fetched]:
        """What the registry answers about one file of a package."""
        purl = parse_purl(package)
        try:
            if purl.kind == "npm":
                return [npm_attestations(self._client, self._services, purl.name, purl.version)]
            return [pypi_provenance(self._client, self._services, name)]
        except (Absent, Unavailable) as error:
            problems.append(str(error))
            return []

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
            self._stored(answer.url, answer.body)
        return answer.url

    def _stored(self, name: str, data: bytes) -> None:
        local = os.path.join(self._folder.name, f"{len(self._fetched)}.json")  # noqa: PTH118 - as everywhere on this path
        with open(local, "wb") as file:  # noqa: PTH123 - see above
            file.write(data)
        self._fetched[name] = local
        self.read().put(name, data)

    def local(self, path: str) -> str:
        """The file that holds a fetched attestation, or the log's entries of a bare one; see `Shelf.local`."""
        if path.endswith(LOG_ENTRIES):
            return self._entries(path)
        return self._fetched.get(path) or super().local(path)

    def _entries(self, name: str) -> str:
        """The log's entries of the bare envelopes in an attestation file. Raises Absent where there are none."""
        if name not in self._fetched:
            found: dict[str, object] = {}
            attestation = name.removesuffix(LOG_ENTRIES)
            for reading in read_many(self.local(attestation)):
                if not isinstance(reading, Attestation) or not is_bare(reading) or len(found) >= MAX_LOG_ENTRIES:
                    continue
                try:
                    found |= as_map(entry_of(self._client, self._services.rekor, reading).answer.json())
                except (Absent, Unavailable) as error:
                    self._problems.add(attestation, f"was looked up: {error}")
            if not found:
                raise Absent("the log has no entry of it", where=attestation)
            self._stored(name, json.dumps(found).encode())
        return self._fetched[name]
