"""A further bundle of a batch beside the bare cryptography that it needs.

That is every signature check that its verification makes (of the certificate, of its certificate transparency, of the
envelope, of the log's promise and checkpoint), each as one call of the library with the keys and the signed bytes at
hand. It is measured twice: alone, one check after the other, and in place, inside the verification, where processor
caches hold other things as well. A third figure adds to the first what every verifier has to have done by such a
library as well: the certificate read, what was signed of it put together, and the hashes.

All of it is measured in turns with slsacheck, some bundles at a time, in processor time; the ratios are medians of
those turns, so that what else the machine does counts for neither side.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from cryptography import x509

from slsacheck.cli.verify_batch import run
from slsacheck.cli.verify_case import case_of
from slsacheck.evidence.attestations import keys, verify

__all__ = ["Case", "Further", "per_bundle"]

TOGETHER, ROUNDS = 20, 12
"""Bundles of a turn, which takes some 50 ms, and how often all of them get one."""
Case = dict[str, Any]
Work = Callable[[], Any]


@contextmanager
def checked_by(check: Callable[..., bool]) -> Iterator[None]:
    """While another function stands for the library's check of a signature."""
    genuine = keys.holds
    keys.holds = check
    try:
        yield
    finally:
        keys.holds = genuine


def signature_checks(case: Case) -> list[Work]:
    """The signature checks of one verification, each as a call of the library alone."""
    calls: list[Work] = []
    genuine = keys.holds

    def noting(key: Any, *given: object) -> bool:
        held = genuine(key, *given)
        if held:
            calls.append(partial(key.verify, *given))
        return held

    verify(case_of(case))  # the chain of the authority is checked once in a process
    with checked_by(noting):
        answer = verify(case_of(case))
    assert answer.verdict == "pass", answer.message
    return calls


def library_work(case: Case) -> Work:
    """What else the libraries of cryptography do for one verification: the certificate read, and the hashes."""
    raw = Path(case["provenance"][0]).read_bytes().splitlines()[0]
    document = json.loads(raw)
    material = document["verificationMaterial"]
    holder = material.get("certificate") or material["x509CertificateChain"]["certificates"][0]
    der = base64.b64decode(holder["rawBytes"])
    payload = base64.b64decode(document["dsseEnvelope"]["payload"])
    entry = material["tlogEntries"][0]
    hashed = [raw, payload, base64.b64decode(entry["canonicalizedBody"])]
    hashed += [bytes(65)] * len(entry["inclusionProof"]["hashes"])

    def work() -> None:
        read = x509.load_der_x509_certificate(der)
        _ = read.extensions, read.public_key(), read.issuer, read.tbs_certificate_bytes, read.tbs_precertificate_bytes
        for data in hashed:
            hashlib.sha256(data).digest()

    return work


def spent(work: Iterable[Work]) -> float:
    """Processor seconds of these calls one after the other."""
    started = time.process_time()
    for one in work:
        one()
    return time.process_time() - started


def in_place(path: Path) -> tuple[float, float]:
    """Processor seconds of a batch, and those of them that its signature checks take."""
    genuine, inside = keys.holds, [0.0]

    def timed(key: Any, *given: object) -> bool:
        started = time.process_time()
        held = genuine(key, *given)
        inside[0] += time.process_time() - started
        return held

    with checked_by(timed):
        begin = time.process_time()
        status = run(str(path), io.StringIO())
        whole = time.process_time() - begin
    assert status == 0, "not all bundles pass"
    return whole, inside[0]


def per_bundle(cases: list[Case], folder: Path) -> Further:
    """What each further case of a batch takes in a process that has begun, beside the bare cryptography."""
    bare: dict[str, tuple[list[Work], Work]] = {}
    turns: list[tuple[list[Work], list[Work], Path]] = []
    for number, some in enumerate(cases[at : at + TOGETHER] for at in range(0, len(cases), TOGETHER)):
        path = folder / f"turn-{number}.jsonl"
        path.write_text("".join(json.dumps(case) + "\n" for case in some))
        for case in some:
            if case["provenance"][0] not in bare:
                bare[case["provenance"][0]] = signature_checks(case), library_work(case)
        mine = [bare[case["provenance"][0]] for case in some]
        turns.append(([one for checks, _ in mine for one in checks], [one for _, one in mine], path))
    for _, _, path in turns:
        in_place(path)
    found = [
        Turn(spent(checks), spent(library), *in_place(path)) for _ in range(ROUNDS) for checks, library, path in turns
    ]
    return Further(found, sum(len(checks) for checks, _, _ in turns) / len(cases), min(TOGETHER, len(cases)))


@dataclass(frozen=True)
class Turn:
    """Processor seconds of some bundles: signature checks alone, other work of the libraries, slsacheck, its checks."""

    checks: float
    library: float
    whole: float
    inside: float


@dataclass(frozen=True)
class Further:
    """What turns of so many bundles each took, and how many signature checks a bundle has."""

    turns: list[Turn]
    checks: float
    bundles: int

    def told(self) -> str:
        """The figures as sentences."""
        whole = f"{median(turn.whole for turn in self.turns) / self.bundles * 1000:.2f} ms"
        return (
            f"A further bundle, in processor time (medians of {len(self.turns)} turns): {whole}.\n"
            f"- its {self.checks:.1f} signature checks alone, in a row: {self._beside(lambda turn: turn.checks)}\n"
            f"- the same in place: {self._beside(lambda turn: turn.inside)}\n"
            "- in a row, with the certificate read and the hashes by the same libraries: "
            f"{self._beside(lambda turn: turn.checks + turn.library)}"
        )

    def _beside(self, part: Callable[[Turn], float]) -> str:
        """A part of a bundle, and the ratio of the whole to it: the median, and where the middle half of turns lies."""
        seconds = median(part(turn) for turn in self.turns) / self.bundles
        low, middle, high = quantiles((turn.whole / part(turn) for turn in self.turns), n=4)
        return f"{seconds * 1000:.2f} ms, ratio {middle:.2f} ({low:.2f} to {high:.2f})"
