"""`earthly --push +target`: the images that an Earthfile's targets save, as far as the target's own `BUILD`s lead.

Rules: the Earthfile reference. An image is pushed by `SAVE IMAGE --push` of the target that is asked for and of those
that it reaches through `BUILD`; `FROM` and `COPY` mark nothing for pushing. What the caller gives for an `ARG` holds
for targets of the same Earthfile too. Targets of other repositories are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.evidence.publications.scripts._call import false_word, joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

MAX_TARGETS = 200
"""Targets that one call leads to; the busiest Earthfile seen has 40."""
MAX_EARTHFILE = 400_000
"""Characters of one Earthfile that are read; the longest seen has 60,000."""
VALUED = option_names(
    "--build-arg --secret -s --secret-file -a --artifact --platform --cache-from --remote-cache --org --sat "
    "--buildkit-host --arg-file-path --config"
)
TARGET = regex(r"^([A-Za-z][\w.-]*):\s*(?:#.*)?$")
COMMAND = regex(r"^\s*([A-Z]+)(?:\s+(.*))?$")
REFERENCE = regex(r"^(\S*)\+([\w.-]+)$")
WORD = regex(r"(?:\$\{\{.{0,300}?\}\}|\S)+")
"""A word; an expression of the CI system is part of one, blanks and all."""
VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
SPEAKS = regex(r"image|docker|container|push|publish|release|deploy|all")
FLAGS_WITH_VALUE = {"--build-arg": "", "--platform": "", "--cache-from": "", "--secret": "", "--if-exists": ""}


@record(frozen=False)
class _Target:
    """A target: its commands, each with the line that it begins on."""

    commands: list[tuple[int, str, str]] = field(default_factory=list)


class _Walk:
    """The targets that one call builds."""

    def __init__(self, call: Call, *, pushes: bool) -> None:
        self.call = call
        self.pushes = pushes
        self.acts: list[Act] = []
        self._done: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()

    def target(self, folder: str, reference: str, given: dict[str, str]) -> None:
        """Builds a target that is named from a folder; one that lies elsewhere is said not to be understood."""
        match = REFERENCE.match(reference)
        if match is None:
            return
        where, name = match.groups()
        if unresolved(reference) or (where and not where.startswith(".")):
            self._elsewhere(reference, name)
            return
        folder = joined_path(folder, where)
        key = (folder, name, tuple(sorted(given.items())))
        if key in self._done or len(self._done) >= MAX_TARGETS:
            return
        self._done.add(key)
        path = joined_path(folder, "Earthfile")
        found = _targets(self.call, path)
        if found is None or name not in found:
            self._elsewhere(reference, name)
            return
        known: dict[str, str] = {}
        for line, word, text in found[""].commands:
            self._command(folder, path, (line, word, text), known, given)
        for line, word, text in found[name].commands:
            self._command(folder, path, (line, word, text), known, given)

    def _command(
        self, folder: str, path: str, command: tuple[int, str, str], known: dict[str, str], given: dict[str, str]
    ) -> None:
        line, word, text = command
        if word in ("ARG", "LET", "SET"):
            _assign(text, known, given if word == "ARG" else {})
        elif word == "SAVE" and text.startswith("IMAGE"):
            self._save(path, line, _filled(text.removeprefix("IMAGE"), known))
        elif word in ("BUILD", "DO"):
            reference, passed = _reference(_filled(text, known), {**given, **known})
            passed = {**given, **passed} if reference.startswith("+") else passed
            if word == "BUILD" or "+" in reference[:1]:
                self.target(folder, _imported(reference, known), passed)
        elif word == "IMPORT":
            _import(text, known)
        elif word == "RUN" and self.pushes and "--push" in text.split():
            self._run(path, line, _filled(text, known))

    def _save(self, path: str, line: int, text: str) -> None:
        words = WORD.findall(text)
        names = [one.strip("\"'") for one in words if not one.startswith("--")]
        facts = {"builds": "yes", "made-by": "earthly", "via": str(self.call.at)}
        at = Place(path=path, line=line)
        if self.pushes and "--push" in words:
            nameless = self.call.act(ActKind.PUBLISH, type="container-image", at=at, provenance="no", facts=facts)
            self.acts += image_acts(self.call, names, at=at, provenance="no", facts=facts) or [nameless]
        elif names:
            facts = {"made-by": "earthly"}
            self.acts.append(
                self.call.act(
                    ActKind.BUILD, type="container-image", name=image_name(names[0]), what=tuple(names), facts=facts
                )
            )

    def _run(self, path: str, line: int, text: str) -> None:
        """`RUN --push command`, which runs only where images are pushed."""
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        words = text.split(" ")
        while words and (words[0].startswith("--") or not words[0]):
            words = words[1:]
        found = acts_of_script(" ".join(words), Place(path=path, line=line), self.call.context)
        self.acts += [act for act in found if act.kind is ActKind.PUBLISH]

    def _elsewhere(self, reference: str, name: str) -> None:
        if not self.pushes:
            return
        self.call.context.problems.add(
            str(self.call.at),
            f"the Earthly target `{reference}` is not understood: it lies outside of this repository's Earthfiles",
            "read what that target pushes by hand",
        )
        if SPEAKS.search(name):
            facts = {"builds": "yes", "made-by": "earthly", "guessed": "yes"}
            external = (f"the Earthly target {reference}, which is not understood",)
            self.acts.append(
                self.call.act(
                    ActKind.PUBLISH, type="container-image", provenance="unknown", external=external, facts=facts
                )
            )


def _targets(call: Call, path: str) -> dict[str, _Target] | None:
    """The targets of an Earthfile by name, what stands before them as `""`; None where it cannot be read."""
    tree = call.context.tree
    if not tree.exists(path):
        return None
    try:
        text = tree.text(path)[:MAX_EARTHFILE]
    except SlsacheckError as problem:
        call.context.problems.add(path, problem.message, problem.advice)
        return None
    found = {"": _Target()}
    current = found[""]
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not pending and (head := TARGET.match(line)) is not None:
            current = found.setdefault(head[1], _Target())
            continue
        if line.lstrip().startswith("#"):
            continue
        start = start if pending else number
        pending += line.removesuffix("\\") + " " if line.endswith("\\") else line
        if line.endswith("\\"):
            continue
        if (match := COMMAND.match(pending)) is not None:
            current.commands.append((start, match[1], (match[2] or "").partition(" #")[0].strip()))
        pending = ""
    return found


def _assign(text: str, known: dict[str, str], given: dict[str, str]) -> None:
    words = [word for word in text.split(" ") if word and not word.startswith("--")]
    name, equals, value = " ".join(words).partition("=")
    name = name.strip()
    if name in given:
        known[name] = given[name]
    elif equals:
        known[name] = _filled(value.strip().strip("\"'"), known)


def _filled(text: str, known: dict[str, str]) -> str:
    return VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), text)


def _reference(text: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The target that a `BUILD` names, and the arguments that it is given."""
    words = WORD.findall(text)
    passed = dict(known) if "--pass-args" in words else {}
    reference, index = "", 0
    while index < len(words):
        word = words[index]
        if word == "--build-arg" and index + 1 < len(words):
            _give(passed, words[index + 1])
            index += 1
        elif word in FLAGS_WITH_VALUE:
            index += 1
        elif not word.startswith("-"):
            reference = reference or word.strip("\"'()")
        elif reference:
            _give(passed, word.removeprefix("--"))
        index += 1
    return reference, passed


