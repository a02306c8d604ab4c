"""Cases whose evidence is looked up: what is missing is fetched, then the verifier that works offline decides."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, SlsacheckError, Unavailable
from slsacheck.evidence.attestations import best, default_trust, verify
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.files import artifact_digests
from slsacheck.evidence.attestations.readers import read_attestations
from slsacheck.evidence.attestations.statement import algorithm_name
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.trustdata import load_domains
from slsacheck.evidence.attestations.verifier import refusal
from slsacheck.evidence.online import open_client
from slsacheck.evidence.online import registries as at
from slsacheck.evidence.online.consistency import check_consistency
from slsacheck.evidence.online.rekor import Found, entry_by_index, entry_by_uuid, entry_of, is_bare, is_uuid, search
from slsacheck.model.attestation import Step
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.attestations.trustdata import Log, TrustData
    from slsacheck.evidence.online.client import Client, Fetched
    from slsacheck.evidence.online.services import Services
    from slsacheck.model.attestation import Case, Verification

__all__ = ["Answered", "verify_online"]

_MAX_INDEX_DIGITS = 15


@record
class Answered:
    """A verdict, what was fetched for it, and what could not be asked or is not there (a sentence each)."""

    verification: Verification
    fetched: tuple[Fetched, ...] = ()
    problems: tuple[str, ...] = ()


@record
class _Asking:
    """One case being looked up. Files of the folder stand for the addresses from which they came."""

    client: Client
    services: Services
    folder: str
    trust: TrustData
    problems: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def save(self, name: str, data: bytes) -> str:
        """A file of ours with these bytes; messages call it `name`."""
        path = os.path.join(self.folder, f"{len(self.names)}.json")  # noqa: PTH118 - pathlib costs start-up time
        with open(path, "wb") as file:  # noqa: PTH123 - see above
            file.write(data)
        self.names[path] = name
        return path

    def renamed(self, verification: Verification) -> Verification:
        """The same with the addresses where the verifier said our files."""

        def said(text: str) -> str:
            for path, name in self.names.items():
                text = text.replace(path, name)
            return text

        steps = tuple(replace(step, detail=said(step.detail)) for step in verification.steps)
        path = said(verification.path) if verification.path else verification.path
        return replace(verification, message=said(verification.message), steps=steps, path=path)


def verify_online(case: Case, services: Services, trust: TrustData | None = None) -> Answered:
    """The verdict on a case with what it lacks looked up: attestations by digest, the log entry of a bare envelope.

    Never raises on what services answer: what cannot be asked leaves the verdict at unknown, with the reason.
    """
    client = open_client(services)
    try:
        with tempfile.TemporaryDirectory(prefix="slsacheck-") as folder:
            asking = _Asking(client, services, folder, trust if trust is not None else default_trust())
            answer = asking.renamed(_verified(case, asking))
            return Answered(answer, tuple(client.fetched), tuple(asking.problems))
    finally:
        client.close()


def _verified(case: Case, asking: _Asking) -> Verification:
    if case.command == "verify-rekor-entry":
        return _entry_answer(case, asking)
    if not case.provenance and case.oci_layout is None:
        try:
            paths = tuple(_looked_up(case, asking))
        except RefusedError as problem:
            return refusal(case, problem)
        if not paths:
            return refusal(case, _nothing(asking))
        case = replace(case, provenance=paths)
    answer = verify(case, asking.trust)
    if answer.verdict == "unknown" and answer.reason_class == "log-missing" and case.rekor_entry is None:
        return _with_log(case, answer, asking)
    return answer


def _nothing(asking: _Asking) -> RefusedError:
    told = "; ".join(asking.problems) or "nobody could be asked about it: give --source-uri, or --provenance-path FILE"
    return RefusedError("no-valid-signature", f"no attestation was found: {told}", verdict="unknown", step="look-up")


# Attestations by digest


def _looked_up(case: Case, asking: _Asking) -> Iterator[str]:
    """Files with what services answered about the case's artifacts; what failed is told in the problems."""
    digests = [artifact_digests(path) for path in case.artifact]
    digests += [{algorithm_name(name): value.lower() for name, value in one} for one in case.digests]
    by_name = case.command in ("verify-npm-package", "verify-pypi-package")
    for one in digests[:1] if by_name else digests:
        for answer in found_for(asking.client, asking.services, case, one, asking.problems):
            yield asking.save(answer.url, answer.body)


