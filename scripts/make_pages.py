"""Write docs/requirements.md, docs/checks.md and docs/ci-systems.md from the catalogue, the checks and the readers.

python scripts/make_pages.py           writes them
python scripts/make_pages.py --check   writes nothing; status 1 if they are not what it would write
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT))  # the checkout that the script stands in, whatever else is installed

from slsacheck import catalog, plugins  # noqa: E402 - found by the line above
from slsacheck.api import Check  # noqa: E402 - the same
from slsacheck.cli.commands import help_text  # noqa: E402 - the same
from slsacheck.evidence.files import WorkTree  # noqa: E402 - the same
from slsacheck.evidence.pipelines import ci_systems, read_all, registry  # noqa: E402 - the same
from slsacheck.evidence.pipelines.system import System  # noqa: E402 - the same
from slsacheck.evidence.tree import Problems  # noqa: E402 - the same
from slsacheck.model import Atom, Catalogue, Requirement  # noqa: E402 - the same

SAMPLES = ("ci-", "flow-")
"""What sample projects are called that stand for a CI system; those of traps and builders are not counted."""
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


def ci_systems_page() -> Iterator[str]:
    """The page of all CI systems: where their files lie, how many samples stand for them, what is not understood."""
    samples = _samples()
    yield f"# CI systems\n\n{MADE}"
    yield (
        "Sample projects are written anew in the shape of real ones; each is a test. Many more stand for traps and\n"
        "builders. What a reader does not follow is named in the report too, as something outside or not understood.\n"
    )
    yield "| CI system | its files | sample projects | not understood |\n|---|---|---|---|"
    for system in sorted(registry.SYSTEMS, key=lambda one: (not one.module, one.name)):
        if system.module or system.unread:
            yield f"| {system.name} | {_files(system)} | {samples[system.name]} | {_cell(system.unread)} |"
    others = ", ".join(one.name for one in registry.SYSTEMS if not one.module and not one.unread)
    yield f"\nRecognised by their files and called *not understood*, as nothing reads them: {others}."
    yield from image_builders_table()
    yield ""


def image_builders_table() -> Iterator[str]:
    """The table of all image builders: what each is known by, its samples, what is not understood."""
    names = [path.name for path in (ROOT / "tests" / "projects").iterdir()]
    yield "\n## Image builders\n"
    yield (
        "What makes the images that a build configuration publishes. `slsacheck explain ID` says what each records by\n"
        "itself. One whose files are programs is named in the report, and what it publishes counts as read in part.\n"
    )
    yield "| builder | known by | sample projects | not understood |\n|---|---|---|---|"
    for row in sorted(catalog.image_builders().values(), key=lambda one: one.id):
        count = sum(name.startswith(f"builder-{row.id}-") for name in names)
        yield f"| `{row.id}` | {_cell(row.means)} | {count} | {_cell(row.unread)} |"


def _samples() -> Counter[str]:
    """How many sample projects each CI system is alive in."""
    found: Counter[str] = Counter()
    for folder in sorted(path for path in (ROOT / "tests" / "projects").iterdir() if path.name.startswith(SAMPLES)):
        tree = WorkTree(str(folder))
        pipelines = read_all(tree, Problems())
        found.update(named.name for named in ci_systems(tree, pipelines))
    return found


def _files(system: System) -> str:
    """Where the files of a CI system lie."""
    named = [*system.files, *(f"{folder}*" for folder in system.folders), *(f"*{word}*" for word in system.words)]
    words = [f"`{name}`" for name in named if not name.endswith(".yaml")]
    return ", ".join([*words, *(["manifests in folders for pipelines"] if system.manifests else [])])


def cost() -> str:
    """What a CI system costs: lines of its reader, in tens, and of its line in the registry."""
    folder = ROOT / "slsacheck" / "evidence" / "pipelines"
    read = (system.module for system in registry.SYSTEMS if system.module)
    files = [[*(folder / name).glob("*.py")] or [folder / f"{name}.py"] for name in read]
    lines = [sum(len(path.read_text(encoding="utf-8").splitlines()) for path in each) for each in files]
    alone = sum(len(each) == 1 for each in files)
    return (
        f"Of the {len(files)} readers {alone} are one file; a reader has about {round(median(lines), -1):.0f} lines\n"
        f"in the median, from {round(min(lines), -1):.0f} to {round(max(lines), -2):.0f} "
        "(`python scripts/make_pages.py` counts them)."
    )


def extending(text: str) -> str:
    """The page for authors with the figures as they are."""
    before, _, rest = text.partition("<!-- cost -->")
    return before + f"<!-- cost -->\n{cost()}\n<!-- /cost -->" + rest.partition("<!-- /cost -->")[2]


def readme(text: str) -> str:
    """The README with the help as it is."""
    block = f"<!-- help -->\n```\n{help_text().rstrip()}\n```\n<!-- /help -->"
    before, _, rest = text.partition("<!-- help -->")
    return before + block + rest.partition("<!-- /help -->")[2]


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    checks = plugins.load().checks
    front = ROOT / "README.md"
    guide = DOCS / "extending.md"
    wanted = {
        guide: extending(guide.read_text(encoding="utf-8")),
        front: readme(front.read_text(encoding="utf-8")),
        DOCS / "requirements.md": "\n".join(requirements(catalog.load(), checks)),
        DOCS / "ci-systems.md": "\n".join(ci_systems_page()),
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
