"""Taskfiles (taskfile.dev): the commands of a task, its dependencies and the tasks that it calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.yaml import load
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["NAMES", "acts_of_task"]

NAMES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml")
_MAX_TASKS = 200
"""Tasks of one call that are run; the longest chain seen has 12."""
_VALUE_OPTIONS = option_names("-t --taskfile -d --dir -o --output -C --concurrency -I --interval")
_CHOICE = regex(
    r"\{\{-?\s*if\s+\.(\w+)\s*-?\}\}((?:(?!\{\{).){0,500})(?:\{\{-?\s*else\s*-?\}\}((?:(?!\{\{).){0,500}))?\{\{-?\s*end\s*-?\}\}"
)
_FIELD = regex(r"\{\{-?\s*\.(\w+)\s*-?\}\}")


def acts_of_task(call: Call) -> list[Act]:
    """The acts of `task [-d DIR] [-t FILE] name… [NAME=value…] [-- words]`."""
    options = call.options(1, _VALUE_OPTIONS)
    directory = options.value("-d", "--dir") or ""
    context = call.context.within(joined_path(call.context.directory, directory)) if directory else call.context
    named = options.value("-t", "--taskfile")
    run = _Run()
    paths = [joined_path(context.directory, name) for name in ((named,) if named else NAMES)]
    path = next((path for path in paths if context.tree.exists(path)), None)
    if path is None or not run.load(path, "", context, 0):
        return []
    given = dict(word.split("=", 1) for word in options.words if "=" in word)
    for name in [word for word in options.words if "=" not in word] or ["default"]:
        run.task(name, given, context)
    return run.acts


_Entry = tuple["Node", str, str, dict[str, str]]
"""A task: its node, the file and folder that it stands in, the variables known there."""


class _Run:
    """The tasks of a Taskfile with its includes."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self._tasks: dict[str, _Entry] = {}
        self._active: list[str] = []
        self._count = 0

    def load(self, path: str, prefix: str, context: Context, depth: int) -> bool:
        """Reads a Taskfile; the tasks of included ones get their name in front."""
        try:
            root = load(context.tree.text(path), path)
        except SlsacheckError as problem:
            context.problems.add(path, problem.message, problem.advice)
            return False
        folder = path.rpartition("/")[0]
        known = {name: node.text for name, node in root.get("vars").items() if node.is_scalar}
        known |= {name: node.text for name, node in root.get("env").items() if node.is_scalar}
        for name, node in root.get("tasks").items():
            self._tasks.setdefault(prefix + name, (node, path, folder, known))
        for name, node in root.get("includes").items():
            self._include(node, folder, f"{prefix}{name}:", context, depth)
        return True

    def _include(self, node: Node, folder: str, prefix: str, context: Context, depth: int) -> None:
        written = node.text if node.is_scalar else node.get("taskfile").text
        if not written or unresolved(written) or depth > 3:  # noqa: PLR2004 - included files that include; seen: 1
            return
        target = joined_path(folder, written)
        for path in (target, *(f"{target}/{name}" for name in NAMES)):
            if context.tree.exists(path):
                self.load(path, "" if node.get("flatten").boolean else prefix, context, depth + 1)
                return

    def task(self, name: str, given: dict[str, str], context: Context) -> None:
        """Dependencies, then the commands."""
        entry = self._tasks.get(name)
        if entry is None or name in self._active or self._count >= _MAX_TASKS:
            return
        self._count += 1
        self._active.append(name)
        self._run(name, entry, given, context)
        self._active.pop()

    def _run(self, name: str, entry: _Entry, given: dict[str, str], context: Context) -> None:
        node, path, folder, known = entry
        inner = context.deeper(f"{path}#{name}", joined_path(folder, node.get("dir").text))
        if inner is None:
            return
        values = {**known, **{key: value.text for key, value in node.get("vars").items() if value.is_scalar}, **given}
        prefix = name.rpartition(":")[0]
        for need in node.get("deps").each():
            self._call(need, prefix, values, context)
        commands = node if node.is_sequence or node.is_scalar else node.get("cmds") or node.get("cmd")
        for command in commands.each():
            if command.is_scalar or command.get("cmd"):
                self._command(command if command.is_scalar else command.get("cmd"), path, values, inner)
            else:
                self._call(command, prefix, values, context)

    def _call(self, node: Node, prefix: str, values: dict[str, str], context: Context) -> None:
        written = node.text if node.is_scalar else node.get("task").text
        name = _filled(written, values)
        given = {key: _filled(value.text, values) for key, value in node.get("vars").items() if value.is_scalar}
        full = f"{prefix}:{name}" if prefix and f"{prefix}:{name}" in self._tasks else name.lstrip(":")
        self.task(full, given, context)

    def _command(self, node: Node, path: str, values: dict[str, str], context: Context) -> None:
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        place = Place(path=path, line=node.text_line)
        self.acts += acts_of_script(_filled(node.text, values), place, context.with_env(values))


def _chosen(match: re.Match[str], value: str | None) -> str:
    """One side of `{{if .NAME}}…{{else}}…{{end}}`; where only a run can tell, the side that publishes."""
    if value is not None and not unresolved(value):
        return match[2] if value not in ("", "false") else match[3] or ""
    return match[3] or "" if value is None or "dry" in match[2] else match[2]


def _filled(text: str, values: dict[str, str]) -> str:
    """The text with `{{.NAME}}` put in where it is known; `{{if .NAME}}…{{end}}` stays where NAME is given."""
    text = _CHOICE.sub(lambda match: _chosen(match, values.get(match[1])), text)
    for _ in range(3):
        after = _FIELD.sub(lambda match: values.get(match[1], match[0]), text)[:20_000]
        if after == text:
            break
        text = after
    return text
