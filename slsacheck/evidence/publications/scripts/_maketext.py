"""Make's functions on words, where their arguments are known: `$(addprefix push-,a b)` is `push-a push-b`.

Rules: "Functions for String Substitution and Analysis" and "Functions for File Names" of the GNU make manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    import re

__all__ = ["spelled_out", "with_functions", "words"]

MAX_ROUNDS = 20
"""Calls inside calls; the deepest seen is 5."""
MAX_TEXT = 8_000
"""Characters that a text may grow to."""
CALL = regex(
    r"\$([({])(addprefix|addsuffix|patsubst|subst|notdir|basename|dir|strip|firstword|lastword|sort) +([^(){}$\0]*)[)}]"
)
SUBSTITUTED = regex(r"(?<!\$)\$[({]([\w.-]+|[@<^*?]):([^\s=(){}$\0,:]*)=([^(){}$\0,]*)[)}]")
"""`$(NAME:old=new)`, which changes the ending of each word, or what `%` leaves."""


def spelled_out(text: str) -> str:
    """`$(NAME:old=new)` as the call of `patsubst` that it stands for."""
    return SUBSTITUTED.sub(_patsubst, text) if ":" in text else text


def _patsubst(match: re.Match[str]) -> str:
    name, old, new = match[1], match[2], match[3]
    if "%" not in old:
        old, new = f"%{old}", f"%{new}"
    value = f"${name}" if name in "@<^*?" else f"$({name})"
    return f"$(patsubst {old},{new},{value})"


def with_functions(text: str) -> str:
    """The text with those calls worked out whose arguments are all known; the others stay as they are."""
    for _ in range(MAX_ROUNDS):
        after = CALL.sub(_worked_out, text)
        if after == text or len(after) > MAX_TEXT:
            break
        text = after
    return text


def _worked_out(match: re.Match[str]) -> str:
    name, arguments = match[2], match[3].split(",")
    wanted = {"addprefix": 2, "addsuffix": 2, "patsubst": 3, "subst": 3}.get(name, 1)
    if len(arguments) != wanted:
        return match[0]
    words = arguments[-1].split()
    first = arguments[0].strip() if wanted > 1 else ""
    if name == "sort":
        return " ".join(sorted(set(words)))
    if name in ("firstword", "lastword"):
        return words[0 if name == "firstword" else -1] if words else ""
    if name == "subst":
        return arguments[2].replace(first, arguments[1]) if first else arguments[2]
    second = arguments[1].strip() if name == "patsubst" else ""
    return " ".join(_changed(name, word, first, second) for word in words)


def _changed(name: str, word: str, first: str, second: str) -> str:
    folder, slash, last = word.rpartition("/")
    if name == "addprefix":
        return first + word
    if name == "addsuffix":
        return word + first
    if name == "patsubst":
        return _pattern(word, first, second)
    if name == "notdir":
        return last
    if name == "dir":
        return folder + slash or "./"
    if name == "basename":
        return folder + slash + (last.rpartition(".")[0] or last)
    return word


def _pattern(word: str, pattern: str, to: str) -> str:
    """`%` stands for any text, the same in both."""
    head, percent, tail = pattern.partition("%")
    if not percent:
        return to if word == pattern else word
    if len(word) < len(head) + len(tail) or not (word.startswith(head) and word.endswith(tail)):
        return word
    return to.replace("%", word[len(head) : len(word) - len(tail)], 1)


def words(text: str) -> list[str]:
    """The words of a line; a call that was not worked out (`$(foreach …)`) is one, with the spaces in it."""
    found: list[str] = []
    word, depth = "", 0
    for place, character in enumerate(text):
        if character.isspace() and not depth:
            found.append(word)
            word = ""
            continue
        if character == "(" and (depth or text[place - 1 : place] == "$"):
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        word += character
    return [one for one in (*found, word) if one]
