"""Lists of names that a script takes from a file of the repository: `$(cat images.txt)`, `done < images.txt`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.context import Context

__all__ = ["with_lists"]

LISTS = regex(r"\$\((?:cat\s+|<\s*)([\w./-]+)\)|(\bdone[ \t]*)<[ \t]*([\w./-]+)(?=[ \t]*(?:$|[;)|&]))", re.MULTILINE)
NAME = regex(r"[\w./:@+-]+")
MAX_NAMES = 32
"""Names of one list that are put in; as many as the reader of scripts tells apart."""
MAX_FILE = 20_000
"""Characters of a list; the longest seen has 2,000."""


def with_lists(text: str, context: Context) -> str:
    """The script with the names of such lists in the place of their files; lines keep their numbers."""
    if "cat " not in text and "<" not in text:
        return text

    def names(match: re.Match[str]) -> str:
        found = _names(match[1] or match[3], context)
        if not found:
            return match[0]
        return " ".join(found) if match[1] else f"{match[2]}<<< '{' '.join(found)}'"

    return LISTS.sub(names, text)


def _names(file: str, context: Context) -> list[str]:
    """The names in a file, one a line; none where it is not there or holds anything else."""
    path = joined_path(context.directory, file)
    if not context.tree.exists(path):
        return []
    try:
        text = context.tree.text(path)
    except SlsacheckError:
        return []
    lines = [line.strip() for line in text[:MAX_FILE].split("\n")]
    found = [line for line in lines if line and not line.startswith("#")]
    return found if len(found) <= MAX_NAMES and all(NAME.fullmatch(line) for line in found) else []
