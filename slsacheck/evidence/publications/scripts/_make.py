"""Makefiles: which recipe a target runs, with variables filled in, and on which lines it stands."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts._maketext import spelled_out, with_functions, words
from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["NAMES", "Makefile", "acts_of_make", "makefile_of", "read_makefile"]

NAMES = ("GNUmakefile", "makefile", "Makefile")
_MAX_INCLUDES = 80
"""Included files of one Makefile; the most seen are 41."""
_MAX_TARGETS = 300
"""Targets of one call that are run with all their prerequisites; the longest chain seen has 60."""
_MAX_STATEMENT = 4_000
"""Characters of a rule's head or an assignment that are read; the longest seen has 1,500."""
_MAX_REFERENCES = 200
"""Variables in one line that are filled in; the busiest line seen has 25."""
_MAX_VALUE = 8_000  # characters of a variable's value once others are filled in
_MAX_ROUNDS = 8  # variables inside variables inside variables; the deepest seen is 4
_ASSIGN = regex(r"^(?:(?:export|override|private)\s+)*([A-Za-z_][\w.-]*)\s*(\?=|::?:?=|\+=|!=|=)\s*(.*)$")
_RULE = regex(r"^([^\s#:=][^:=#]*?)\s*(::?)(?!=)\s*([^=;]*?)(?:;(.*))?$")
_TARGET_VARIABLE = regex(r"^([^\s#:=][^:=#]*?)\s*::?\s*(?:export\s+)?([A-Za-z_]\w*)\s*(\?=|:?=|\+=)\s*(.*)$")
_INCLUDE = regex(r"^(?:-|s)?include\s+(.*)$")
_REFERENCE = regex(r"\$(?:\(([\w.-]+)\)|\{([\w.-]+)\}|([@<^*?]))")
_CHOICE = regex(r"\$\(if (?:\$\(filter ([^,()]*),([^,()]*)\)|([^$,(){}\0]*)),([^,()]*)(?:,([^,()]*))?\)")
_GIVEN = {"MAKE": "make", "CI": "true"}
"""Variables that make itself or the CI system sets, where the Makefile does not."""
_OPTIONS_WITH_VALUE = option_names("-C --directory -f --file --makefile -I -o -W -l -O")


_KINDS = (("include", _INCLUDE), ("assign", _ASSIGN), ("own", _TARGET_VARIABLE), ("rule", _RULE))
"""What a line may say, in the order in which it is asked."""


@record
class _Line:
    """A line of a Makefile: whether it stands in a recipe, what it says (`_KINDS`) and the parts of that."""

    number: int
    text: str
    kind: str = ""
    says: str = ""
    groups: tuple[str, ...] = ()
    exported: tuple[str, ...] = ()
    conditional: bool = False


@record(frozen=False)
class _Rule:
    """A target's prerequisites and recipe lines (line number, text); `path` is the file that they stand in."""

    targets: list[str]
    needs: list[str]
    path: str
    recipe: list[tuple[int, str]] = field(default_factory=list)


@record(frozen=False)
class Makefile:
    """What a Makefile with its includes says: variables as written, rules, variables of single targets."""

    variables: dict[str, str] = field(default_factory=dict)
    rules: list[_Rule] = field(default_factory=list)
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    includes: int = 0

    def rules_of(self, target: str) -> list[tuple[_Rule, str]]:
        """The rules that make a target, each with the stem (`%`); pattern rules only where none names it."""
        exact = [(rule, "") for rule in self.rules if target in rule.targets]
        if exact:
            return exact
        for rule in self.rules:
            for name in rule.targets:
                if "%" in name and fnmatchcase(target, name.replace("[", "[[]").replace("%", "?*")):
                    head, _, tail = name.partition("%")
                    return [(rule, target[len(head) : len(target) - len(tail)])]
        return []

    @property
    def first(self) -> str | None:
        """The target that `make` alone makes."""
        goal = self.variables.get(".DEFAULT_GOAL")
        return goal or next(
            (name for rule in self.rules for name in rule.targets if not name.startswith(".") and "%" not in name), None
        )


