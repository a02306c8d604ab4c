"""What a `${{ }}` expression may come to, without running anything.

The grammar is that of GitHub's documentation "Evaluate expressions in workflows and actions". The answer is a set of
possible texts, and whether it is complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Possible", "resolve"]

MAX_EXPRESSION = 4_000
"""Characters of one expression; GitHub's own limit is 21,000, real runner expressions stay below 300."""
MAX_DEPTH = 30
"""Nested parentheses and calls."""
MAX_VALUES = 256
"""Possible values of one expression; GitHub runs at most 256 jobs of a matrix."""

TOKEN = regex(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<operator>\|\||&&|[=!<>]=|[!<>().,*]|\[|\]))"
)
FALSY = frozenset({"", "false", "0", "null"})
COMPARE = frozenset({"==", "!=", "<", ">", "<=", ">="})


@record
class Possible:
    """The texts that a value may have; `complete` is False where it may have others."""

    values: tuple[str, ...] = ()
    complete: bool = False


UNKNOWN = Possible()
EITHER = Possible(("true", "false"), complete=True)


class _UnreadableError(Exception):
    """The expression is not one that this reader follows."""


def resolve(text: str, scope: Callable[[str], Possible]) -> Possible:
    """The texts that a value with expressions in it may come to; `scope` answers for names such as `matrix.os`."""
    if "${{" not in text:
        return Possible((text,), complete=True)
    answer = Possible(("",), complete=True)
    rest = text
    while rest:
        plain, opened, rest = rest.partition("${{")
        part = Possible((plain,), complete=True)
        answer = _join(answer, part)
        if opened:
            inner, closed, rest = rest.partition("}}")
            answer = _join(answer, _evaluate(inner, scope) if closed else UNKNOWN)
    return answer


def _join(left: Possible, right: Possible) -> Possible:
    """Every text of one followed by every text of the other, within the limit."""
    if len(left.values) * len(right.values) > MAX_VALUES:
        return UNKNOWN
    found = dict.fromkeys(a + b for a in left.values for b in right.values)
    return Possible(tuple(found), left.complete and right.complete)


def _union(left: Possible, right: Possible) -> Possible:
    found = tuple(dict.fromkeys((*left.values, *right.values)))
    return Possible(found[:MAX_VALUES], left.complete and right.complete and len(found) <= MAX_VALUES)


def _evaluate(text: str, scope: Callable[[str], Possible]) -> Possible:
    if len(text) > MAX_EXPRESSION:
        return UNKNOWN
    try:
        parser = _Parser(_tokens(text), scope)
        found = parser.alternatives(0)
    except _UnreadableError:
        return UNKNOWN
    return found if parser.at_end() else UNKNOWN


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            raise _UnreadableError
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        position = match.end()
    return found


class _Parser:
    """Recursive descent with a bound on depth."""

    def __init__(self, tokens: list[tuple[str, str]], scope: Callable[[str], Possible]) -> None:
        self.tokens = tokens
        self.scope = scope
        self.index = 0

    def at_end(self) -> bool:
        """Whether every token was used."""
        return self.index >= len(self.tokens)

    def peek(self) -> str:
        """The next token's text, empty at the end; strings are never taken for operators."""
        if self.at_end():
            return ""
        kind, text = self.tokens[self.index]
        return "" if kind == "string" else text

    def accept(self, text: str) -> bool:
        """Takes the next token if it is this one."""
        if self.peek() == text and text:
            self.index += 1
            return True
        return False

    def alternatives(self, depth: int) -> Possible:
        """`a || b`: b counts where a may be falsy."""
        if depth > MAX_DEPTH:
            raise _UnreadableError
        found = self.conjunction(depth)
        while self.accept("||"):
            other = self.conjunction(depth)
            kept = Possible(tuple(value for value in found.values if value not in FALSY), found.complete)
            certain = found.complete and kept.values == found.values
            found = found if certain and found.values else _union(kept, other)
        return found

    def conjunction(self, depth: int) -> Possible:
        """`a && b`: b, or what is falsy of a."""
        found = self.comparison(depth)
        while self.accept("&&"):
            other = self.comparison(depth)
            falsy = Possible(tuple(value for value in found.values if value in FALSY) or ("false",), complete=True)
            found = _union(falsy, other)
        return found

    def comparison(self, depth: int) -> Possible:
        """Comparisons may come out either way."""
        found = self.unary(depth)
        while self.peek() in COMPARE:
            self.index += 1
            self.unary(depth)
            found = EITHER
        return found

    def unary(self, depth: int) -> Possible:
        """`!a`."""
        negated = False
        while self.accept("!"):
            negated = True
        found = self.primary(depth)
        return EITHER if negated else found

    def primary(self, depth: int) -> Possible:
        """A literal, a name with its members, a call or something in parentheses."""
        if self.accept("("):
            found = self.alternatives(depth + 1)
            self.expect(")")
            return found
        if self.at_end():
            raise _UnreadableError
        kind, text = self.tokens[self.index]
        self.index += 1
        if kind == "string":
            return Possible((text[1:-1].replace("''", "'"),), complete=True)
        if kind == "number":
            return Possible((text,), complete=True)
        if kind != "name":
            raise _UnreadableError
        return self.call(text, depth) if self.peek() == "(" else self.member(text, depth)

    def expect(self, text: str) -> None:
        """Takes the next token, which must be this one."""
        if not self.accept(text):
            raise _UnreadableError

    def member(self, name: str, depth: int) -> Possible:
        """A context value: `matrix.os`, `inputs['runner']`."""
        if name in {"true", "false", "null"} and self.peek() not in {".", "["}:
            return Possible(("" if name == "null" else name,), complete=True)
        path = [name]
        while True:
            if self.accept("."):
                path.append(self.peek() or "?")
                self.index += 1
            elif self.accept("["):
                index = self.alternatives(depth + 1)
                self.expect("]")
                path.append(index.values[0] if len(index.values) == 1 else "?")
            else:
                return self.scope(".".join(path))

    def call(self, name: str, depth: int) -> Possible:
        """A function: fromJSON hands its text on, format fills in, everything that compares may be either."""
        self.expect("(")
        arguments: list[Possible] = []
        while not self.accept(")"):
            arguments.append(self.alternatives(depth + 1))
            if self.peek() != ")":
                self.expect(",")
        lowered = name.lower()
        if lowered == "fromjson" and len(arguments) == 1:
            return arguments[0]
        if lowered == "format" and arguments:
            return _format(arguments)
        if lowered in {"contains", "startswith", "endswith", "always", "success", "failure", "cancelled"}:
            return EITHER
        return UNKNOWN


def _format(arguments: list[Possible]) -> Possible:
    if any(len(argument.values) != 1 or not argument.complete for argument in arguments):
        return UNKNOWN
    found = arguments[0].values[0]
    for number, argument in enumerate(arguments[1:]):
        found = found.replace("{" + str(number) + "}", argument.values[0])
    return Possible((found,), complete=True)


def json_list(text: str) -> tuple[str, ...] | None:
    """The texts of a JSON list (or of a JSON string as the only one); None where it is neither."""
    if not text.startswith(("[", '"')):
        return None
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = found if isinstance(found, list) else [found]
    return tuple(item for item in listed if isinstance(item, str))
