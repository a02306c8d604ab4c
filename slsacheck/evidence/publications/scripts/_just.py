"""Justfiles: the recipe of a name, its dependencies first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["NAMES", "acts_of_just"]

NAMES = ("justfile", "Justfile", ".justfile")
_HEAD = regex(r"^@?([A-Za-z_][\w-]*)((?:\s+[^:]*?)?)\s*:(?!=)\s*(.*)$")
_ASSIGN = regex(r"""^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(?:"([^"]*)"|'([^']*)')\s*$""")
_FIELD = regex(r"\{\{\s*([A-Za-z_][\w-]*)\s*\}\}")
_NEED = regex(r"\(?\s*([A-Za-z_][\w-]*)")
_MAX_LINE = 1_000  # characters of a recipe's head; the longest seen has 150
_VALUE_OPTIONS = frozenset({"-f", "--justfile", "-d", "--working-directory", "--set"})


@record(frozen=False)
class _Recipe:
    parameters: list[str]
    needs: list[str]
    lines: list[tuple[int, str]] = field(default_factory=list)


def acts_of_just(call: Call) -> list[Act]:
    """The acts of `just [-f FILE] recipe arguments…`."""
    options = call.options(1, _VALUE_OPTIONS)
    named = options.value("-f", "--justfile")
    paths = [joined_path(call.context.directory, name) for name in ((named,) if named else NAMES)]
    path = next((path for path in paths if call.context.tree.exists(path)), None)
    if path is None:
        return []
    try:
        recipes, values = _read(call.context.tree.text(path))
    except SlsacheckError as problem:
        call.context.problems.add(path, problem.message, problem.advice)
        return []
    context = call.context.within(path.rpartition("/")[0])
    words = options.words or list(recipes)[:1]
    found: list[Act] = []
    if words:
        _run(path, recipes, values, (words[0], words[1:]), context, found)
    return found


def _read(text: str) -> tuple[dict[str, _Recipe], dict[str, str]]:
    recipes: dict[str, _Recipe] = {}
    values: dict[str, str] = {}
    current: _Recipe | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] in (" ", "\t") and current is not None:
            current.lines.append((number, line.strip()))
            continue
        head_line = line[:_MAX_LINE]
        assigned = _ASSIGN.match(head_line)
        head = None if assigned or line.startswith(("#", "[", "set ", "import ", "mod ")) else _HEAD.match(head_line)
        if assigned:
            values[assigned[1]] = assigned[2] or assigned[3] or ""
        elif head:
            parameters = [word.lstrip("*+$").split("=")[0] for word in head[2].split()]
            current = recipes[head[1]] = _Recipe(parameters, _NEED.findall(head[3].replace("&&", " ")))
        elif line.strip() and not line.startswith(("#", "[")):
            current = None
    return recipes, values


def _run(
    path: str,
    recipes: dict[str, _Recipe],
    values: dict[str, str],
    asked: tuple[str, list[str]],
    context: Context,
    found: list[Act],
) -> None:
    from slsacheck.evidence.publications.scripts._run import acts_of_script

    name, arguments = asked
    recipe = recipes.get(name)
    inner = context.deeper(f"{path}#{name}") if recipe is not None else None
    if recipe is None or inner is None:
        return
    for need in recipe.needs:
        if need in recipes and need != name:
            _run(path, recipes, values, (need, []), context, found)
    known = {**values, **dict(zip(recipe.parameters, arguments, strict=False))}
    if not recipe.lines:
        return
    first = recipe.lines[0][0]
    rows = {
        number: _FIELD.sub(lambda match: known.get(match[1], match[0]), line.lstrip("@-"))
        for number, line in recipe.lines
    }
    last = recipe.lines[-1][0]
    script = "\n".join(rows.get(number, "") for number in range(first, last + 1))
    found += acts_of_script(script, Place(path=path, line=first), inner)
