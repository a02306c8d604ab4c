"""Verification beside sigstore-python and cosign, and beside the bare cryptography that it needs, in one run.

    python benchmarks/verification.py [--count 200]

sigstore-python is the one of $SLSACHECK_SIGSTORE_PYTHON, cosign the one on PATH; without them their rows are missing.
The bundles are real ones where $SLSACHECK_SHARED has them (their certificates are signed with P-384), else those of a
private Sigstore instance.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import measure  # noqa: E402
from slsacheck.cli.verify_batch import run  # noqa: E402
from slsacheck.cli.verify_case import case_of  # noqa: E402
from slsacheck.evidence.attestations import (  # noqa: E402
    authenticate,
    certificates,
    checkpoint,
    issuing,
    keys,
    rekor,
    sct,
    verify,
)
from tests.evidence.attestations import genuine  # noqa: E402
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance, generator_statement  # noqa: E402

DRIVER = ROOT / "tests" / "evidence" / "attestations" / "sigstore_python_driver.py"
ANYBODY = ["--certificate-identity-regexp", ".*", "--certificate-oidc-issuer-regexp", ".*", "--check-claims=false"]
Case = dict[str, Any]


def private_cases(folder: Path, count: int) -> tuple[list[Case], str]:
    """Cases of bundles made here, and their trusted root."""
    instance = Instance(witness=False)
    root = folder / "root.json"
    root.write_text(json.dumps(instance.trusted_root()))
    cases = []
    for number in range(count):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(instance.bundle(generator_statement())))
        cases.append(_case(number, str(path), [{"sha256": SHA256}], {"source_uri": SOURCE}, str(root)))
    return cases, str(root)


def _case(number: int, path: str, digests: list[Any], args: dict[str, Any], root: str | None) -> Case:
    given = {"provenance": [path], "digests": digests, "args": args, "trusted_root": root}
    return {"id": str(number), "command": "verify-artifact", **given}


def real_cases(shared: Path, count: int) -> tuple[list[Case], str]:
    """Cases of the corpus whose bundle all three can read, over and over until there are enough."""
    found: dict[str, Case] = {}
    for case in genuine.real_cases(shared, passing=True):
        if case.command != "verify-artifact" or len(case.provenance) != 1:
            continue
        document = json.loads(Path(case.provenance[0]).read_bytes().splitlines()[0])
        entries = document.get("verificationMaterial", {}).get("tlogEntries") or [{}]
        if entries[0].get("kindVersion", {}).get("kind") == "dsse":
            args = {"source_uri": case.expectations.source_uri, "builder_id": case.expectations.builder_id}
            digests = [dict(one) for one in case.digests]
            found.setdefault(case.provenance[0], _case(0, case.provenance[0], digests, args, None))
    endless = itertools.cycle(found.values())
    cases = [next(endless) | {"id": str(number)} for number in range(count)]
    return cases, str(shared / "corpus" / "attestations" / "trust" / "trusted_root.json")


def best_of(runs: int, work: Callable[[], Any]) -> float:
    """Seconds of the shortest run."""
    return min(_timed(work, time.perf_counter) for _ in range(runs))


def thriftiest_of(runs: int, work: Callable[[], Any]) -> float:
    """Processor seconds of the thriftiest run: other work on the machine does not count."""
    return min(_timed(work, time.process_time) for _ in range(runs))


def _timed(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return clock() - started


def recorded(case: Case) -> list[Callable[[], Any]]:
    """The signature checks of one verification, each as a call of the library alone."""
    calls: list[Callable[[], Any]] = []
    signed, issued = keys.verify_signature, issuing.leaf_issued_by

    def noting(key: Any, signature: bytes, data: bytes, algorithm: str | None = None, *rest: Any) -> bool:
        held = signed(key, signature, data, algorithm, *rest)
        if held and isinstance(key, ec.EllipticCurvePublicKey):
            calls.append(lambda: key.verify(signature, data, ec.ECDSA(hashes.SHA256())))
        return held

    def noting_issuer(certificate: Any, issuer: Any) -> bool:
        key, hashed = issuer.public_key(), ec.ECDSA(certificate.signature_hash_algorithm)
        calls.append(lambda: key.verify(certificate.signature, certificate.tbs_certificate_bytes, hashed))
        return issued(certificate, issuer)

    verify(case_of(case))  # the chain of the authority is checked once in a process
    places = [module for module in (authenticate, checkpoint, rekor, sct, keys) if hasattr(module, "verify_signature")]
    try:
        for module in places:
            module.verify_signature = noting  # type: ignore[attr-defined]
        certificates.leaf_issued_by = noting_issuer  # type: ignore[attr-defined]
        answer = verify(case_of(case))
    finally:
        for module in places:
            module.verify_signature = signed  # type: ignore[attr-defined]
        certificates.leaf_issued_by = issued  # type: ignore[attr-defined]
    assert answer.verdict == "pass", answer.message
    return calls


def library_work(case: Case) -> Callable[[], Any]:
    """What else the libraries of cryptography do for one verification: the certificate read, and the hashes."""
    raw = Path(case["provenance"][0]).read_bytes().splitlines()[0]
    document = json.loads(raw)
    material = document["verificationMaterial"]
    holder = material.get("certificate") or material["x509CertificateChain"]["certificates"][0]
    der = base64.b64decode(holder["rawBytes"])
    payload = base64.b64decode(document["dsseEnvelope"]["payload"])
    body = base64.b64decode(material["tlogEntries"][0]["canonicalizedBody"])

    def work() -> None:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions, certificate.public_key(), certificate.issuer, certificate.tbs_precertificate_bytes
        for data in (raw, payload, body):
            hashlib.sha256(data).digest()

    return work


def per_bundle(cases: list[Case], folder: Path) -> float:
    """Processor seconds that each further case of a batch takes in a process that has begun."""
    path = folder / "batch.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    out = io.StringIO()
    assert run(str(path), out) == 0, out.getvalue()[:500]
    return thriftiest_of(7, lambda: run(str(path), io.StringIO())) / len(cases)


def rows(cases: list[Case], root: str, folder: Path, count: int) -> list[tuple[str, float, float]]:
    """(tool, seconds of one process with one bundle, seconds for all of them as the tool would be used)."""
    one, batch = folder / "one.jsonl", folder / "batch.jsonl"
    one.write_text(json.dumps(cases[0]) + "\n")
    slsacheck = [sys.executable, "-m", "slsacheck", "verify-batch"]
    found = [("slsacheck", measure([*slsacheck, str(one)], 7).seconds, measure([*slsacheck, str(batch)], 3).seconds)]
    path = cases[0]["provenance"][0]
    python, cosign = os.environ.get("SLSACHECK_SIGSTORE_PYTHON"), shutil.which("cosign")
    if python:
        lines = [json.dumps({"bundle": case["provenance"][0], "root": root, "artifact": None}) + "\n" for case in cases]

        def ask(requests: list[str]) -> None:
            done = subprocess.run(
                [python, str(DRIVER)], input="".join(requests), capture_output=True, text=True, check=True
            )
            assert done.stdout.count('"pass"') == len(requests), done.stdout[:300]

        found.append(("sigstore-python", best_of(3, lambda: ask(lines[:1])), best_of(2, lambda: ask(lines))))
    if cosign:
        kind = ["--type", predicate_type(path), "--trusted-root", root, "--bundle", path]
        result = measure([cosign, "verify-blob-attestation", *kind, *ANYBODY], 20)
        assert result.status == 0, "cosign does not verify the first bundle"
        found.append((f"cosign (a process a bundle: 1 x {count})", result.seconds, result.seconds * count))
    return found


def predicate_type(path: str) -> str:
    """The predicate's type of a bundle, which cosign must be told."""
    document = json.loads(Path(path).read_bytes())
    return str(json.loads(base64.b64decode(document["dsseEnvelope"]["payload"]))["predicateType"])


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="bundles in the batch (default 200)")
    parser.add_argument("--private", action="store_true", help="bundles made here even where real ones are")
    options = parser.parse_args()
    shared = Path(os.environ.get("SLSACHECK_SHARED") or ROOT.parent / "shared")
    real = (shared / "corpus").is_dir() and not options.private
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = real_cases(shared, options.count) if real else private_cases(folder, options.count)
        cases, root = made
        calls = recorded(cases[0])
        bare = sum(thriftiest_of(7, lambda call=call: [call() for _ in range(200)]) for call in calls) / 200  # type: ignore[misc]
        work = library_work(cases[0])
        library = bare + thriftiest_of(7, lambda: [work() for _ in range(200)]) / 200
        each = per_bundle(cases, folder)
        timed = rows(cases, root, folder, options.count)
        nothing = measure([sys.executable, "-c", "pass"], 9).seconds
    print(f"{'Real' if real else 'Private'} bundles, {options.count} of them; bare Python {nothing * 1000:.0f} ms.\n")
    print(f"| tool | one bundle | in bare Pythons | {options.count} bundles | times slsacheck |\n|---|---|---|---|---|")
    for tool, first, everything in timed:
        print(f"| {tool} | {first * 1000:.0f} ms | {first / nothing:.1f} | {everything:.2f} s | "
              f"{first / timed[0][1]:.1f} / {everything / timed[0][2]:.1f} |")  # fmt: skip
    print(
        f"\nA further bundle: {each * 1000:.2f} ms of processor time; "
        f"its {len(calls)} signature checks alone: {bare * 1000:.2f} ms; ratio {each / bare:.2f}; with the certificate "
        f"read and the hashes by the same libraries: {library * 1000:.2f} ms; ratio {each / library:.2f}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
