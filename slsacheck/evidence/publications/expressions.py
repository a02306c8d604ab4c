"""GitHub's `${{ … }}` expressions, as far as a file tells their value: text with alternatives, and three-valued truth.

What is not known stays literal: nothing is filled in that only a run can tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ASIDE", "MAX_ALTERNATIVES", "UNTIL_HERE", "alternatives", "living", "substitute", "truth"]

MAX_ALTERNATIVES = 16
"""Values of one text that are told apart (a matrix times a matrix); nobody reads more publications than that."""
MAX_LENGTH = 20_000
"""Characters of one text in which expressions are replaced."""
MAX_ROUNDS = 4
"""How often a replaced value may hold expressions itself (an input that is an `env` that is a literal)."""

UNTIL_HERE = "\0"
"""Ends a value of which only the beginning is known (`refs/tags/`), for `truth` alone."""
ASIDE = "\0"
"""Begins the name of what conditions know of a value, where the names of things know less (`origin_values`) or more."""

EXPRESSION = regex(r"\$\{\{(.{0,2000}?)\}\}", re.DOTALL)
TOKEN = regex(
    r"\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?\b)|(&&|\|\||==|!=|<=|>=|[!<>(),\[\]])|([A-Za-z_*][\w.*-]*))", re.DOTALL
)

OUTCOME = regex(r"needs\.[\w-]+\.result|steps\.[\w-]+\.(?:outcome|conclusion)")
"""How earlier jobs and steps ended: well, in a run in which nothing fails (`outcomes` is known)."""
CONSTANTS: dict[str, str | bool] = {"true": True, "false": False, "null": ""}
STATUS = {"success": True, "failure": False, "cancelled": False}
"""What the status functions say in a run in which nothing fails, where that is what is asked (`status` is known)."""
Result = str | bool | None


def alternatives(text: str, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The values that a text can have: one for each combination of the known values in it, in order, at least one."""
    found = [text[:MAX_LENGTH]]
    for _ in range(MAX_ROUNDS):
        after = [new for old in found for new in _replaced(old, values)][:MAX_ALTERNATIVES]
        if after == found:
            break
        found = after
    return tuple(dict.fromkeys(found))


