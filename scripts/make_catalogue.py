"""Write the JSON files of slsacheck/ (_catalogue, _remedies, _builders, _statements) from rules/*.toml, after checking.

    python scripts/make_catalogue.py           writes them
    python scripts/make_catalogue.py --check   writes nothing; status 1 if they are not what it would write

Every document is checked against rules/schema.json, and the catalogue as a whole for what a schema cannot say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "slsacheck"
sys.path.insert(0, str(ROOT))  # the checkout that the script stands in, whatever else is installed

from slsacheck.catalog import load_toml  # noqa: E402 - found by the line above
from slsacheck.catalog.source import (  # noqa: E402 - the same
    builtin_remedy_rows,
    catalogue_rows,
    image_builder_rows,
    known_statements,
    problems,
)
from slsacheck.errors import CatalogError  # noqa: E402 - the same


def text_of(rows: dict[str, Any]) -> str:
    """The rows as JSON: a row a line, so that a change shows as few changed lines."""
    parts = []
    for key, value in rows.items():
        text = (
            "[\n" + ",\n".join(_compact(row) for row in value) + "\n]" if isinstance(value, list) else _compact(value)
        )
        parts.append(f"{_compact(key)}:{text}")
    return "{" + ",\n".join(parts) + "}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main(arguments: list[str]) -> int:
    """Check, and write or compare."""
    try:
        wanted = {
            PACKAGE / "_catalogue.json": text_of(catalogue_rows()),
            PACKAGE / "_remedies.json": text_of({"remedies": builtin_remedy_rows()}),
            PACKAGE / "_builders.json": text_of({"image_builders": image_builder_rows()}),
            PACKAGE / "_statements.json": text_of(known_statements()),
        }
        faults = list(problems(load_toml()))
    except CatalogError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.name} is not what rules/ says: run scripts/make_catalogue.py", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
