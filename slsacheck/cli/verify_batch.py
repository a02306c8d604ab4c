"""`slsacheck verify-batch CASES.jsonl`: many verifications in one process, answered in order as they are done."""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING

from slsacheck.cli.parsing import add_addresses
from slsacheck.cli.verify_answer import as_document
from slsacheck.cli.verify_case import CaseError, case_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from slsacheck.evidence.online.services import Services
    from slsacheck.model.attestation import Case

__all__ = ["add_parser", "run"]

_MAX_LINE = 4 * 1024 * 1024
"""A case is paths and expectations: a few kilobytes, with thousands of digests some hundred."""

_EXIT_PASS, _EXIT_NOT_MET, _EXIT_ERROR, _EXIT_USAGE = 0, 1, 3, 4


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "verify-batch",
        help="verify many attestations in one process",
        description="Verify the cases of a JSON Lines file and print an answer a line, in order, as they are done.",
    )
    parser.add_argument("cases", metavar="CASES.jsonl", help="a case a line; - reads standard input")
    group = parser.add_argument_group("network")
    group.add_argument(
        "--online",
        action="store_true",
        help="look up what a case lacks, as the verify-* commands do; else nobody is asked",
    )
    group.add_argument("--plain-http", action="store_true", help="speak HTTP to services whose address is given")
    add_addresses(group)
    parser.set_defaults(run=_start)


def _start(options: argparse.Namespace) -> int:
    from slsacheck.cli.network import asked_services

    return run(options.cases, sys.stdout, asked_services(options))


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of the stream; of one beyond the bound only the start, which is then refused."""
    while line := stream.readline(_MAX_LINE + 1):
        if len(line) > _MAX_LINE:
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(_MAX_LINE)
        yield line


class _Batch:
    """What the answers of one run share; imported with the first line, as nothing is needed without one."""

    def __init__(self, services: Services | None) -> None:
        from slsacheck.evidence.attestations.jsondoc import parse_json
        from slsacheck.evidence.attestations.steps import RefusedError
        from slsacheck.evidence.attestations.verifier import verify

        self._services = services
        self._ages: dict[str, dict[str, object]] = {}
        self._parse, self._refused, self._verify = parse_json, RefusedError, verify

    def answer(self, line: bytes) -> dict[str, object]:
        """The answer to one line; whatever is wrong with the line becomes an answer of verdict error."""
        identity: object = None
        try:
            value = self._parsed(line)
            identity = value.get("id") if isinstance(value, dict) else None
            return self._verified(case_of(value)) | {"id": identity}
        except CaseError as error:
            return {"id": identity, "verdict": "error", "message": str(error)}

    def _parsed(self, line: bytes) -> object:
        if len(line) > _MAX_LINE:
            raise CaseError(f"the line is longer than {_MAX_LINE} bytes")
        try:
            return self._parse(line, "the line")
        except self._refused as error:
            raise CaseError(error.message) from error

    def _verified(self, case: Case) -> dict[str, object]:
        try:
            if self._services is None:
                return as_document(self._verify(case), case, ages=self._ages)
            from slsacheck.evidence.online import verify_online

            asked = verify_online(case, self._services)
            return as_document(asked.verification, case, asked, self._ages)
        except Exception as error:  # noqa: BLE001 - the rest of the batch goes on whatever happens to one case
            message = f"slsacheck failed on this case ({type(error).__name__}); please report it with the files"
            return {"verdict": "error", "message": message}


def run(path: str, out: IO[str], services: Services | None = None) -> int:
    """Answer the cases of the file (`-`: standard input) on `out`; the exit status of the output contract.

    With `services` what a case lacks is looked up there.

    0 all pass, 1 some fail or unknown, 3 some error, 4 when the file cannot be read.
    """
    if path == "-":
        return _run(sys.stdin.buffer, out, services)
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - pathlib costs start-up time
            return _run(stream, out, services)
    except OSError as error:
        sys.stderr.write(f"slsacheck: the cases cannot be read: {error.strerror}: {path!r}\n")
        return _EXIT_USAGE


def _run(stream: IO[bytes], out: IO[str], services: Services | None) -> int:
    verdicts = set()
    batch: _Batch | None = None
    for line in _lines(stream):
        if not line.strip():
            continue
        batch = batch or _Batch(services)
        answer = batch.answer(line)
        verdicts.add(answer["verdict"])
        out.write(json.dumps(answer) + "\n")
        out.flush()
    if "error" in verdicts:
        return _EXIT_ERROR
    return _EXIT_PASS if verdicts <= {"pass"} else _EXIT_NOT_MET
