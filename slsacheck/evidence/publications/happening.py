"""Whether an attesting step happens when the publishing one does: conditions, events and the right to sign.

GitHub's rules alone; of other systems nothing is taken away here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.publications.circumstances import origin_values
from slsacheck.evidence.publications.expressions import UNTIL_HERE, truth
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slsacheck.evidence.publications.runs import Deed, Run
    from slsacheck.model import Job, Pipeline, Trigger

__all__ = ["Doubt", "doubt", "lacks", "worlds"]

TAG, BRANCH, PULL = (f"refs/{kind}/{UNTIL_HERE}" for kind in ("tags", "heads", "pull"))
BRANCHES = ("refs/heads/", "refs/pull/")
SIGNS = ("id-token: write",)
RIGHTS = {
    "actions/attest": (*SIGNS, "attestations: write"),
    "actions/attest-build-provenance": (*SIGNS, "attestations: write"),
    "docker/github-builder": SIGNS,
    "npm-provenance": SIGNS,
    "slsa-github-generator/generator_generic": (*SIGNS, "contents: write", "actions: read"),
    "slsa-github-generator/generator_container": (*SIGNS, "packages: write", "actions: read"),
    "slsa-github-generator/builder_go": (*SIGNS, "contents: write", "actions: read"),
}
"""What the token must be allowed; a step without it fails, and a called workflow whose jobs ask for it is refused."""
CHOSEN = regex(r"\b(?:vars|secrets)\.\w+|\b(?:github\.event\.)?inputs\.[\w-]+")
WHOSE = regex(
    r"\bgithub\.repository(?:_owner)?\b(?=\s*[!=]=)|[!=]=\s*(github\.repository(?:_owner)?)\b|"
    r"\bgithub\.(?:triggering_)?actor\b(?=\s*==)"
)
"""Conditions on whose repository it is, or on who started the run."""
FAILED = "it is published only where something before it has failed, perhaps the step that attests"
NAMED = regex(r"\b(?:needs|steps|env|github|inputs|vars)\.[\w.-]+")
USUAL = regex(r"\binputs\.|\bgithub\.(?:ref|head_ref|base_ref|\w*actor)|\.fork\b|\b(?:always|cancelled|failure)\(")
"""Conditions that hold for whoever releases as the file has in mind, although only a run can tell."""
PUSHED = regex(r"steps\.([\w-]+)\.outputs\.\w*(?:digest|push|publish|upload|image)[\w-]*")
"""What a step tells of whether it has published."""
STATUS = regex(r"\b(?:always|failure|cancelled)\s*\(")


World = dict[str, tuple[str, ...]]
"""An event that starts a workflow, as the values that it gives to conditions."""


class Doubt(NamedTuple):
    """Why an attestation is not made with a publication: `no` where it never is, `unknown` where somebody chooses."""

    how: str
    why: str


def doubt(attesting: tuple[Run, Deed], publishing: tuple[Run, Deed]) -> Doubt | None:
    """What speaks against an attestation being made whenever the publication is; None for nothing."""
    run, deed = attesting
    if run.top.system != "github-actions":
        return _guarded(deed, publishing[1])
    missing = lacks(run, deed.act.root or "")
    if missing:
        return Doubt("no", f"the job has no `{missing}` permission, so the step that attests fails")
    publisher, act = publishing
    here = _plain(publisher.job.condition, *act.conditions)
    there = _plain("" if _awaited(run, publisher) else run.job.condition, *deed.conditions)
    own = [condition for condition in there if condition not in here]
    if any(truth(text, {"status": ("success",), "outcomes": ("success",)}) is False for text in here):
        return Doubt("unknown", FAILED)
    if not own:
        return _guarded(deed, act)
    events = worlds(publisher.top.triggers)
    if act.act.channel == "github-release" and not act.act.fact("own-tag"):  # a release is that of a tag
        events = [world for world in events if not world.get("github.ref", ("",))[0].startswith(BRANCHES)] or events
    if not _ever(run, own, publisher, here, events):
        return Doubt("no", f"the step that attests is skipped when this is published (if: {_shown(own[0])})")
    sent = [*here, *_plain(act.act.fact("push-if") or "")]
    untold = [text for text in own if not _told_by(act, text)] if publisher is run else own
    if not act.act.condition and _missed(run, own, publisher, sent, events):
        return Doubt("some", f"the step that attests is skipped for some events that publish (if: {_shown(own[0])})")
    chosen = _chosen(run, own, here) or _whose(run, own) or _undecided(run, untold, publisher, sent, events)
    return (
        Doubt("unknown", f"whether the step that attests runs is decided by {chosen}")
        if chosen
        else _guarded(deed, act)
    )


def _guarded(attesting: Deed, publishing: Deed) -> Doubt | None:
    """A condition of a script that only the attesting command stands under."""
    guard = attesting.act.condition
    if not guard or guard in publishing.act.condition:
        return None
    return Doubt("unknown", f"whether it is attested is decided by a script (if {_shown(guard)})")


def lacks(run: Run, root: str) -> str:
    """The right that the job's token must have for a mechanism, and has not; empty for none.

    Without any `permissions:` GitHub grants no `id-token`, whatever the settings say. A called workflow that says
    nothing has what its caller has, and none can have more than its caller; one of the same owner may ask for what a
    caller without any `permissions:` leaves to the settings, and where these forbid it nothing of the run starts.
    """
    wanted = RIGHTS.get(root, SIGNS if root.startswith("slsa-github-generator/") else ())
    own = _lacking(run.job, run.pipeline, wanted, bare=not run.pipeline.reusable)
    if own or not run.prefix:
        return own
    caller = next((job for job in run.top.jobs if job.id == run.id.partition("/")[0]), None)
    asked = run.job.permissions.declared or run.pipeline.permissions.declared
    return _lacking(caller, run.top, wanted, bare=not asked) if caller is not None else ""


def _lacking(job: Job, pipeline: Pipeline, wanted: Iterable[str], *, bare: bool) -> str:
    """The first right that a job's token has not; `bare` says that without a word it has no identity token."""
    chosen = pipeline.permissions_of(job)
    if not chosen.declared:
        return next((one for one in wanted if bare and one.startswith("id-token")), "")
    for one in wanted:
        scope, _, access = one.partition(": ")
        if chosen.access(scope) not in ("write", access):
            return one
    return ""


