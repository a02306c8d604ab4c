"""slsa-verifier and slsacheck with the very same flags, on everything that slsa-verifier verifies without a network.

    python benchmarks/slsa_verifier.py

Needs slsa-verifier on PATH and the corpus ($SLSACHECK_SHARED). Without a network slsa-verifier can read what is signed
by a key that it holds or is given: Google Cloud Build's provenance and VSAs; the rest asks a TUF repository and a log.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import measure  # noqa: E402

FLAGS = {
    "source_uri": "--source-uri",
    "branch": "--source-branch",
    "tag": "--source-tag",
    "versioned_tag": "--source-versioned-tag",
    "builder_id": "--builder-id",
    "verifier_id": "--verifier-id",
    "resource_uri": "--resource-uri",
    "public_key_id": "--public-key-id",
}
OFFLINE = ("gcb_container", "vsa")
UNNAMED = "registry.example/app"
"""Any name: both look at the digest behind it alone when the provenance is given as a file."""


def words(case: dict[str, Any], corpus: Path) -> list[str]:
    """The command line of a case, one for both programs."""
    args, files = case["args"], case["files"]
    given = [word for name, flag in FLAGS.items() if args.get(name) for word in (flag, str(args[name]))]
    path = str(corpus / files["provenance"])
    if args["command"] == "verify-vsa":
        given += ["--attestation-path", path, "--public-key-path", str(corpus / files["public_key"])]
        given += [word for one in args.get("subject_digests") or [] for word in ("--subject-digest", one)]
        given += [word for one in args.get("verified_levels") or [] for word in ("--verified-level", one)]
        return [args["command"], *given]
    return [args["command"], "--provenance-path", path, *given, f"{UNNAMED}@{files['image_digest']}"]


def passes(program: list[str], line: list[str]) -> bool:
    """Whether a program accepts a case."""
    return subprocess.run([*program, *line], capture_output=True, check=False, timeout=60).returncode == 0


def cases(corpus: Path) -> list[dict[str, Any]]:
    """The cases that need no network."""
    lines = (corpus / "index.jsonl").read_text(encoding="utf-8").splitlines()
    return [case for case in map(json.loads, lines) if case["family"] in OFFLINE and "provenance" in case["files"]]


def main() -> int:
    """Prints what both say, and what a process of each takes."""
    corpus = Path(os.environ.get("SLSACHECK_SHARED") or ROOT.parent / "shared") / "corpus" / "attestations"
    verifier = shutil.which("slsa-verifier")
    if verifier is None or not corpus.is_dir():
        print("skipped: slsa-verifier is not on PATH, or the corpus is not there")
        return 0
    ours, theirs = [sys.executable, "-m", "slsacheck"], [verifier]
    found = cases(corpus)
    different = []
    for case in found:
        line = words(case, corpus)
        said = passes(ours, line), passes(theirs, line), case["expect"] == "pass"
        if len(set(said)) > 1:
            different.append((case["id"], *said))
    print(f"{len(found)} cases with the same words: {len(found) - len(different)} agree with each other and the corpus")
    for name, own, their, expected in different:
        print(f"  {name}: slsacheck {own}, slsa-verifier {their}, expected {expected}")
    line = words(next(case for case in found if case["expect"] == "pass"), corpus)
    first, second = measure([*ours, *line], 15), measure([*theirs, *line], 15)
    nothing = measure([sys.executable, "-c", "pass"], 15)
    print(f"one process: slsacheck {first.seconds * 1000:.0f} ms, slsa-verifier {second.seconds * 1000:.0f} ms, "
          f"ratio {first.seconds / second.seconds:.1f}; bare Python {nothing.seconds * 1000:.0f} ms")  # fmt: skip
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
