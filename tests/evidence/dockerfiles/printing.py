"""Prints a Dockerfile that was read, so that it can be read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.dockerfiles import Dockerfile, Instruction


def printed(dockerfile: Dockerfile) -> str:
    """A text that says the same: directives, global arguments, stages."""
    lines = [f"# {name}={value}" for name, value, _ in dockerfile.directives]
    lines += [f"ARG {name}={json.dumps(value)}" for name, value in dockerfile.arguments]
    for stage in dockerfile.stages:
        platform = f"--platform={stage.platform} " if stage.platform else ""
        name = f" AS {stage.name}" if stage.name else ""
        lines.append(f"FROM {platform}{stage.base.written}{name}")
        lines += [_line(one) for one in stage.instructions]
    return "\n".join(lines) + "\n"


def _line(one: Instruction) -> str:
    flags = "".join(f" --{name}={value}" if value else f" --{name}" for name, value in one.flags)
    text = f" {one.text}" if one.text else ""
    documents = "".join(
        f"\n{document.text}\n{document.name}" if document.text else f"\n{document.name}" for document in one.heredocs
    )
    return f"{one.name}{flags}{text}{documents}"


def meaning(dockerfile: Dockerfile) -> object:
    """What a Dockerfile says, without the lines on which it says it."""
    return (
        [(name, value) for name, value, _ in dockerfile.directives],
        [
            (
                stage.number,
                stage.name,
                stage.platform,
                stage.base.text,
                stage.base.stage,
                [_said(one) for one in stage.instructions],
            )
            for stage in dockerfile.stages
        ],
    )


def _said(one: Instruction) -> object:
    documents = [(document.name, document.text, document.expand, document.chomp) for document in one.heredocs]
    return (one.name, one.flags, one.text, one.words, one.exec_form, documents)
