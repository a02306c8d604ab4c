"""Prints how the verifier answers to every single change to genuine attestations, and to lies that are properly signed.

    python benchmarks/mutations.py [--by-kind]

The attestations are signed by a private Sigstore instance; with $SLSACHECK_SHARED real ones are added.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from slsacheck.evidence.attestations import verify  # noqa: E402
from slsacheck.model.attestation import Case, Expectations  # noqa: E402
from tests.evidence.attestations import genuine  # noqa: E402
from tests.evidence.attestations.crafted import LIES  # noqa: E402
from tests.evidence.attestations.mutations import Genuine, mutants  # noqa: E402
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance  # noqa: E402

Row = tuple[str, str]
"""A change and what is right of it."""


def study(bases: list[Genuine], folder: Path) -> dict[Row, dict[str, str]]:
    """What was answered, by change and attestation."""
    rows: dict[Row, dict[str, str]] = collections.defaultdict(dict)
    for base in bases:
        path = folder / "mutant.json"
        for name, data, right in mutants(base):
            path.write_bytes(data)
            rows[name, right][base.name] = verify(replace(base.case, provenance=(str(path),)), base.trust).verdict
    return rows


def lies(instance: Instance, folder: Path) -> list[tuple[str, str, str, str]]:
    """(lie, what is right, what was answered, reason class)."""
    trust, path, found = genuine.private_trust(instance, folder), folder / "lie.json", []
    for name, lie in LIES.items():
        path.write_text(json.dumps(lie.make(instance)))
        expected = Expectations(**({"source_uri": SOURCE} | lie.given))
        case = Case("verify-artifact", provenance=(str(path),), digests=((("sha256", SHA256),),), expectations=expected)
        answer = verify(case, trust)
        found.append((name, lie.verdict, answer.verdict, answer.reason_class or ""))
    return found


def table(rows: dict[Row, dict[str, str]]) -> tuple[int, int]:
    """Print the changes as Markdown; (how many answers, how many that are not right)."""
    print("| change | kinds | fail | unknown | pass | right | holds |\n|---|---|---|---|---|---|---|")
    total = wrong = 0
    for (name, right), answers in rows.items():
        count = collections.Counter(answers.values())
        bad = sum(verdict not in right.split(" or ") for verdict in answers.values())
        total, wrong = total + len(answers), wrong + bad
        print(f"| {name} | {len(answers)} | {count['fail']} | {count['unknown']} | {count['pass']} | {right} | "
              f"{'yes' if not bad else f'NO ({bad})'} |")  # fmt: skip
    return total, wrong


def main() -> int:
    """Prints the tables; 1 when an answer is not right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--by-kind", action="store_true", help="how many changes each kind of attestation was given")
    options = parser.parse_args()
    shared = Path(os.environ.get("SLSACHECK_SHARED") or ROOT.parent / "shared")
    with tempfile.TemporaryDirectory() as name:
        folder, instance = Path(name), Instance()
        bases = genuine.private(instance, folder) + (genuine.corpus(shared) if (shared / "corpus").is_dir() else [])
        rows = study(bases, folder)
        told = lies(instance, folder)
    total, wrong = table(rows)
    print("\n| lie, properly signed | right | answered | reason class |\n|---|---|---|---|")
    for lie, right, verdict, reason in told:
        print(f"| {lie} | {right} | {verdict} | {reason} |")
        wrong += verdict != right
    if options.by_kind:
        print("\n| kind | changes |\n|---|---|")
        for base in bases:
            print(f"| {base.name} | {sum(base.name in answers for answers in rows.values())} |")
    changed = [one for (name, _), answers in rows.items() if name != "unchanged" for one in answers.values()]
    print(f"\n{len(bases)} kinds, {len(changed)} changes, {len(told)} lies: {wrong} of {total} answers are not right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