def substitute(text: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """The text with everything replaced that has exactly one known value."""
    if "${{" not in text:
        return text
    return alternatives(text, {key: known for key, known in values.items() if len(known) == 1})[0]


def _replaced(text: str, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    for match in EXPRESSION.finditer(text):
        known = _values_of(match[1].strip(), values)
        if known:
            head, tail = text[: match.start()], text[match.end() :]
            return [head + value + tail for value in known]
    return [text]


def _values_of(expression: str, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if found := values.get(expression.lower()):
        return tuple(value for value in found if "${{" not in value or expression not in value)
    if re.fullmatch(r"[\w.*-]+", expression):
        return ()
    several = {name: known for name, known in values.items() if len(known) > 1 and name in expression.lower()}
    for name, known in several.items():
        choices = [_evaluate(expression, {**values, name: (one,)}) for one in known]
        if all(isinstance(choice, str) for choice in choices):
            return tuple(str(choice) for choice in choices)
        return ()
    value = _evaluate(expression, values)
    return (_text(value),) if value is not None else ()


def living(text: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """The text without the arms of its expressions that are never taken (`false && a || b` is `b`)."""
    if "||" not in text and "&&" not in text:
        return text
    return EXPRESSION.sub(lambda match: f"${{{{ {_living(match[1].strip(), values)} }}}}", text)


def _living(expression: str, values: Mapping[str, tuple[str, ...]]) -> str:
    if "(" in expression:  # grouped, or a function with arguments: not taken apart
        return expression
    kept: list[str] = []
    for arm in re.split(r"\s*\|\|\s*", expression):
        *asked, result = re.split(r"\s*&&\s*", arm)
        told = [truth(one, values) for one in asked]
        if False in told or truth(result, values) is False:
            continue
        if told and None not in told:
            arm = result  # noqa: PLW2901 - what is asked holds
        kept.append(arm)
        if None not in told and truth(result, values) is True:
            break
    return " || ".join(kept) or expression


def truth(condition: str, values: Mapping[str, tuple[str, ...]]) -> bool | None:
    """Whether a condition holds: True, False, or None where only a run can tell. An empty one holds."""
    text = condition.strip()
    if not text:
        return True
    if (whole := EXPRESSION.fullmatch(text)) is not None:
        text = whole[1]
    elif "${{" in text:
        text = EXPRESSION.sub(lambda match: f"({match[1]})", text)
    value = _evaluate(text, values, asks=True)
    return None if value is None else _true(value)


def _true(value: str | bool) -> bool:
    return value if isinstance(value, bool) else value not in ("", "0")


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _evaluate(text: str, values: Mapping[str, tuple[str, ...]], *, asks: bool = False) -> Result:
    tokens = _tokens(text)
    if tokens is None:
        return None
    parser = _Parser(tokens, values, asks=asks)
    value = parser.any_of(0)
    return value if parser.done else None


def _tokens(text: str) -> list[str] | None:
    found, position = [], 0
    text = text.strip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or match.end() == position:
            return None
        found.append(match[0].strip())
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; `None` is a value that only a run can tell."""

    DEEPEST = 20

    def __init__(self, tokens: list[str], values: Mapping[str, tuple[str, ...]], *, asks: bool) -> None:
        self.tokens = tokens
        self.asks = asks
        self.values = values
        self.position = 0
        self.failed = False

    @property
    def ended(self) -> bool:
        return self.position >= len(self.tokens)

    @property
    def done(self) -> bool:
        return self.ended and not self.failed

    def peek(self) -> str:
        return "" if self.ended else self.tokens[self.position]

    def take(self, *wanted: str) -> bool:
        if not self.ended and self.peek() in wanted:
            self.position += 1
            return True
        return False

    def any_of(self, depth: int) -> Result:
        value = self.all_of(depth)
        while self.take("||"):
            other = self.all_of(depth)
            value = _or(value, other)
        return value

    def all_of(self, depth: int) -> Result:
        value = self.compared(depth)
        while self.take("&&"):
            other = self.compared(depth)
            value = _and(value, other)
        return value

    def compared(self, depth: int) -> Result:
        left = self.single(depth)
        if self.peek() not in ("==", "!=", "<", ">", "<=", ">="):
            return left
        operator = self.tokens[self.position]
        self.position += 1
        name = self.peek()
        right = self.single(depth)
        if operator not in ("==", "!="):
            return None
        equal = self._equal(left, right, name)
        return equal if operator == "==" or equal is None else not equal

    def _equal(self, left: Result, right: Result, _name: str) -> bool | None:
        if left is None or right is None:
            return None
        one, other = _text(left).lower(), _text(right).lower()
        for begun, text in ((one, other), (other, one)):
            if begun.endswith(UNTIL_HERE):
                return None if text.startswith(begun[:-1]) else False
        return one == other

    def single(self, depth: int) -> Result:
        if depth > self.DEEPEST or self.ended:
            self.failed = True
            self.position = len(self.tokens)
            return None
        if self.take("!"):
            value = self.single(depth + 1)
            return None if value is None else not _true(value)
        if self.take("("):
            value = self.any_of(depth + 1)
            self.take(")")
            return value
        return self._named(self.tokens[self.position], depth)

    def _named(self, token: str, depth: int) -> Result:
        self.position += 1
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in CONSTANTS:
            return CONSTANTS[token]
        if token[:1].isdigit() or token[:1] == "-":
            return token
        if self.take("("):
            return self._function(token.lower(), depth)
        if self.take("["):
            self.any_of(depth + 1)
            self.take("]")
            return None
        if "outcomes" in self.values and OUTCOME.fullmatch(token):
            return "success"
        aside = self.values.get(f"{ASIDE}{token.lower()}", ()) if self.asks else ()
        known = aside or self.values.get(token.lower(), ())
        single = known[0] if len(known) == 1 else None
        return None if single is None or "${{" in single else _literal(single)

    def _function(self, name: str, depth: int) -> Result:
        arguments: list[Result] = []
        while not self.ended and not self.take(")"):
            arguments.append(self.any_of(depth + 1))
            if not self.take(",") and self.peek() != ")":
                self.position += 1
        if name in STATUS and not arguments and "status" in self.values:
            return STATUS[name]
        return _called(name, arguments)


def _literal(text: str) -> str | bool:
    return text == "true" if text in ("true", "false") else text


def _or(left: Result, right: Result) -> Result:
    if left is not None:
        return left if _true(left) else right
    return True if isinstance(right, bool) and right else None


def _and(left: Result, right: Result) -> Result:
    if left is not None:
        return right if _true(left) else left
    return False if right is not None and not _true(right) else None


def _called(name: str, arguments: list[Result]) -> Result:
    if name == "always":
        return True
    known = [_text(value) for value in arguments if value is not None]
    if len(known) != len(arguments) or not known:
        return None
    if name == "format":
        return re.sub(r"\{(\d)\}", lambda match: (known[1:] + [""] * 10)[int(match[1])], known[0])
    if len(known) != 2:  # noqa: PLR2004 - the functions below take two
        return None
    whole, part = (text.lower() for text in known)
    if whole.endswith(UNTIL_HERE):
        return _begun(name, whole[:-1], part)
    tests = {"contains": part in whole, "startswith": whole.startswith(part), "endswith": whole.endswith(part)}
    return tests.get(name)


def _begun(name: str, start: str, part: str) -> bool | None:
    """What is known of a text by its beginning alone."""
    if name == "startswith":
        return True if start.startswith(part) else None if part.startswith(start) else False
    return True if name == "contains" and part in start else None
