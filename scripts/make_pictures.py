"""Make the pictures of the documentation from what slsacheck really prints for examples/widget.

    python scripts/make_pictures.py

Writes docs/images/terminal.svg (the first screen of the terminal report) and docs/images/report.png (the head of the
HTML report; needs Chromium, given by $CHROMIUM or found as `chromium`). The example is copied into a repository of its
own whose commit has a fixed date, so that the pictures change only where the output does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
COLUMNS, LINES = 88, 42
"""The terminal of the picture."""
CELL, LINE, MARGIN = 8.4, 18, 16
"""Width of a character, height of a line, and the space around them, in pixels."""
COLOURS = {"1;31": "#ff7b72", "1;35": "#d2a8ff", "36": "#76e3ea", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff"}
PAPER, TEXT, FAINT = "#0d1117", "#d6dde4", "#8b949e"
FIXED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_DATE": "2026-11-01T12:00:00Z",
    "GIT_COMMITTER_NAME": "A U Thor",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_COMMITTER_DATE": "2026-11-01T12:00:00Z",
    "SOURCE_DATE_EPOCH": "1793534400",
    "COLUMNS": str(COLUMNS),
    "PYTHONPATH": str(ROOT),
}


def run(*command: str, cwd: Path) -> str:
    """What a command prints; its exit status is its own business."""
    done = subprocess.run(command, cwd=cwd, env=os.environ | FIXED, capture_output=True, text=True, check=False)
    return done.stdout


def repository(folder: Path) -> Path:
    """The example as a repository of its own, with a tag."""
    target = folder / "widget"
    shutil.copytree(ROOT / "examples" / "widget", target)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Begin"), ("tag", "v1.4.0")):
        run("git", *words, cwd=target)
    return target


def svg(text: str, title: str) -> str:
    """Text with SGR sequences as a picture of a terminal."""
    lines = text.split("\n")[:LINES]
    width, height = COLUMNS * CELL + 2 * MARGIN, (len(lines) + 1) * LINE + 2 * MARGIN
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
        f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="{TEXT}">',
    ]
    for number, line in enumerate(lines, 1):
        body += _line(line, MARGIN + number * LINE)
    return "\n".join([*body, "</g>", "</svg>", ""])


def _line(line: str, y: int) -> list[str]:
    """The runs of one line, each at its own column and as wide as its characters."""
    marks = [(0, 0, ""), *((found.start(), found.end(), found[1]) for found in re.finditer(r"\x1b\[([0-9;]*)m", line))]
    column, found = 0, []
    for (_, begin, style), (end, _, _) in pairwise([*marks, (len(line), len(line), "")]):
        text = line[begin:end]
        if text.strip():
            place = f'x="{MARGIN + column * CELL:.1f}" y="{y}" textLength="{len(text) * CELL:.1f}"'
            found.append(f'<text {place} xml:space="preserve"{_style(style)}>{escape(text)}</text>')
        column += len(text)
    return found


def _style(code: str) -> str:
    if code in COLOURS:
        return f' fill="{COLOURS[code]}"' + (' font-weight="bold"' if code.startswith("1;") else "")
    return {"1": ' font-weight="bold" fill="#ffffff"', "2": f' fill="{FAINT}"'}.get(code, "")


def screenshot(page: Path, picture: Path) -> None:
    """The head of a page as Chromium shows it."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed: set CHROMIUM to its path")
    flags = ("--headless", "--no-sandbox", "--hide-scrollbars", "--force-color-profile=srgb", "--window-size=1200,1000")
    run(chromium, *flags, f"--screenshot={picture}", page.as_uri(), cwd=page.parent)


def main() -> int:
    """Make both pictures."""
    slsacheck = (sys.executable, "-P", "-m", "slsacheck")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        target = repository(Path(folder))
        shown = run(*slsacheck, ".", "--colour", "always", "--offline", cwd=target)
        prompt = "\x1b[2m$\x1b[0m \x1b[1mslsacheck\x1b[0m\n"
        picture = svg(prompt + shown, "slsacheck in a terminal: levels per publication, then what keeps them down")
        (IMAGES / "terminal.svg").write_text(picture, encoding="utf-8")
        page = Path(folder) / "report.html"
        run(*slsacheck, ".", "--offline", "-q", "--report", f"html={page}", cwd=target)
        screenshot(page, IMAGES / "report.png")
    for path in sorted(IMAGES.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
