"""Join the fragments of changelog.d/ into CHANGELOG.md, under the heading of a version, and remove them.

python scripts/make_changelog.py 0.1.0            date of today
python scripts/make_changelog.py 0.1.0 2026-12-01
python scripts/make_changelog.py --show           writes the section to standard output, and changes nothing
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "changelog.d"
KINDS = ("added", "changed", "fixed", "removed", "security")
VERSION = re.compile(r"\d+\.\d+\.\d+([a-z]+\d+)?")


def section(heading: str, fragments: list[Path]) -> str:
    """The fragments as a section of the changelog. Raises ValueError for a fragment of no known kind."""
    lines = [f"## {heading}"]
    sorted_by_kind: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in fragments:
        kind = path.name.split(".")[-2]
        if kind not in sorted_by_kind or path.name.count(".") != 2:  # noqa: PLR2004 - NAME.KIND.md
            raise ValueError(f"{path.name}: a fragment is called NAME.KIND.md, KIND one of {', '.join(KINDS)}")
        sorted_by_kind[kind].append("- " + " ".join(path.read_text(encoding="utf-8").split()))
    for kind, entries in sorted_by_kind.items():
        if entries:
            lines += ["", f"### {kind.capitalize()}", "", *entries]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Join, or show."""
    fragments = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
    if arguments == ["--show"]:
        print(section("Unreleased", fragments), end="")
        return 0
    if not arguments or not VERSION.fullmatch(arguments[0]) or not fragments:
        print("give a version such as 0.1.0; changelog.d must not be empty", file=sys.stderr)
        return 2
    date = arguments[1] if len(arguments) > 1 else datetime.now(UTC).date().isoformat()
    file = ROOT / "CHANGELOG.md"
    head, mark, rest = file.read_text(encoding="utf-8").partition("\n## ")
    new = section(f"{arguments[0]} ({date})", fragments)
    file.write_text(f"{head.rstrip()}\n\n{new}" + (f"\n## {rest}" if mark else ""), encoding="utf-8")
    for path in fragments:
        path.unlink()
    print(f"{len(fragments)} fragments joined into CHANGELOG.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