def _plain(*conditions: str) -> list[str]:
    return [re.sub(r"\s+", " ", text.strip()) for text in conditions if text.strip()]


def _awaited(run: Run, publisher: Run) -> bool:
    """Whether the publishing job is skipped when the attesting one is."""
    parts = run.id.split("/")
    before = any("/".join(parts[:count]) in publisher.before for count in range(1, len(parts) + 1))
    return before and STATUS.search(publisher.job.condition) is None


def _shown(condition: str) -> str:
    return condition if len(condition) <= 80 else f"{condition[:77]}..."  # noqa: PLR2004 - a line of a report


def _ever(run: Run, own: list[str], publisher: Run, here: list[str], worlds: list[World]) -> bool:
    """Whether there is an event and a matrix value with which both happen."""
    for world in worlds:
        if any(truth(text, {**publisher.values, **world}) is False for text in here):
            continue
        if all(_holds(text, run, world) for text in own):
            return True
    return False


def _missed(run: Run, own: list[str], publisher: Run, here: list[str], worlds: list[World]) -> bool:
    """Whether there is an event, pull requests apart, with which this is published for sure and not attested."""
    for world in worlds:
        if world.get("github.event_name", ("",))[0].startswith(("pull_request", "merge_group")):
            continue
        if all(truth(text, {**publisher.values, **world}) for text in here) and not all(
            _holds(text, run, world) for text in own
        ):
            return True
    return False


