"""tox's settings in TOML (`[tool.tox]` of pyproject.toml, tox.toml), as the sections of its older ini format."""

from __future__ import annotations

import re
import shlex
from typing import TypeAlias

__all__ = ["COMMANDS", "Sections", "of_toml"]

Sections: TypeAlias = dict[str, dict[str, list[tuple[int, str]]]]
"""What each section says under each key, line by line with its number."""
COMMANDS = ("commands_pre", "commands", "commands_post")
"""Keys with what an environment runs, in order."""


def of_toml(text: str, path: str) -> tuple[int, str, Sections]:
    """The line and text of `legacy_tox_ini`, or the sections that native settings stand for; nothing in other files."""
    import tomllib

    if "tox" not in text and not path.endswith("tox.toml"):
        return 1, "", {}
    try:
        said: object = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return 1, "", {}
    own = said if path.endswith("tox.toml") else _within(said, "tool", "tox")
    legacy = _within(own, "legacy_tox_ini")
    if isinstance(legacy, str):
        head, _, rest = text.partition("legacy_tox_ini")
        return head.count("\n") + (2 if re.match(r"\s*=\s*(\"{3}|'{3})\r?\n", rest) else 1), legacy, {}
    found: Sections = {"testenv": _section(text, _within(own, "env_run_base"), "env_run_base")}
    environments = _within(own, "env")
    for name in environments if isinstance(environments, dict) else ():
        found[f"testenv:{name}"] = _section(text, _within(environments, name), str(name))
    return 1, "", found if own else {}


def _within(table: object, *names: str) -> object:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _section(text: str, table: object, name: str) -> dict[str, list[tuple[int, str]]]:
    """Commands and settings of an environment, at the line of the key behind its heading."""
    heading = re.search(rf"^\[[^\]\n]*\b{re.escape(name)}\"?\]", text, re.MULTILINE)
    start = heading.end() if heading else 0
    found: dict[str, list[tuple[int, str]]] = {}
    for key in COMMANDS:
        commands = _within(table, key)
        if isinstance(commands, list):
            place = re.search(rf"^{key}\s*=", text[start:], re.MULTILINE)
            line = text.count("\n", 0, start + (place.start() if place else 0)) + 1
            found[key] = [(line, " ".join(map(_word, one))) for one in commands if isinstance(one, list)]
    folder, variables = _within(table, "change_dir"), _within(table, "set_env")
    if isinstance(folder, str):
        found["change_dir"] = [(1, folder)]
    if isinstance(variables, dict):
        found["set_env"] = [(1, f"{name}={value}") for name, value in variables.items() if isinstance(value, str)]
    return found


def _word(word: object) -> str:
    """A word of a command; `{ replace = "posargs", default = […] }` as the older format writes it."""
    if isinstance(word, str):
        return word if "{" in word else shlex.quote(word)
    default = _within(word, "default")
    spelled = " ".join(map(str, default)) if isinstance(default, list) else str(default or "")
    if _within(word, "replace") == "posargs":
        return f"{{posargs:{spelled}}}"
    return f"{{env:{_within(word, 'name')}:{spelled}}}" if _within(word, "replace") == "env" else spelled
