"""tox (tox.wiki): the commands of the environments that a call names, whichever of its files describes them."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts._toxtoml import COMMANDS, Sections, of_toml
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["acts_of_tox"]

NAMES = ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml")
_MAX_ENVIRONMENTS = 40
"""Environments of one call; the most seen are 6."""
_MAX_EXPANDED = 200
"""Names that one section's `{a,b}-{c,d}` stands for; the most seen are 30."""
_MAX_ROUNDS = 6
"""Fields inside fields; the deepest seen is 2."""
_MAX_LINES = 200
"""Commands of one environment; the longest seen has 25."""
_VALUES = option_names("-e --env -c --conf -x --override --result-json --workdir --root -p --parallel -m -f --discover")
_FACTORS = regex(r"^(!?[\w.]+(?:[-,]!?[\w.]+)*):\s+(?=\S)")
_FIELD = regex(r"\{(?:\[([^\[\]{}]+)\])?([^{}\[\]]*)\}")
_REFERRED = regex(r"^\{\[([^\[\]{}]+)\](\w+)\}$")

Lines = list[tuple[int, str]]


def acts_of_tox(call: Call) -> list[Act]:
    """The acts of `tox [run] -e NAME,… [-- words]`; of `tox` alone none, as what it runs by default tests."""
    context = call.context
    words = call.argv.index("--") if "--" in call.argv else len(call.argv)
    options = call.options(1, _VALUES)
    given = tuple(call.argv[words + 1 :])
    asked = [name for text in options.values("-e", "--env") for name in text.split(",")]
    asked = asked or (call.env("TOXENV") or "").split(",")
    named = options.value("-c", "--conf")
    paths = [joined_path(context.directory, name) for name in ((named,) if named else NAMES)]
    sections, path = _configuration(paths, context)
    found: list[Act] = []
    for name in [name.strip() for name in asked if name.strip()][:_MAX_ENVIRONMENTS]:
        inner = context.deeper(f"{path}#{name}") if sections else None
        if inner is not None:
            found += _Environment(sections, name, given, path).acts(inner)
    return found


def _configuration(paths: list[str], context: Context) -> tuple[Sections, str]:
    """The sections of the first of these files that says something to tox."""
    for path in paths:
        try:
            text = context.tree.text(path) if context.tree.exists(path) else ""
        except SlsacheckError as problem:
            context.problems.add(path, problem.message, problem.advice)
            continue
        first, ini, table = (1, text, {}) if not path.endswith(".toml") else of_toml(text, path)
        found = table or _sections(ini, first)
        if any(name.startswith(("testenv", "tox")) for name in found):
            return found, path
    return {}, ""


def _sections(text: str, first: int) -> Sections:
    """An ini file with the line of everything, `[testenv:{a,b}]` under each of its names."""
    found: Sections = {}
    section: dict[str, Lines] = {}
    key: Lines | None = None
    for number, line in enumerate(text.split("\n"), first):
        said = line.strip()
        if not said or said.startswith(("#", ";")):
            continue
        if line.startswith("["):
            section, key = {}, None
            for name in _expanded(line[1:].partition("]")[0].strip()):
                section = found.setdefault(name, section)
        elif line[0] in " \t":
            if key is not None:
                key.append((number, said))
        else:
            name, _, value = line.partition("=")
            key = section[name.strip().replace("setenv", "set_env").replace("changedir", "change_dir")] = []
            if value.strip():
                key.append((number, value.strip()))
    return found


def _expanded(name: str) -> list[str]:
    parts = re.split(r"\{([^{}]*)\}", name[:500])
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(item.strip() for item in chosen) for chosen in islice(product(*choices), _MAX_EXPANDED)]


class _Environment:
    """One environment of a call: its own section, then `[testenv]`."""

    def __init__(self, sections: Sections, name: str, given: tuple[str, ...], path: str) -> None:
        self._sections = sections
        self._name = name
        self._given = given
        self._path = path

    def acts(self, context: Context) -> list[Act]:
        """What its commands do, in the directory and with the variables that it sets."""
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        folder = self._path.rpartition("/")[0]
        where = next((text for _, text in self._lines("change_dir", context)), "")
        context = context.within(folder if unresolved(where) else joined_path(folder, where))
        pairs = [text.partition("=") for _, text in self._lines("set_env", context)]
        context = context.with_env({name.strip(): value.strip() for name, _, value in pairs if not unresolved(value)})
        found: list[Act] = []
        for number, text in [line for key in COMMANDS for line in self._lines(key, context)][:_MAX_LINES]:
            found += acts_of_script(text.lstrip("-! "), Place(path=self._path, line=number), context)
        return found

    def _lines(self, key: str, context: Context) -> Lines:
        own = self._sections.get(f"testenv:{self._name}", {})
        lines = own[key] if key in own else self._sections.get("testenv", {}).get(key, [])
        told: Lines = []
        for number, text in lines:
            referred = _REFERRED.match(text)
            named = self._sections.get(referred[1], {}).get(referred[2], []) if referred else None
            told += named if named is not None else [(number, text)]
        kept = [(number, line) for number, text in told if (line := self._of_factors(text)) is not None]
        return _joined([(number, self._filled(line, context)) for number, line in kept])

    def _of_factors(self, text: str) -> str | None:
        """The line without its condition (`py312,!win: …`); None where that does not hold here."""
        match = _FACTORS.match(text)
        if match is None:
            return text
        mine = set(self._name.split("-"))
        holds = any(
            all((word.lstrip("!") in mine) != word.startswith("!") for word in choice.split("-"))
            for choice in match[1].split(",")
        )
        return text[match.end() :] if holds else None

    def _filled(self, text: str, context: Context) -> str:
        for _ in range(_MAX_ROUNDS):
            after = _FIELD.sub(lambda match: self._value(match, context), text)
            if after == text:
                break
            text = after
        return text

    def _value(self, match: re.Match[str], context: Context) -> str:
        name, _, default = match[2].partition(":")
        if match[1]:
            lines = self._sections.get(match[1], {}).get(name, [])
            return " ".join(text for _, text in lines if match[0] not in text)
        if name == "posargs":
            return " ".join(self._given) or default
        if name == "env":
            variable, _, other = default.partition(":")
            return context.env.get(variable) or other or f"${variable}"
        known = {"envpython": "python", "toxinidir": ".", "tox_root": ".", "/": "/", ":": ":"}
        return known.get(name, "$" + re.sub(r"\W", "_", name))


def _joined(lines: Lines) -> Lines:
    """Lines with those that a backslash continues."""
    found: Lines = []
    open_line = False
    for number, text in lines:
        body = text.removesuffix("\\").rstrip()
        if open_line:
            found[-1] = (found[-1][0], f"{found[-1][1]} {body}")
        else:
            found.append((number, body))
        open_line = text.endswith("\\")
    return found