def found_for(
    client: Client, services: Services, case: Case, digests: dict[str, str], problems: list[str]
) -> Iterator[Fetched]:
    """What the services that know this kind of artifact answer about it; `problems` gets a sentence for each other."""
    expected = case.expectations
    if case.command == "verify-npm-package":
        if expected.package_name and expected.package_version:
            named = (expected.package_name, expected.package_version)
            yield from _tried(partial(at.npm_attestations, client, services, *named), problems)
        else:
            problems.append("npm is asked by name and version: give --package-name and --package-version")
        return
    if case.command == "verify-pypi-package":
        for path in case.artifact:
            filename = os.path.basename(path)  # noqa: PTH119 - pathlib costs start-up time
            yield from _tried(partial(at.pypi_provenance, client, services, filename), problems)
        return
    repository, sha256 = at.owner_and_name(expected.source_uri), digests.get("sha256")
    if repository is None:
        return
    if sha256 is None:
        problems.append("GitHub is asked by SHA-256: give the file, or --digest sha256:HEX")
        return
    try:
        yield from at.github_attestations(client, services, repository, sha256, problems)
    except (Absent, Unavailable) as error:
        problems.append(str(error))


def _tried(ask: Callable[[], Fetched], problems: list[str]) -> Iterator[Fetched]:
    try:
        yield ask()
    except (Absent, Unavailable) as error:
        problems.append(str(error))


# Log entries of bare envelopes


def _with_log(case: Case, answer: Verification, asking: _Asking) -> Verification:
    """The verdict with the entries that the log has of the case's bare envelopes; the old one where it has none."""
    answers = []
    for path in case.provenance:
        for reading in read_attestations(path):
            if not isinstance(reading, Attestation) or reading.raw is None or not is_bare(reading):
                continue
            try:
                found = entry_of(asking.client, asking.services.rekor, reading)
            except (Absent, Unavailable) as error:
                asking.problems.append(str(error))
                continue
            alone = asking.save(asking.names.get(path, path), reading.raw)
            entry = asking.save(found.answer.url, found.answer.body)
            answers.append(verify(replace(case, provenance=(alone,), rekor_entry=entry), asking.trust))
    return best(answers) if answers else _still_open(answer, asking)


def _still_open(answer: Verification, asking: _Asking) -> Verification:
    told = "; ".join(asking.problems)
    message = f"{answer.message}; the log was asked: {told}" if told else answer.message
    return replace(answer, message=message, steps=(*answer.steps, Step("look-up", "not-possible", told)))


# Entries by id or index


def _entry_answer(case: Case, asking: _Asking) -> Verification:
    """Entries named by file, id or index: in the log, and the log still consistent with them."""
    found, paths = [], []
    try:
        for name in case.provenance:
            entry = _named(name, asking)
            found.append(entry)
            paths.append(name if entry is None else asking.save(entry.answer.url, entry.answer.body))
        for digests in case.digests:
            for uuid in search(asking.client, asking.services.rekor, dict(digests).get("sha256", "")):
                entry = entry_by_uuid(asking.client, asking.services.rekor, uuid)
                found.append(entry)
                paths.append(asking.save(entry.answer.url, entry.answer.body))
    except SlsacheckError as error:
        return refusal(case, RefusedError("log-missing", str(error), verdict="unknown", step="look-up"))
    if not paths:
        message = "the log has no entry about this artifact"
        return refusal(case, RefusedError("log-missing", message, verdict="unknown", step="look-up"))
    answer = verify(replace(case, provenance=tuple(paths)), asking.trust)
    return _consistent(case, answer, [one for one in found if one is not None], asking)


def _named(name: str, asking: _Asking) -> Found | None:
    """The entry of that id or index; None for a file."""
    if os.path.exists(name):  # noqa: PTH110 - pathlib costs start-up time
        return None
    if is_uuid(name.lower()):
        return entry_by_uuid(asking.client, asking.services.rekor, name.lower())
    if name.isascii() and name.isdecimal() and len(name) <= _MAX_INDEX_DIGITS:
        return entry_by_index(asking.client, asking.services.rekor, int(name))
    raise Unavailable(f"{shown(name)} is neither a file nor an entry's id or index", advice="check the spelling")


def _consistent(case: Case, answer: Verification, found: list[Found], asking: _Asking) -> Verification:
    """The same with a step on the log's consistency for every entry that was fetched."""
    if answer.verdict != "pass" or not found:
        return answer
    trust = (
        asking.trust if case.trusted_root is None else replace(asking.trust, domains=load_domains(case.trusted_root))
    )
    steps = list(answer.steps)
    for one in found:
        log = _log(one, trust)
        try:
            how = check_consistency(asking.client, asking.services.rekor, one.entry, log)
        except RefusedError as problem:
            outcome = "fail" if problem.verdict == "fail" else "not-possible"
            steps.append(Step("log-consistency", outcome, problem.message))
            told = {"verdict": problem.verdict, "reason_class": problem.reason_class, "message": problem.message}
            return replace(answer, steps=tuple(steps), **told)
        steps.append(Step("log-consistency", "pass", how))
    return replace(answer, steps=tuple(steps))


def _log(found: Found, trust: TrustData) -> Log:
    """The trusted log of an entry that was verified, so there is one."""
    logs = (domain.log(found.entry.log_id) for domain in trust.domains)
    return next(log for log in logs if log is not None)
