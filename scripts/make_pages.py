"""Write docs/requirements.md and docs/checks.md from the catalogue and from the checks.

python scripts/make_pages.py           writes both
python scripts/make_pages.py --check   writes nothing; status 1 if they are not what it would write
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT))  # the checkout that the script stands in, whatever else is installed

from slsacheck import catalog, plugins  # noqa: E402 - found by the line above
from slsacheck.api import Check  # noqa: E402 - the same
from slsacheck.cli.commands import help_text  # noqa: E402 - the same
from slsacheck.model import Atom, Catalogue, Requirement  # noqa: E402 - the same

MADE = "<!-- Made by scripts/make_pages.py. -->\n"
TRACKS = {"slsa": "The ladder of v0.1", "build": "Build", "source": "Source", "buildenv": "Build Environment (draft)"}
WORDS = {"decidable": "yes", "pass-only": "only to pass", "fail-only": "only to fail", "undecidable": "no"}


def requirements(catalogue: Catalogue, checks: tuple[Check, ...]) -> Iterator[str]:
    """The page of all requirements, by track."""
    yield f"# Requirements\n\n{MADE}"
    yield (
        f"The catalogue of {catalogue.version}: what each version of SLSA asks, taken apart into atoms that can be\n"
        "refuted one by one. *Decided from outside* says how far evidence can decide it for somebody who is not the\n"
        "platform. `slsacheck explain ID` shows the same with remedies.\n"
    )
    deciding: dict[str, list[str]] = {}
    for check in checks:
        for atom in check.atoms:
            deciding.setdefault(atom, []).append(check.name)
    for track in dict.fromkeys(row.track for row in catalogue.requirements):
        yield f"## {TRACKS.get(track, track.capitalize())}\n"
        for row in catalogue.requirements:
            if row.track == track:
                yield _requirement(row, deciding)


def _requirement(row: Requirement, deciding: dict[str, list[str]]) -> str:
    where = ", ".join(f"[{version}]({row.spec_url(version)})" for version in row.versions if row.anchors) or "ours"
    lines = [
        f"### `{row.id}`\n",
        f"**{row.title}.** {row.meaning}\n",
        f"{where} · asked of: {', '.join(row.subjects)} · responsible: {row.responsible}\n",
        f"Evidence: {row.evidence}\n" if row.evidence else "",
        "| atom | level | decided from outside | by |",
        "|---|---|---|---|",
        *(_atom(atom, deciding) for atom in row.atoms),
    ]
    if row.crosswalks:
        near = ", ".join(f"{walk.framework} {walk.id} ({walk.relation})" for walk in row.crosswalks)
        lines.append(f"\nSee also: {near}.")
    return "\n".join(line for line in lines if line) + "\n"


def _atom(atom: Atom, deciding: dict[str, list[str]]) -> str:
    word = WORDS[atom.decidable] + ("" if atom.must else ", recommended only")
    by = ", ".join(f"`{name}`" for name in deciding.get(atom.id, ())) or _cell(atom.undecidable_reason)
    return f"| `{atom.id}`: {_cell(atom.meaning)} | {atom.level} | {word} | {by} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def checks_page(checks: tuple[Check, ...]) -> Iterator[str]:
    """The page of all checks, by the kind of subject that they judge."""
    yield f"# Checks\n\n{MADE}"
    yield "Each is one function in `checks/`. `slsacheck -k WORDS` and `-m MARKS` choose among them.\n"
    for kind in dict.fromkeys(check.subject or "target" for check in checks):
        rows = [check for check in checks if (check.subject or "target") == kind]
        yield f"## {kind.capitalize()}s\n"
        yield "| check | it says | it decides |\n|---|---|---|"
        yield "\n".join(map(_check, rows)) + "\n"


def _check(check: Check) -> str:
    name = f"`{check.name}`" + (" (experimental)" if check.experimental else "")
    return f"| {name} | {_cell(check.title)} | {', '.join(f'`{atom}`' for atom in check.atoms)} |"


def readme(text: str) -> str:
    """The README with the help as it is."""
    block = f"<!-- help -->\n```\n{help_text().rstrip()}\n```\n<!-- /help -->"
    before, _, rest = text.partition("<!-- help -->")
    return before + block + rest.partition("<!-- /help -->")[2]


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    checks = plugins.load().checks
    front = ROOT / "README.md"
    wanted = {
        front: readme(front.read_text(encoding="utf-8")),
        DOCS / "requirements.md": "\n".join(requirements(catalog.load(), checks)),
        DOCS / "checks.md": "\n".join(checks_page(checks)),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.name} is not what the code says: run scripts/make_pages.py", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
