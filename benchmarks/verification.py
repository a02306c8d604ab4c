"""Verification beside sigstore-python and cosign, and beside the bare cryptography that it needs, in one run.

    python benchmarks/verification.py [--count 200]

sigstore-python is the one of $SLSACHECK_SIGSTORE_PYTHON, cosign the one on PATH; without them their rows are missing.
The bundles are real ones where $SLSACHECK_SHARED has them (their certificates are signed with P-384), else those of a
private Sigstore instance.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.further import Case, per_bundle  # noqa: E402
from benchmarks.measure import Measured, measure  # noqa: E402
from tests.evidence.attestations import genuine  # noqa: E402
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance, generator_statement  # noqa: E402

DRIVER = ROOT / "tests" / "evidence" / "attestations" / "sigstore_python_driver.py"
ANYBODY = ["--certificate-identity-regexp", ".*", "--certificate-oidc-issuer-regexp", ".*", "--check-claims=false"]
TURNS = 4
"""How often each tool gets its turn as a process."""


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


def commands(cases: list[Case], root: str, folder: Path) -> list[Tool]:
    """How each tool verifies the first bundle, and all of them as the tool would be used."""
    one, batch = folder / "one.jsonl", folder / "batch.jsonl"
    one.write_text(json.dumps(cases[0]) + "\n")
    batch.write_text("".join(json.dumps(case) + "\n" for case in cases))
    slsacheck = (sys.executable, "-m", "slsacheck", "verify-batch", "-")
    found = [Tool("slsacheck", slsacheck, str(one), str(batch))]
    path = cases[0]["provenance"][0]
    python, cosign = os.environ.get("SLSACHECK_SIGSTORE_PYTHON"), shutil.which("cosign")
    if python:
        lines = [json.dumps({"bundle": case["provenance"][0], "root": root, "artifact": None}) + "\n" for case in cases]
        first, everything = folder / "first.jsonl", folder / "everything.jsonl"
        first.write_text(lines[0])
        everything.write_text("".join(lines))
        with everything.open() as asked:
            done = subprocess.run([python, str(DRIVER)], stdin=asked, capture_output=True, text=True, check=True)
        assert done.stdout.count('"pass"') == len(lines), done.stdout[:300]
        found.append(Tool("sigstore-python", (python, str(DRIVER)), str(first), str(everything)))
    if cosign:
        kind = ["--type", predicate_type(path), "--trusted-root", root, "--bundle", path]
        found.append(Tool("cosign", (cosign, "verify-blob-attestation", *kind, *ANYBODY), os.devnull, None))
    return found


@dataclass(frozen=True)
class Tool:
    """A command, and what it reads for one bundle and for all; None where it takes a process a bundle."""

    name: str
    command: tuple[str, ...]
    one: str
    all: str | None


def best_in_turns(tools: list[Tool]) -> dict[str, tuple[Measured, Measured]]:
    """The best runs of each tool with one bundle and with all, measured in turns."""
    found: dict[str, tuple[Measured, Measured]] = {}
    for _ in range(TURNS):
        for tool in tools:
            one = measure(tool.command, 3, stdin=tool.one)
            everything = one if tool.all is None else measure(tool.command, 1, stdin=tool.all)
            assert (one.status, everything.status) == (0, 0), f"{tool.name} does not verify the bundles"
            before = found.get(tool.name, (one, everything))
            found[tool.name] = best(one, before[0]), best(everything, before[1])
    return found


def best(one: Measured, other: Measured) -> Measured:
    """The better figures of both."""
    least = min(one.memory, other.memory)
    return Measured(min(one.seconds, other.seconds), min(one.cpu, other.cpu), least, one.status)


def table(cases: list[Case], root: str, folder: Path) -> str:
    """One process with one bundle, and all of them, of each tool."""
    tools = commands(cases, root, folder)
    measured = best_in_turns(tools)
    count, nothing = len(cases), measure([sys.executable, "-c", "pass"], 9)
    lines = [
        f"Bare Python: {nothing.seconds * 1000:.0f} ms, {nothing.cpu * 1000:.0f} ms of processor time.\n",
        f"| tool | one bundle | processor | in bare Pythons | {count} bundles, processor | times slsacheck |",
        "|---|---|---|---|---|---|",
    ]
    ours, ours_all = (one.cpu for one in measured["slsacheck"])
    for tool in tools:
        one, everything = measured[tool.name]
        seconds = everything.cpu * (count if tool.all is None else 1)
        lines.append(
            f"| {tool.name}{f' (a process a bundle: 1 x {count})' if tool.all is None else ''} "
            f"| {one.seconds * 1000:.0f} ms | {one.cpu * 1000:.0f} ms | {one.cpu / nothing.cpu:.1f} | {seconds:.2f} s "
            f"| {one.cpu / ours:.1f} / {seconds / ours_all:.1f} |"
        )
    return "\n".join(lines)


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
        cases, root = real_cases(shared, options.count) if real else private_cases(folder, options.count)
        further = per_bundle(cases, folder)
        print(
            f"{'Real' if real else 'Private'} bundles, {len({case['provenance'][0] for case in cases})} different ones."
        )
        print(table(cases, root, folder))
    print(f"\n{further.told()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
