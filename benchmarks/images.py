"""Real images: what is expected of each and what slsacheck says, from a layout and from registries of two kinds.

    SLSACHECK_SHARED=DIR python benchmarks/images.py

The registries are small ones on loopback, one with the list of referrers and one where clients left fallback tags.
The rows are tests as well (`tests/evidence/oci/test_expected.py`).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from slsacheck.__main__ import main as slsacheck  # noqa: E402
from tests.evidence.oci.expected import IMAGES, Expected, facts_of  # noqa: E402
from tests.evidence.oci.shop import Registry  # noqa: E402
from tests.evidence.oci.test_real_images import with_fallback_tags  # noqa: E402
from tests.evidence.oci.test_verify_image import load  # noqa: E402

PLACES = ("layout", "registry", "registry without referrers")


def asked(*words: str) -> dict[str, Any]:
    """The JSON that a command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        slsacheck(list(words))
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@contextlib.contextmanager
def served(name: str, place: str) -> Iterator[tuple[str, str]]:
    """The image of a layout in one of the places: how it is named there, and the flag of the network."""
    if place == "layout":
        yield name, "--offline"
        return
    store = load(Path(name))
    if place != "registry":
        with_fallback_tags(store)
    registry = Registry(store, referrers=place == "registry")
    try:
        yield f"{registry.host}/o/r:latest", "--plain-http"
    finally:
        registry.close()


def said(expected: Expected, place: str) -> dict[str, tuple[object, object]]:
    """Each fact of an image as (expected, said), the verdict of `verify-image` among them."""
    with served(expected.name, place) as (image, network):
        report = asked("scan", image, network, *expected.flags, "--report", "json=-")
        answer = asked("verify-image", image, network, *expected.flags, *expected.anybody, "--format", "json")
    facts = facts_of(expected, report, whole=place != "layout")
    return facts | {"verify-image": (expected.verify, answer["verdict"])}


def shown(value: object) -> str:
    """A fact in one cell."""
    if isinstance(value, set | list | tuple):
        parts = [shown(one) for one in value if one is not None]
        return (", " if isinstance(value, set) else "; " if isinstance(value, list) else " ").join(parts) or "none"
    return str(value).replace("|", "\\|")


def main() -> int:
    """Prints the table; 1 where something is said that is not expected."""
    shared = Path(os.environ.get("SLSACHECK_SHARED") or ROOT.parent / "shared")
    os.chdir(shared / "corpus" / "real")
    right, wrong = 0, []
    print("| image | fact | expected | " + " | ".join(PLACES) + " |")
    print("|---|---|---|" + "---|" * len(PLACES))
    for expected in IMAGES:
        answers = [said(expected, place) for place in PLACES]
        for fact in answers[0]:
            cells = ["said" if one[fact][0] == one[fact][1] else f"**{shown(one[fact][1])}**" for one in answers]
            right += sum(cell == "said" for cell in cells)
            wrong += [f"{expected.name}: {fact}"] * sum(cell != "said" for cell in cells)
            print(f"| {expected.name} | {fact} | {shown(answers[0][fact][0])} | {' | '.join(cells)} |")
    print(f"\n{len(IMAGES)} images, {right + len(wrong)} facts expected, {right} said as expected")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
