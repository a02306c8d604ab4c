"""A TOML document with places: each fault of a configuration names file, line and key."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from slsacheck.config.near import suggestion
from slsacheck.config.settings import MAX_CONFIG
from slsacheck.errors import ConfigError
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Document", "Table", "parse"]

MAX_DOTS = 200
"""Dots on one line. The TOML parser's time grows with the square of a dotted key's parts: 16,000 parts took 4 s."""
MAX_SHOWN = 120
"""Characters of a key or value that a message shows."""

Path = tuple[str | int, ...]

_HEADER = regex(r"[ \t]*(\[\[?)([^\]\n]+)\]")
_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = regex(rf"[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*=")
_PART = regex(r"\"([^\"\n]*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+)")


@record
class Document:
    """What a file holds, the text it was read from and the name by which messages call it."""

    name: str
    text: str
    values: dict[str, Any]

    def where(self, path: Path = ()) -> str:
        """`FILE:LINE` of a key, or the file alone where the line cannot be told."""
        line = self.line(path)
        return self.name if line is None else f"{self.name}:{line}"

    def line(self, path: Path) -> int | None:
        """The line of a key, or of the nearest table around it."""
        best: tuple[int, int | None] = (0, None)
        for found, line in _keys(self.text):
            common = _common(found, path)
            if common == len(found) and common > best[0]:
                best = (common, line)
        return best[1]


def parse(raw: bytes, name: str) -> Document:
    """Reads TOML. Raises ConfigError with file and line."""
    import tomllib

    if len(raw) > MAX_CONFIG:
        raise ConfigError(f"is larger than {MAX_CONFIG:,} bytes", where=name, advice="split it, or shorten it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8", where=f"{name}:{line}", advice="save it as UTF-8") from error
    for number, content in enumerate(text.split("\n"), 1):
        if content.count(".") > MAX_DOTS:
            raise ConfigError(f"has a line with more than {MAX_DOTS} dots", where=f"{name}:{number}", advice="break it")
    try:
        return Document(name, text, tomllib.loads(text))
    except RecursionError as error:
        raise ConfigError("is nested too deeply", where=name) from error
    except ValueError as error:
        raise _syntax(str(error), name) from error


def _syntax(message: str, name: str) -> ConfigError:
    """The parser ends its messages with `(at line 3, column 4)`; the line belongs to the place."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if found is None:
        return ConfigError(f"is not TOML: {message}", where=name)
    where = f"{name}:{found[2]}" if found[2] else name
    return ConfigError(f"is not TOML: {found[1]}", where=where, advice='strings need quotes: spec = "v1.2"')


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    """Each key and table header of a text with its line; good enough for messages, never used for values."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[2])
            parent = next((table[:size] for size in range(len(table), 0, -1) if table[:size] in counts), ())
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            elif parent:
                table = (*parent, counts[parent], *table[len(parent) :])
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, *_parts(key[1])), number


def _parts(dotted: str) -> Path:
    return tuple(part[1] or part[2] or part[3] or "" for part in _PART.finditer(dotted))


def _common(found: Path, path: Path) -> int:
    count = 0
    for one, other in zip(found, path, strict=False):
        if one != other:
            break
        count += 1
    return count


@record
class Table:
    """One table of a document whose keys are known; every reader says what it expects and where it stands."""

    document: Document
    path: Path
    values: dict[str, Any]

    def only(self, known: Collection[str]) -> Table:
        """The table itself. Raises ConfigError for the first key that is not known, with a suggestion."""
        for key in self.values:
            if key not in known:
                advice = suggestion(key.replace("-", "_"), known, f"known here: {', '.join(sorted(known))}")
                raise self.error(key, "is not a setting", advice[:500])
        return self

    def error(self, key: str, message: str, advice: str = "") -> ConfigError:
        """An error about a key of this table, or about the table where `key` is empty."""
        path = (*self.path, key) if key else self.path
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        return ConfigError(
            f"{name[:MAX_SHOWN] or 'the file'} {message}", where=self.document.where(path), advice=advice
        )

    def line(self, key: str = "") -> int | None:
        """The line of a key or of the table."""
        return self.document.line((*self.path, key) if key else self.path)

    def text(self, key: str, choices: Collection[str] = ()) -> str | None:
        """A string, None where it is not set."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"must be a string that says something, not {_shown(value)}")
        if choices and value not in choices:
            raise self.error(key, f"is {value!r}, but must be one of {', '.join(choices)}", suggestion(value, choices))
        return value

    def required(self, key: str, why: str) -> str:
        """A string that must be there; `why` ends the message where it is not."""
        found = self.text(key)
        if found is None:
            raise self.error("", f"needs {key!r}: {why}")
        return found

    def date(self, key: str, why: str) -> str:
        """A date that must be there, `2027-01-31` with or without quotes, as ISO text."""
        value = self.values.get(key)
        if value is None:
            raise self.error("", f"needs {key!r}: {why}")
        if type(value) is dt.date:
            return value.isoformat()
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            pass  # 2027-02-30: told as every other value that is no date
        raise self.error(key, f"must be a date such as 2027-01-31, not {_shown(value)}")

    def texts(self, key: str, choices: Collection[str] = ()) -> tuple[str, ...]:
        """A list of strings, empty where it is not set; a single string stands for a list of one."""
        value = self.values.get(key)
        if value is None:
            return ()
        listed = value if isinstance(value, list) else [value]
        single = Table(self.document, self.path, {})
        found = []
        for entry in listed:
            single.values[key] = entry
            found.append(single.text(key, choices) or "")
        return tuple(found)

    def flag(self, key: str) -> bool:
        """A yes or no; no where it is not set."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {_shown(value)}")
        return value

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number between two bounds, None where it is not set."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {_shown(value)}")
        return value

    def table(self, key: str) -> Table:
        """A table, empty where it is not set."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, [{key}], not {_shown(value)}")
        return Table(self.document, (*self.path, key), value)

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables, empty where it is not set."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.error(key, f"must be a list of tables, [[{key}]], not {_shown(value)}")
        return tuple(Table(self.document, (*self.path, key, number), entry) for number, entry in enumerate(value))


def _shown(value: Any) -> str:
    """A value as a message shows it, short whatever it is."""
    kinds = {dict: "a table", list: "a list", bool: "true" if value else "false"}
    return kinds.get(type(value)) or repr(value)[:MAX_SHOWN]
