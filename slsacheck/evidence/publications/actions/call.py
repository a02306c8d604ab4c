"""One use of an action (or reusable workflow) with its inputs, in the words that the handlers below ask in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.expressions import alternatives, substitute, truth
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.publications.context import Context
    from slsacheck.model import Input, Place, Reference

__all__ = ["Call"]

EXPRESSION = regex(r"\$\{\{.*?\}\}", re.DOTALL)
MASK = {ord(","): "\ue001", ord(" "): "\ue002", ord(";"): "\ue003", ord("\n"): "\ue002"}
UNMASK = {ord("\ue001"): ",", ord("\ue002"): " ", ord("\ue003"): ";"}
VERSION = regex(r"(?:^|[^\w.])v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


class Call:
    """What a handler reads: inputs by name, with what is known put in and the place of each."""

    __slots__ = ("at", "context", "id", "inputs", "uses")

    def __init__(
        self, uses: Reference, inputs: tuple[Input, ...], at: Place, context: Context, step_id: str = ""
    ) -> None:
        self.uses = uses
        self.at = at
        self.context = context
        self.id = step_id
        self.inputs = {item.name.lower(): item for item in inputs}

    @property
    def name(self) -> str:
        """`owner/name` and what follows it, in lower case."""
        path = self.uses.path.strip("/")
        return (f"{self.uses.name}/{path}" if path else self.uses.name).lower()

    def has(self, name: str) -> bool:
        """Whether the input is given and not empty."""
        return bool(name in self.inputs and self.inputs[name].value.strip())

    def text(self, *names: str, default: str = "") -> str:
        """The first of these inputs that is given, with what is known put in."""
        for name in names:
            if self.has(name):
                return substitute(self.inputs[name].value.strip(), self.context.values)
        return default

    def choices(self, *names: str, default: str = "") -> tuple[str, ...]:
        """The values that the first given of these inputs can have."""
        for name in names:
            if self.has(name):
                return alternatives(self.inputs[name].value.strip(), self.context.values)
        return (default,) if default else ()

    def lines(self, *names: str, default: str = "", separator: str = "\n") -> tuple[str, ...]:
        """A list given as lines (or with another separator); YAML lists come as lines too."""
        found: list[str] = []
        for choice in self.choices(*names, default=default):
            masked = EXPRESSION.sub(lambda match: match[0].translate(MASK), choice)
            found += [item.translate(UNMASK) for item in re.split(rf"[{separator}\n]+", masked)]
        cleaned = (item.strip().strip("\"'").removeprefix("- ") for item in found)
        return tuple(dict.fromkeys(item for item in cleaned if item and not item.startswith("#")))

    def flag(self, name: str, default: bool) -> bool | None:
        """A switch: None where only a run can tell."""
        if not self.has(name):
            return default
        value = self.inputs[name].value.strip()
        if value.lower() in ("true", "yes", "1", "on"):
            return True
        if value.lower() in ("false", "no", "0", "off"):
            return False
        return truth(value, self.context.values) if "${{" in value else None

    def place(self, *names: str) -> Place:
        """Where the first given of these inputs stands, else the use itself."""
        return next((self.inputs[name].at for name in names if name in self.inputs), self.at)

    def from_secret(self, *names: str) -> bool:
        """Whether one of these inputs is given (a password, a token)."""
        return any(self.has(name) for name in names)

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor version, from the tag or the comment behind a pinned commit; None where neither tells."""
        for text in (self.uses.ref if not re.fullmatch(r"[0-9a-f]{40}", self.uses.ref) else "", self.uses.comment):
            if (match := VERSION.search(text)) is not None:
                return int(match[1]), int(match[2] or 999 if match[2] is None else match[2])
        return None

    def may(self, scope: str) -> bool | None:
        """Whether the job's token has write access to a scope; None where nobody says."""
        chosen = self.context.permissions
        if not chosen.declared:
            return None if scope != "id-token" else False
        return chosen.access(scope) == "write"

    def act(
        self,
        kind: ActKind,
        *,
        type: str | None = None,  # noqa: A002 - the contract's word
        channel: str | None = None,
        name: str | None = None,
        what: tuple[str, ...] = (),
        at: Place | None = None,
        provenance: str | None = None,
        root: str | None = None,
        signing: str | None = None,
        external: tuple[str, ...] = (),
        condition: str = "",
        facts: Mapping[str, str] | None = None,
        **more: str,
    ) -> Act:
        """An act of this use; `facts` and `more` become its `detail`."""
        known = {**(facts or {}), **more}
        detail = {"step": self.id, **{key.replace("_", "-"): value for key, value in known.items()}}
        return Act(
            kind=kind,
            tool=self.name,
            at=at or self.at,
            type=type,
            channel=channel,
            name=name,
            what=what,
            provenance=provenance,
            root=root,
            signing=signing,
            external=external,
            condition=condition,
            detail=tuple((key, value) for key, value in detail.items() if value),
        )
