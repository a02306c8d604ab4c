"""Start-up, scans, memory and growth of slsacheck, beside bare Python and other tools, as ratios of one run.

    python benchmarks/compare.py                        the whole, with peers installed into a temporary folder
    python benchmarks/compare.py --peers DIR            keep the peers there for the next time
    python benchmarks/compare.py --no-install           only peers that are on PATH (or in --peers)
    python benchmarks/compare.py --repository DIR       measure on this checkout too (repeatable)

It prints Markdown. Absolute times depend on the machine; what counts are the ratios, all measured in the same run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from measure import Measured, measure
from peers import PEERS, find
from repositories import make_repository

STARTUP_BUDGET = {"--version": 3.0, "--help": 4.0, "scan of a small repository": 10.0}
"""Most that each may cost, in times of `python -c pass`."""


def slsacheck() -> list[str]:
    """The command as users run it: the console script beside this Python, else the module."""
    script = Path(sys.executable).parent / "slsacheck"
    return [str(script)] if script.exists() else [sys.executable, "-P", "-m", "slsacheck"]


def row(*cells: object) -> None:
    """One row of a table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells: str) -> None:
    """The head of a table."""
    print()
    row(*cells)
    row(*("---" if number == 0 else "---:" for number in range(len(cells))))


def times(found: Measured) -> tuple[str, str]:
    """Time and processor time for people."""
    return f"{found.seconds * 1000:.0f} ms", f"{found.cpu * 1000:.0f} ms"


def ratios(found: Measured, base: Measured) -> tuple[str, str]:
    """Both times, in times of another command's."""
    return f"{found.seconds / base.seconds:.2f}", f"{found.cpu / base.cpu:.2f}"


def startup(small: Path, runs: int) -> Measured:
    """`--version`, `--help` and a small scan, against bare Python."""
    bare = measure([sys.executable, "-c", "pass"], runs * 5)  # as short as it is, one more run finds a quieter moment
    commands = {
        "--version": [*slsacheck(), "--version"],
        "--help": [*slsacheck(), "--help"],
        "scan of a small repository": [*slsacheck(), "scan", str(small)],
    }
    head("start-up", "time", "CPU", "times bare Python", "by CPU", "budget", "memory")
    row("`python -c pass`", *times(bare), "1.00", "1.00", "", f"{bare.memory:.0f} MiB")
    for name, command in commands.items():
        found = measure(command, runs)
        budget = f"{STARTUP_BUDGET[name]:.0f}"
        row(name, *times(found), *ratios(found, bare), budget, f"{found.memory:.0f} MiB")
    return bare


def against_peers(repositories: dict[str, Path], folder: Path, runs: int, *, install: bool) -> None:
    """Scans of the same repositories by every tool."""
    programs = {peer: find(peer, folder, install=install) for peer in PEERS}
    absent = [peer.name for peer, program in programs.items() if program is None]
    for name, path in repositories.items():
        own = measure([*slsacheck(), "scan", str(path)], runs)
        head(f"scan of {name}", "time", "CPU", "times slsacheck", "by CPU", "memory", "exit status")
        row("slsacheck", *times(own), "1.00", "1.00", f"{own.memory:.0f} MiB", own.status)
        for peer, program in programs.items():
            if program is None:
                continue
            few = max(1, runs // 3) if peer.name in ("checkov", "pipeline-check") else runs
            found = measure(peer.command(program, path), few, cwd=str(path))
            row(peer.name, *times(found), *ratios(found, own), f"{found.memory:.0f} MiB", found.status)
    if absent:
        print(f"\nNot measured, because absent: {', '.join(absent)}.")


def growth(repositories: dict[int, Path], runs: int) -> None:
    """Time and memory over the number of workflow files."""
    head("workflow files", "time", "CPU", "CPU ms a file", "times the row above", "by CPU", "memory", "exit status")
    before: Measured | None = None
    for count, path in repositories.items():
        found = measure([*slsacheck(), "scan", str(path), "-q", "--report", f"json={path}.json"], runs)
        growing = ratios(found, before) if before else ("", "")
        row(count, *times(found), f"{found.cpu * 1000 / count:.1f}", *growing, f"{found.memory:.0f} MiB", found.status)
        before = found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="runs of each command; the shortest counts (default 9)")
    parser.add_argument("--peers", type=Path, help="folder for the peers (default: a temporary one)")
    parser.add_argument("--no-install", action="store_true", help="install no peers")
    parser.add_argument("--repository", type=Path, action="append", default=[], help="a checkout to measure on too")
    parser.add_argument("--only", choices=("startup", "peers", "growth"), help="one part alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if options.only in (None, "startup"):
            startup(make_repository(place / "small", 1), options.runs * 2)
        if options.only in (None, "peers"):
            repositories = {
                f"{count} workflow files": make_repository(place / f"made{count}", count) for count in (20, 60)
            }
            repositories |= {path.resolve().name: path.resolve() for path in options.repository}
            folder = options.peers or place / "peers"
            against_peers(repositories, folder, options.runs, install=not options.no_install)
        if options.only in (None, "growth"):
            growth({count: make_repository(place / str(count), count) for count in (10, 100, 1000)}, 3)


if __name__ == "__main__":
    main()
