"""The traps of real build configurations: what slsacheck says of each test project, and what other tools say.

    python benchmarks/traps.py                   the table, with peers installed into a temporary folder
    python benchmarks/traps.py --peers DIR       keep the peers there for the next time
    python benchmarks/traps.py --no-install      only peers that are on PATH (or in --peers)

It prints Markdown. The numbers in the projects' names (`tests/projects/trap-NN-what`) are those of the traps. A rule
that a peer reports for at least half of all projects (an action used by its tag, say) does not tell them apart and is
named once, below the table.
"""

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compare import head, row, slsacheck
from peers import PEERS, find

PROJECTS = Path(__file__).parents[1] / "tests" / "projects"
SECONDS = 120
"""How long one tool may take on one project; they are small."""


def _json(command: list[str], folder: Path) -> Any:
    """What a command prints as JSON; None where it prints something else."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None


def said(folder: Path) -> tuple[str, str]:
    """The publications with the level that the configuration gives, and the hazards from medium up."""
    report = _json([*slsacheck(), "scan", "--offline", "--report", "json=-", str(folder)], folder)
    if report is None:
        return "no report", ""
    found = [one for one in report["subjects"] if one["kind"] == "publication"]
    levels = [
        f"{one['type']} → {one['channel'] or 'git'}: {_level(one)} (provenance {one['provenance']['generated']})"
        for one in found
    ]
    hazards = Counter(
        one["rule"] for one in report["facts"]["hazards"] if one["severity"] in ("medium", "high", "critical")
    )
    return "<br>".join(levels) or "nothing is published", ", ".join(sorted(hazards))


def _level(publication: dict[str, Any]) -> str:
    level = publication["levels"]["build"]["configured"]
    return "unknown" if level is None else str(level)


def _zizmor(program: str, folder: Path) -> list[str] | None:
    found = _json([program, "--offline", "--no-progress", "--quiet", "--format", "json", "."], folder)
    return None if found is None else [one["ident"] for one in found]


def _checkov(program: str, folder: Path) -> list[str] | None:
    command = [program, "-d", ".", "--quiet", "--compact", "--skip-download", "-o", "json", "--framework"]
    found = _json([*command, "github_actions", "gitlab_ci", "dockerfile"], folder)
    if found is None:
        return None
    reports = found if isinstance(found, list) else [found]
    return [one["check_id"] for report in reports for one in report.get("results", {}).get("failed_checks", ())]


def _pipeline_check(program: str, folder: Path) -> list[str] | None:
    found = _json([program, "--output", "json"], folder)
    return None if found is None else [one["check_id"] for one in found["findings"] if not one["passed"]]


READERS: dict[str, Callable[[str, Path], list[str] | None]] = {
    "zizmor": _zizmor,
    "checkov": _checkov,
    "pipeline-check": _pipeline_check,
}
"""How each peer is asked for the rules that a project breaks; None where it has nothing to say on such files."""


def table(programs: dict[str, str]) -> None:
    """Prints the table, and below it what the peers say of nearly everything."""
    projects = sorted(PROJECTS.glob("trap-*"))
    answers = {
        name: {project: READERS[name](program, project) for project in projects} for name, program in programs.items()
    }
    common = {
        name: {
            rule
            for rule, count in Counter(rule for rules in told.values() for rule in set(rules or ())).items()
            if count * 2 >= len(projects)
        }
        for name, told in answers.items()
    }
    head("trap", "project", "slsacheck: configured Build level", "hazards", *programs)
    for project in projects:
        _, number, what = project.name.split("-", 2)
        others = [_cell(answers[name][project], common[name]) for name in programs]
        row(int(number), what.replace("-", " "), *said(project), *others)
    print()
    for name, rules in common.items():
        print(f"- {name} says of at least half of the projects: {', '.join(sorted(rules)) or 'nothing'}")


def _cell(rules: list[str] | None, common: set[str]) -> str:
    if rules is None:
        return "does not read it"
    return ", ".join(sorted(set(rules) - common)) or "nothing more"


def main() -> None:
    """Reads the command line and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, help="folder for the peers; kept")
    parser.add_argument("--no-install", action="store_true", help="only peers that are there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.peers or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [peer for peer in PEERS if peer.name in READERS]
        found = {peer.name: find(peer, folder, install=not options.no_install) for peer in wanted}
        table({name: program for name, program in found.items() if program is not None})


if __name__ == "__main__":
    main()
