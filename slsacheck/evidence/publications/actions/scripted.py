"""Actions whose input is a command: they are read as the script that they run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.evidence.publications.context import Context
    from slsacheck.model import Place

__all__ = ["HANDLERS", "image_started", "read_script", "run_script"]

COMMAND_INPUTS = {  # action: inputs that hold a command
    "nick-invision/retry": ("command", "new_command_on_retry"),
    "nick-fields/retry": ("command",),
    "wandalen/wretry.action": ("command",),
    "flox/activate-action": ("command",),
    "cachix/devenv-action": ("command",),
    "workflow/nix-shell-action": ("script",),
    "nicknovitski/nix-develop": ("arguments",),
    "addnab/docker-run-action": ("run",),
    "uraimo/run-on-arch-action": ("run",),
    "vmactions/freebsd-vm": ("run",),
    "pyTooling/Actions/with-post-step": ("main",),
    "appleboy/ssh-action": (),
    "azure/cli": ("inlinescript",),
    "azure/powershell": ("inlinescript",),
    "changesets/action": ("publish",),
    "coactions/setup-xvfb": ("run",),
    "smorimoto/tune-github-hosted-runner-network": (),
}
PREFIXED = {  # action: the words that its `args` follow
    "goreleaser/goreleaser-action": "goreleaser",
    "actions-rs/cargo": "cargo",
    "clechasseur/rs-cargo": "cargo",
    "houseabsolute/actions-rust-cross": "cargo",
    "stellar/actions/rust-publish": "cargo",
    "magefile/mage-action": "mage",
    "arduino/setup-task": "",
    "dagger/dagger-for-github": "dagger",
    "earthly/actions-setup": "",
    "gradle/gradle-build-action": "gradle",
    "crazy-max/ghaction-chocolatey": "choco",
    "pdm-project/setup-pdm": "",
    "borales/actions-yarn": "yarn",
    "samuelmeuli/action-maven-publish": "mvn deploy",
}


def read_script(text: str, at: Place, context: Context, shell: str = "") -> list[Act]:
    """The acts of a script; one that names no program of interest is not read at all."""
    from slsacheck.evidence.publications.scripts import acts_of_script

    return list(acts_of_script(text, at, context, shell))


def run_script(text: str, call: Call) -> list[Act]:
    """The acts of a command that an action runs, at the action's place."""
    return read_script(text, call.at, call.context)


def image_started(call: Call) -> list[Act]:
    """`uses: docker://IMAGE`: the program that `entrypoint` names, or the image's own, with `args`."""
    entry, args = call.text("entrypoint"), " ".join(call.text("args").split())
    started = f"--entrypoint '{entry}' {call.uses.name} {args}" if entry else f"{call.uses.name} {args}"
    return read_script(f"docker run {started}", call.place("args", "entrypoint"), call.context)


def _commands(call: Call) -> list[Act]:
    wanted = {name.lower(): inputs for name, inputs in COMMAND_INPUTS.items()}[call.name]
    found: list[Act] = []
    for name in wanted:
        for text in call.choices(name)[:4]:
            found += read_script(text, call.place(name), call.context)
    return found


def _prefixed(call: Call) -> list[Act]:
    program = PREFIXED[call.name]
    if not program or call.flag("install-only", default=False) is True:
        return []
    if program == "dagger" and call.has("module"):
        program = f"dagger -m {call.text('module')}"
    found: list[Act] = []
    context = call.context
    directory = call.text("workdir", "working-directory", "build-root-directory")
    if directory and "${{" not in directory:
        context = context.within("/".join(part for part in (context.directory, directory.strip("./")) if part))
    for arguments in _arguments(call):
        words = " ".join(part for part in (program, call.text("command", "verb"), arguments) if part)
        found += read_script(words, call.at, context)
    return found


def _github_script(call: Call) -> list[Act]:
    script = call.text("script")
    if "uploadReleaseAsset" not in script:
        from slsacheck.evidence.publications.code import named_in

        paths = named_in(script)
        return [call.act(ActKind.ALTER, what=paths, may="yes")] if paths else []
    line = call.place("script").line or 1
    offset = script[: script.index("uploadReleaseAsset")].count("\n")
    place = replace(call.place("script"), line=line + 1 + offset, column=None)
    return [call.act(ActKind.PUBLISH, channel="github-release", at=place)]


def _arguments(call: Call) -> tuple[str, ...]:
    choices = call.choices("args", "arguments", "call", "targets", "maven_args", default=" ")
    found: list[str] = []
    for choice in choices:
        if "${{" in choice and (literals := re.findall(r"'([^']*\s[^']*)'", choice)):
            found += literals
        else:
            found.append(choice)
    return tuple(found)


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    **dict.fromkeys((name.lower() for name in COMMAND_INPUTS), _commands),
    **dict.fromkeys(PREFIXED, _prefixed),
    "actions/github-script": _github_script,
}