def read_makefile(context: Context, path: str, into: Makefile | None = None) -> Makefile:
    """Reads a Makefile and the files that it includes; what cannot be read is named in `context.problems`."""
    made = into or Makefile()
    rule: _Rule | None = None
    for line in _lines_of(context, path):
        if line.kind == "recipe" or (line.kind == "indented" and rule is not None):
            if rule is not None:
                rule.recipe.append((line.number, line.text))
        else:
            rule = _statement(context, path, made, line) or (rule if line.conditional else None)
    return made


def _lines_of(context: Context, path: str) -> tuple[_Line, ...]:
    """The lines of a Makefile that say something: taken apart once, whatever variables they are read with."""
    key = f"{path}#lines"
    known = context.budget.read.get(key)
    if not isinstance(known, tuple):
        try:
            text = context.tree.text(path)
        except SlsacheckError as problem:
            context.problems.add(path, problem.message, problem.advice)
            text = ""
        found = (_line(number, line) for number, line in _logical_lines(text))
        known = context.budget.read[key] = tuple(line for line in found if line is not None)
    return known


def _line(number: int, line: str) -> _Line | None:
    if line.startswith("\t"):
        return _Line(number, line.lstrip(" \t"), "recipe")
    if not line.strip() or line.lstrip().startswith("#"):
        return None
    text = line.partition(" #")[0].strip()
    flat = spelled_out(re.sub(r"\\\n\s*", " ", text)[:_MAX_STATEMENT])
    conditional = line.lstrip().startswith(("if", "else", "endif"))
    exported = tuple(re.sub(r"[:?+!]*=.*", "", flat[7:]).split()) if flat.startswith("export ") else ()
    indented = line.startswith("    ") and not _ASSIGN.match(line.strip())
    for kind, pattern in _KINDS:
        if (match := pattern.match(flat)) is not None:
            if kind == "own" and re.search(r":\s*export\s", flat):
                exported = (*exported, match[2])
            groups = match.groups(default="")
            return _Line(
                number, line.lstrip(" \t"), "indented" if indented else "", kind, groups, exported, conditional
            )
    return _Line(number, line.lstrip(" \t"), "indented" if indented else "", "", (), exported, conditional)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines with those that continue them, joined by backslash and newline as they stand."""
    found: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        start = start or number
        pending = f"{pending}\n{line}" if pending else line
        if line.endswith("\\"):
            continue
        found.append((start, pending))
        pending, start = "", 0
    return [*found, (start, pending)] if pending else found


def _statement(context: Context, path: str, made: Makefile, line: _Line) -> _Rule | None:
    made.exported |= set(line.exported)
    groups = line.groups
    if line.says == "include":
        _include(context, path, made, groups[0])
    elif line.says == "assign":
        _set(made.variables, groups[0], groups[1], groups[2].strip())
    elif line.says == "own":
        for target in groups[0].split():
            _set(made.own.setdefault(target, {}), groups[1], groups[2], groups[3].strip())
    elif line.says == "rule":
        return _ruled(groups, path, made, line.number)
    return None


def _ruled(groups: tuple[str, ...], path: str, made: Makefile, number: int) -> _Rule:
    targets = words(_filled(groups[0], made.variables))
    rule = _Rule(targets, words(groups[2].replace("|", " ")), path)
    if groups[3]:
        rule.recipe.append((number, groups[3].strip()))
    made.rules.append(rule)
    return rule


def _set(table: dict[str, str], name: str, how: str, value: str) -> None:
    if how == "+=":
        table[name] = f"{table.get(name, '')} {value}".strip()[:_MAX_VALUE]
    elif how == "!=":
        table[name] = f"$(shell {value})"
    elif how != "?=" or name not in table:
        table[name] = value


def _include(context: Context, path: str, made: Makefile, names: str) -> None:
    for name in _filled(names, made.variables).split():
        if unresolved(name):
            continue
        for directory in (path.rpartition("/")[0], ""):
            found = [one for one in _matching(context, joined_path(directory, name)) if one != path]
            for one in found:
                made.includes += 1
                if made.includes <= _MAX_INCLUDES:
                    read_makefile(context, one, made)
            if found:
                break


def _matching(context: Context, name: str) -> list[str]:
    """The file of that name, or the files that a pattern names: `*` stays within a folder, as the shell has it."""
    if not set("*?[") & set(name):
        return [name] if context.tree.exists(name) else []
    depth = name.count("/")
    return [path for path in context.tree.paths() if path.count("/") == depth and fnmatchcase(path, name)]


def _filled(text: str, variables: dict[str, str], automatic: dict[str, str] | None = None) -> str:
    """The text with variables put in; what is not known becomes a shell variable of that name, `$$` a `$`."""
    text = spelled_out(text.replace("$$", "\0"))
    given = automatic or {}

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        if name in given:
            return given[name]
        if name in variables:
            return spelled_out(variables[name].replace("$$", "\0"))
        return _GIVEN.get(name, f"\0{{{name}}}")

    for _ in range(_MAX_ROUNDS):
        after = with_functions(_REFERENCE.sub(value, text, count=_MAX_REFERENCES)[:_MAX_VALUE])
        if after == text:
            break
        text = after
    if "$(if " in text:
        text = _CHOICE.sub(_chosen, text)
    return text.replace("\0", "$")


def _chosen(match: re.Match[str]) -> str:
    """`$(if VALUE,then,else)`, `$(if $(filter a b,VALUE),…)`: which of both; as written where only a run can tell."""
    wanted, value, said, then, other = match.groups()
    if value is not None and "\0" in value:
        return match[0]
    held = set(wanted.split()) & set(value.split()) if value is not None else said.strip()
    return then if held else other or ""


def makefile_of(context: Context, named: str | None = None) -> Makefile:
    """What the Makefile of the working directory says, or the one of that name; nothing where there is none."""
    made = Makefile(variables=dict(context.env))
    paths = [joined_path(context.directory, name) for name in ((named,) if named else NAMES)]
    path = next((path for path in paths if context.tree.exists(path)), None)
    return made if path is None else read_makefile(context, path, made)


def acts_of_make(call: Call) -> list[Act]:
    """The acts of `make [-C DIR] [-f FILE] [NAME=value…] target…`, prerequisites first."""
    options = call.options(1, _OPTIONS_WITH_VALUE)
    context = call.context
    for directory in options.values("-C", "--directory"):
        if unresolved(directory):
            return []
        context = context.within(joined_path(context.directory, directory))
    made = makefile_of(context, options.value("-f", "--file", "--makefile"))
    given = [word.partition("=") for word in options.words if "=" in word]
    made.variables |= {name.rstrip(":"): value for name, _, value in given}
    run = _Run(made)
    for target in [word for word in options.words if "=" not in word] or [made.first or ""]:
        run.target(target, context)
    return run.acts


class _Run:
    """The targets that one call makes."""

    def __init__(self, made: Makefile) -> None:
        self.acts: list[Act] = []
        self._made = made
        self._done: set[str] = set()

    def target(self, name: str, context: Context) -> None:
        """Prerequisites, then the recipe; each target once."""
        if name in self._done or len(self._done) >= _MAX_TARGETS:
            return
        self._done.add(name)
        for rule, stem in self._made.rules_of(name):
            inner = context.deeper(f"{rule.path}#{name}")
            if inner is None:
                continue
            known = {**self._made.variables, **self._made.own.get(name, {})}
            needs = [_filled(need, known).replace("%", stem) for need in rule.needs]
            needs = [need for text in needs for need in words(text)]
            for need in needs:
                self.target(need, context)
            automatic = {
                "@": name,
                "*": stem,
                "<": needs[0] if needs else "",
                "^": " ".join(needs),
                "?": " ".join(needs),
            }
            self._recipe(rule, known, automatic, inner)

    def _recipe(self, rule: _Rule, known: dict[str, str], automatic: dict[str, str], context: Context) -> None:
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        exported = {name: _filled(known[name], known) for name in self._made.exported if name in known}
        context = context.with_env(exported) if exported else context
        for number, line in rule.recipe:
            text = _filled(line.lstrip("@-+ "), known, automatic)
            self.acts += acts_of_script(text, Place(path=rule.path, line=number), context)