def _give(passed: dict[str, str], text: str) -> None:
    name, equals, value = text.partition("=")
    if equals:
        passed[name] = value.strip("\"'")


def _import(text: str, known: dict[str, str]) -> None:
    """`IMPORT path AS alias`; the alias is the last part of the path where none is given."""
    words = [word for word in text.split() if not word.startswith("--")]
    if words:
        alias = words[2] if words[1:2] == ["AS"] and len(words) > 2 else words[0].partition(":")[0].rpartition("/")[2]  # noqa: PLR2004 - IMPORT x AS y
        known[f"import {alias}"] = words[0]


def _imported(reference: str, known: dict[str, str]) -> str:
    where, plus, name = reference.partition("+")
    return f"{known.get(f'import {where}', where)}{plus}{name}"


def _earthly(call: Call) -> list[Act]:
    options = call.options(1, VALUED)
    target = next((index for index, word in enumerate(call.argv) if index and REFERENCE.match(word)), None)
    if target is None:
        return []
    given: dict[str, str] = {}
    for text in options.values("--build-arg"):
        name, equals, value = text.partition("=")
        given[name] = value if equals else call.env(name) or f"${{{name}}}"
    for word in call.argv[target + 1 :]:
        if word.startswith("--"):
            _give(given, word.removeprefix("--"))
    said = call.env("EARTHLY_PUSH") or call.env("EARTH_PUSH") or ""
    asked = options.on("--push", "--ci-push") or "--push" in call.argv
    walk = _Walk(call, pushes=asked or bool(said and not false_word(said)))
    walk.target(call.context.directory, call.argv[target], given)
    return list(dict.fromkeys(walk.acts))


READERS = dict.fromkeys(("earthly", "earth"), _earthly)
