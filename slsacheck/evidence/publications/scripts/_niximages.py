"""The name of an image that Nix makes, where the repository's Nix files name one alone.

Rules: `dockerTools` of the nixpkgs manual. `docker load` says the name of what it loads, so a script that pushes
`$image` pushes that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["loaded_image"]

MAX_FILES = 200
"""Nix files of a repository that are searched; a repository of packages has thousands, and then no single name."""
NAMED = regex(
    r"\b(?:buildImage|buildLayeredImage|streamLayeredImage)\s*(?:rec\s*)?\{[^{}]{0,2000}?\bname\s*=\s*\"([^\"$\n]{1,200})\""
)
ALONE = regex(r"^\$\{?\w+\}?$")
NIX = frozenset({"nix", "nix-build"})


def loaded_image(call: Call, word: str) -> str:
    """The image that a variable alone stands for in a script that has Nix build one; the word itself otherwise."""
    if not NIX & call.programs or not ALONE.match(word):
        return word
    tree = call.context.tree
    paths = [path for path in tree.paths() if path.endswith(".nix")]
    found: dict[str, None] = {}
    for path in paths if len(paths) <= MAX_FILES else ():
        try:
            found |= dict.fromkeys(NAMED.findall(tree.text(path)))
        except SlsacheckError as problem:
            call.context.problems.add(path, problem.message, problem.advice)
    return next(iter(found)) if len(found) == 1 else word