def _undecided(run: Run, own: list[str], publisher: Run, here: list[str], events: list[World]) -> str:
    """What only the attesting step asks and only a run can tell, for an event with which this may be published.

    `here` is what the publishing one asks; whatever is named there decides for both.
    """
    beside = {name for text in here for name in NAMED.findall(text)}
    alone = [text for text in own if "matrix." not in text and not USUAL.search(text)]
    alone = [text for text in alone if not beside & set(NAMED.findall(text))]
    for world in events:
        if any(truth(text, {**publisher.values, **world}) is False for text in here):
            continue
        known = {**run.values, **world, "outcomes": ("success",)}
        open_ = next((text for text in alone if truth(text, known) is None), "")
        if open_:
            return f"`{_shown(open_)}`"
    return ""


def _told_by(act: Deed, text: str) -> bool:
    """Whether a condition asks nothing but what the publishing step tells of having published."""
    step = act.act.fact("step")
    found = [PUSHED.fullmatch(name) for name in NAMED.findall(text)]
    return bool(step and found) and all(match is not None and match[1] == step for match in found)


def _holds(text: str, run: Run, world: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a condition may hold, for one of the values of an axis."""
    known = {**run.values, **world, "outcomes": ("success",)}
    axes = {name: values for name, values in run.values.items() if name.startswith("matrix.") and len(values) > 1}
    named = [(name, values) for name, values in axes.items() if name in text.lower()]
    if len(named) != 1:
        return truth(text, known) is not False
    name, values = named[0]
    return any(truth(text, {**known, name: (value,)}) is not False for value in values)


def worlds(triggers: Iterable[Trigger]) -> list[World]:
    """The events that start the workflow, each with what it tells of `github.ref`, in runs in which nothing fails."""
    found: list[World] = []
    for trigger in triggers:
        known: World = {"status": ("success",)}
        if trigger.event != "workflow_call":
            known["github.event_name"] = (trigger.event,)
        for ref, kind in _refs(trigger):
            found.append({**known, "github.ref": (ref,), "github.ref_type": (kind,)} if ref else known)
    return found or [{"status": ("success",)}]


def _refs(trigger: Trigger) -> list[tuple[str, str]]:
    filters = {name for name, _ in trigger.filters} | ({"tags"} if trigger.tags else set())
    filters |= {"branches"} if trigger.branches else set()
    if trigger.event == "release":
        return [(TAG, "tag")]
    if trigger.event == "push":
        tags, branches = filters & {"tags", "tags-ignore"}, filters & {"branches", "branches-ignore"}
        found = [(TAG, "tag")] if tags or not branches else []
        return [*found, *_branches(trigger)] if branches or not tags else found
    if trigger.event == "schedule":
        return [(BRANCH, "branch")]
    if trigger.event == "pull_request":
        return [(PULL, "branch")]
    return [("", "")]


def _branches(trigger: Trigger) -> list[tuple[str, str]]:
    """The branches that are named, where no pattern is among them."""
    named = trigger.branches if not any(set("*?[]!+") & set(name) for name in trigger.branches) else ()
    return [(f"refs/heads/{name}", "branch") for name in named] or [(BRANCH, "branch")]


def _chosen(run: Run, own: Iterable[str], here: Iterable[str]) -> str:
    """What somebody sets outside the file, or by hand with `no` as the default, and only the attesting step asks."""
    beside = " ".join(here).lower()
    for text in own:
        for match in CHOSEN.finditer(text):
            name = match[0].lower()
            if name in beside:
                continue
            if name.startswith(("vars.", "secrets.")):
                return match[0]
            short = name.rpartition("inputs.")[2]
            if run.values.get(f"inputs.{short}") is None and _default(run, short) in ("", "false"):
                return f"the input `{short}`, which is off by default"
    return ""


def _whose(run: Run, own: Iterable[str]) -> str:
    """Whose repository it must be, or who must start the run, where that is not known."""
    known = bool(origin_values("known/known").keys() & run.values.keys())
    for text in own:
        for match in WHOSE.finditer(text):
            if not known or "actor" in match[0]:
                return match[1] or match[0]
    return ""


def _default(run: Run, name: str) -> str:
    found = [item for trigger in run.top.triggers for item in trigger.defaults if item.name.lower() == name]
    return found[0].value.strip().lower() if found else ""
