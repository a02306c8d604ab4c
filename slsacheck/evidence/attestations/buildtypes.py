"""What is known about buildTypes: where they name the source, and which external parameters need an expectation."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from slsacheck.catalog import statement_rows
from slsacheck.record import record

__all__ = ["BuildType", "Rule", "build_type", "flatten"]

_MAX_LEAVES = 5_000


@record
class Rule:
    """How parameters whose dotted path fits are judged: checked, safe or expected."""

    path: str
    treat: str

    def fits(self, path: str) -> bool:
        """Whether the pattern fits; a trailing `*` stands for any rest, and `a.*` fits `a` itself."""
        if not self.path.endswith("*"):
            return path == self.path
        start = self.path[:-1]
        return path.startswith(start) or path == start.rstrip(".")


@record
class BuildType:
    """One row of `rules/build_types.toml`; `source`, `ref`, `entry_point` are paths in the external parameters.

    `source_dependency` names the resolved dependency that is the source, `source_metadata` and `revision_metadata` lead
    to what the run's metadata say of it.
    """

    uri: str
    source: str | None
    ref: str | None
    entry_point: str | None
    inputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    source_dependency: str | None = None
    source_metadata: tuple[str, ...] = ()
    revision_metadata: tuple[str, ...] = ()

    def treatment(self, path: str) -> str:
        """checked, safe, expected, or unrecognised when no pattern fits."""
        return next((rule.treat for rule in self.rules if rule.fits(path)), "unrecognised")

    def input_name(self, path: str) -> str:
        """The name by which a user gives the parameter: without the prefix under which inputs stand."""
        return next((path.removeprefix(prefix) for prefix in self.inputs if path.startswith(prefix)), path)


@cache
def _known() -> dict[str, BuildType]:
    rows = statement_rows("build_types")
    return {row["uri"]: _row(row) for row in rows}


def _row(row: dict[str, object]) -> BuildType:
    def text(name: str) -> str | None:
        value = row.get(name)
        return value if isinstance(value, str) else None

    def items(name: str) -> list[Any]:
        value = row.get(name, [])
        if not isinstance(value, list):
            raise TypeError(f"build_types.toml: {name} is a list")
        return value

    return BuildType(
        uri=text("uri") or "",
        source=text("source"),
        ref=text("ref"),
        entry_point=text("entry_point"),
        inputs=tuple(items("inputs")),
        rules=tuple(Rule(one["path"], one["treat"]) for one in items("parameters")),
        source_dependency=text("source_dependency"),
        source_metadata=tuple(items("source_metadata")),
        revision_metadata=tuple(items("revision_metadata")),
    )


def build_type(uri: str | None) -> BuildType | None:
    """What is known about a buildType; None when nothing is."""
    return _known().get(uri or "")


def flatten(value: object, prefix: str = "") -> dict[str, str]:
    """The leaves of an object by dotted path, as text; unset, null and empty ones are left out, lists are JSON.

    An object beyond the bound on leaves comes back as one leaf, so that nothing in it is overlooked.
    """
    found: dict[str, str] = {}
    stack: list[tuple[str, object]] = [(prefix, value)]
    while stack:
        path, one = stack.pop()
        if isinstance(one, dict):
            stack.extend((f"{path}.{key}" if path else str(key), inner) for key, inner in one.items())
        elif one is not None and one not in ("", []):
            found[path] = one if isinstance(one, str) else json.dumps(one, sort_keys=True)
        if len(found) + len(stack) > _MAX_LEAVES:
            return {prefix or "(all)": "too many parameters"}
    return found
