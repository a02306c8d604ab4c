"""Code of other languages than the shell's, which is not read: the files that it names, where it may write some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.flows import FOLDERS
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Input, Place

__all__ = ["LOOKS", "given_to", "named_in", "path_like"]

WRITES = regex(
    r"write|append|truncate|copyfile|rename|\breplace\b|\bopen\([^)]{0,200},\s*[\"'](?:w|a|r\+|x)|shutil|\.dump\(|fs\.cp",
)
QUOTED = regex(r"[\"']((?:\.{0,2}/)?[\w.*-]+(?:/[\w.*-]+)+|[\w*-]+\.\w{1,6})[\"']")
"""A path in quotes: with a folder, or with an ending."""
LOOKS = regex(
    r"(?i)verif|check|test|upload|publish|release|deploy|notes|changelog|sbom|list|hash|sum|size|smoke|validat|"
    r"notif|attest|provenance|scan|lint|inspect|announce|comment|compare|report|benchmark|push|virus|slack|discord"
)
"""Words in a program's name that say that it only looks at files, or sends them away."""


NO_FILES = regex(r"(?i)repo|image|tag|version|url|registry|token|secret|key|ref$|branch|user|mail|title|body|^name$")
"""Words in the names of inputs that take no files."""


def named_in(code: str) -> tuple[str, ...]:
    """The paths that code names, where it may write files."""
    return tuple(dict.fromkeys(QUOTED.findall(code))) if WRITES.search(code) else ()


def path_like(word: str) -> str:
    """A word as a path where it may be one: a folder of finished files, or a name with a folder or an ending."""
    if word in FOLDERS:
        return f"{word}/"
    return word if "/" in word or "." in word else ""


def given_to(name: str, inputs: Iterable[Input], at: Place) -> list[Act]:
    """What an action that is a program may change: the files that it is handed."""
    if LOOKS.search(name):
        return []
    files = (item.value for item in inputs if not NO_FILES.search(item.name))
    paths = tuple(found for text in files for word in text.split() if "://" not in word and (found := path_like(word)))
    return [Act(ActKind.ALTER, name, at, what=paths, detail=(("may", "yes"),))] if paths else []
