"""Actions whose input is a command: they are read as the script that they run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.pipelines.pins import DOCKER
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.evidence.publications.context import Context
    from slsacheck.model import Place

__all__ = ["HANDLERS", "Started", "read_script", "run_script", "scripts_in"]

COMMAND_INPUTS = {  # action: inputs that hold a command
    "nick-invision/retry": ("command", "new_command_on_retry"),
    "nick-fields/retry": ("command",),
    "wandalen/wretry.action": ("command",),
    "flox/activate-action": ("command",),
    "cachix/devenv-action": ("command",),
    "workflow/nix-shell-action": ("script",),
    "nicknovitski/nix-develop": ("arguments",),
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
IN_CONTAINER = "addnab/docker-run-action"
_INPUTS = {name.lower(): inputs for name, inputs in COMMAND_INPUTS.items()}
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


class Started(NamedTuple):
    """A script that an action is given to run, the place where it begins, and what is known there."""

    text: str
    at: Place
    context: Context


def read_script(text: str, at: Place, context: Context, shell: str = "") -> list[Act]:
    """The acts of a script; one that names no program of interest is not read at all."""
    from slsacheck.evidence.publications.scripts import acts_of_script

    return list(acts_of_script(text, at, context, shell))


def run_script(text: str, call: Call) -> list[Act]:
    """The acts of a command that an action runs, at the action's place."""
    return read_script(text, call.at, call.context)


def scripts_in(call: Call) -> list[Started]:
    """The commands that a use runs: those of an input, or the program of an image (`uses: docker://IMAGE`)."""
    if call.uses.raw.startswith(DOCKER):
        return [_image(call)]
    if call.name == IN_CONTAINER:
        return [_in_container(call)]
    wanted = _INPUTS.get(call.name)
    if wanted is not None:
        return [Started(text, call.place(name), call.context) for name in wanted for text in call.choices(name)[:4]]
    return list(_prefixed(call)) if call.name in PREFIXED else []


def _image(call: Call) -> Started:
    """The program that `entrypoint` names, or the image's own, with `args`; GitHub lends it the checkout."""
    entry, args = call.text("entrypoint"), " ".join(call.text("args").split())
    options = '-v "$GITHUB_WORKSPACE:/github/workspace" -w /github/workspace'
    named = f"--entrypoint '{entry}' {call.uses.name}" if entry else call.uses.name
    return Started(f"docker run {options} {named} {args}", call.place("args", "entrypoint"), call.context)


def _in_container(call: Call) -> Started:
    """A script that an action runs in a container with options of `docker run`."""
    shell, script = call.text("shell", default="sh"), shlex.quote(call.text("run"))
    options = " ".join(call.text("options").split())
    return Started(f"docker run {options} {call.text('image')} {shell} -c {script}", call.place("run"), call.context)


def _prefixed(call: Call) -> Iterator[Started]:
    program = PREFIXED[call.name]
    if not program or call.flag("install-only", default=False) is True:
        return
    if program == "dagger" and call.has("module"):
        program = f"dagger -m {call.text('module')}"
    context = call.context
    directory = call.text("workdir", "working-directory", "build-root-directory")
    if directory and "${{" not in directory:
        context = context.within("/".join(part for part in (context.directory, directory.strip("./")) if part))
    for arguments in _arguments(call):
        words = " ".join(part for part in (program, call.text("command", "verb"), arguments) if part)
        yield Started(words, call.at, context)


def _only_scripts(_call: Call) -> list[Act]:
    """Nothing but the commands that `scripts_in` tells."""
    return []


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
    **dict.fromkeys((IN_CONTAINER, *_INPUTS, *PREFIXED), _only_scripts),
    "actions/github-script": _github_script,
}
