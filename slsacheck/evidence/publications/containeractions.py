"""The repository's own actions in containers: what their entry point runs, as steps of the job that uses them.

GitHub builds the image of the action's Dockerfile and starts its `ENTRYPOINT` (or `runs.entrypoint`) in the checked-out
workspace, with each input as a variable `INPUT_NAME`. The program is looked up among the files that `COPY` and `ADD`
put into the last stage. Nothing is built.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.dockerfiles import expanded, parse, walk
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.model import Input, Place, Step
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.dockerfiles import Dockerfile, Heredoc, Instruction, Stage
    from slsacheck.evidence.pipelines import Action
    from slsacheck.evidence.tree import Problems, Tree

__all__ = ["steps_of"]

MAX_STAGES = 20
"""Stages of one file that rest on each other; the deepest chain seen has 5."""


@record
class _Copied:
    """A file or folder that is put into the image, or a text that stands in the Dockerfile itself."""

    source: str
    target: str
    document: Heredoc | None = None


@record(frozen=False)
class _Image:
    """What the last stage starts, and what was put into it, later copies last."""

    folder: str
    copied: list[_Copied] = field(default_factory=list)
    entry: Instruction | None = None
    command: Instruction | None = None
    directory: str = "/"


def steps_of(action: Action, step: Step, tree: Tree, problems: Problems) -> tuple[Step, ...]:
    """What a use of the action runs, as scripts; none where the program is not among the repository's files."""
    folder = action.path.rpartition("/")[0]
    path = joined_path(folder, action.image)
    if action.using != "docker" or not tree.exists(path):
        return ()
    try:
        image = _read(parse(tree.text(path), path), folder)
    except SlsacheckError as problem:
        problems.add(path, problem.message, problem.advice or "correct it")
        return ()
    env = (*action.env, *(_variable(name, step) for name in action.inputs))
    found: list[Step] = []
    for program in action.programs:
        more = _arguments(action, step, image) if program.name == "entrypoint" else ()
        found += _step(tree, image, (program.value, *more), program.at, env)
    if not any(program.name == "entrypoint" for program in action.programs):
        started = image.entry or image.command
        if started is not None:
            own = _words(started)
            words = (*own, *(_arguments(action, step, image) if image.entry is not None else ()))
            found += _step(tree, image, words, Place(path=path, line=started.line), env)
    return tuple(found)


def _variable(name: str, step: Step) -> Input:
    """`INPUT_NAME` with what the step gives or the default, which the reader of steps knows as `inputs.name`."""
    spelled = f"INPUT_{name.upper().replace(' ', '_')}"
    return Input(spelled, f"${{{{ inputs.{name.lower()} }}}}", step.at)


def _arguments(action: Action, step: Step, image: _Image) -> tuple[str, ...]:
    """`with.args`, else `runs.args`, else what `CMD` says."""
    given = step.input("args")
    if given is not None and given.value.strip():
        try:
            return tuple(shlex.split(given.value))
        except ValueError:
            return tuple(given.value.split())
    if action.arguments:
        return action.arguments
    return _words(image.command) if image.command is not None and image.command.exec_form else ()


def _words(one: Instruction) -> tuple[str, ...]:
    return one.words if one.exec_form else ("sh", "-c", one.text)


def _step(tree: Tree, image: _Image, words: tuple[str, ...], at: Place, env: tuple[Input, ...]) -> list[Step]:
    """A command of the container with its programs as files of the repository, as a step."""
    started: list[str] = []
    for index, word in enumerate(words):
        found = _inside(tree, image, word) if not word.startswith("-") else None
        if found is not None and found.document is not None:
            where = Place(path=at.path, line=found.document.line)
            return [Step(where, script=found.document.text, script_line=found.document.line, env=env)]
        if found is not None and index == 0:
            started.append("bash")
        started.append(found.source if found is not None else word)
    if len(started) == 3 and started[0].endswith("sh") and started[1] == "-c":  # noqa: PLR2004 - sh -c 'script'
        script = " ".join(_replaced(tree, image, word) for word in started[2].split(" "))
    else:
        script = " ".join(word if "${{" in word and " " in word else shlex.quote(word) for word in started)
    return [Step(at, script=script, script_line=at.line, env=env)]


def _replaced(tree: Tree, image: _Image, word: str) -> str:
    found = _inside(tree, image, word) if word.startswith(("/", "./")) else None
    return f"bash {found.source}" if found is not None and found.document is None else word


def _inside(tree: Tree, image: _Image, program: str) -> _Copied | None:
    """The file of the repository behind a program of the image: the last one that was copied there."""
    for one in reversed(image.copied):
        name = one.source.rpartition("/")[2]
        path = program if program.startswith("/") or "/" not in program else f"{image.directory}/{program}"
        path = "/" + joined_path("", path) if "/" in path else path
        last = one.target.rstrip("/").rpartition("/")[2]
        if one.document is not None:
            if path in (one.target, last):
                return one
        elif tree.exists(one.source):
            if path in (one.target.rstrip("/"), f"{one.target.rstrip('/')}/{name}", last, name):
                return one
        elif path.startswith(f"{one.target.rstrip('/')}/"):
            source = joined_path(one.source, path[len(one.target.rstrip("/")) + 1 :])
            if tree.exists(source):
                return _Copied(source, path)
    return None


def _read(dockerfile: Dockerfile, folder: str) -> _Image:
    """The last stage with those that it rests on, from the base up."""
    chain: list[Stage] = [dockerfile.stages[-1]]
    while chain[0].base.stage is not None and len(chain) < MAX_STAGES:
        chain.insert(0, dockerfile.stages[chain[0].base.stage])
    image = _Image(folder)
    for stage in chain:
        for one, known in walk(dockerfile, stage):
            _take(image, one, known)
    return image


def _take(image: _Image, one: Instruction, known: dict[str, str]) -> None:
    if one.name == "WORKDIR":
        image.directory = _absolute(image, expanded(one.text.strip(), known)[0])
    elif one.name == "ENTRYPOINT":
        image.entry, image.command = one, None
    elif one.name == "CMD":
        image.command = one
    elif one.name in ("COPY", "ADD") and one.flag("from") is None and one.words:
        target = expanded(one.words[-1], known)[0]
        target = _absolute(image, target) + ("/" if target.endswith(("/", ".")) else "")
        for heredoc in one.heredocs:
            image.copied.append(_Copied("", target, heredoc))
        for source in one.words[:-1] if not one.heredocs else ():
            image.copied.append(_Copied(joined_path(image.folder, expanded(source, known)[0].lstrip("/")), target))


def _absolute(image: _Image, path: str) -> str:
    return "/" + joined_path("" if path.startswith("/") else image.directory, path.lstrip("/"))
