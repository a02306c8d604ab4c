"""What people see, as files: a change of them is part of the change that makes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reports.conftest import Render
from tests.reports.factory import hostile, ladder, passing, rich
from tests.reports.images import signed_image

CASES: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("terminal-passing.txt", "terminal", "passing", {}),
    ("terminal-rich.txt", "terminal", "rich", {}),
    ("terminal-rich-quiet-50.txt", "terminal", "rich", {"verbosity": -1, "width": 50}),
    ("terminal-rich-long-120.txt", "terminal", "rich", {"tb": "long", "width": 120}),
    ("terminal-ladder.txt", "terminal", "ladder", {}),
    ("terminal-hostile.txt", "terminal", "hostile", {}),
    ("terminal-image.txt", "terminal", "image", {}),
    ("terminal-image-60.txt", "terminal", "image", {"width": 60}),
    ("terminal-image-ascii.txt", "terminal", "image", {"unicode": False, "verbosity": 1}),
    ("markdown-rich.md", "markdown", "rich", {}),
    ("markdown-hostile.md", "markdown", "hostile", {}),
    ("junit-rich.xml", "junit", "rich", {}),
    ("sarif-rich.sarif", "sarif", "rich", {}),
    ("json-rich.json", "json", "rich", {}),
)
SAMPLES = {"passing": passing, "rich": rich, "ladder": ladder, "hostile": hostile, "image": signed_image}


@pytest.mark.parametrize(("file", "name", "sample", "changes"), CASES, ids=[case[0] for case in CASES])
def test_snapshot(
    file: str,
    name: str,
    sample: str,
    changes: dict[str, object],
    render: Render,
    snapshot: Callable[[str, str], None],
) -> None:
    snapshot(file, render(name, SAMPLES[sample](), **changes))
