"""Whose machine a `runs-on:` asks for.

Labels of GitHub's own machines are listed in its documentation "GitHub-hosted runners reference" and "Larger runners
reference"; anybody may give a machine of their own any other label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.github_actions.expressions import Possible, json_list, resolve
from slsacheck.model.pipeline import Runner, RunnerKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.yaml import Node

__all__ = ["classify", "runner"]

HOSTED = regex(
    r"ubuntu-(?:latest|slim|\d\d\.\d\d)(?:-arm)?"
    r"|windows-(?:latest|20\d\d|1\d)(?:-arm)?(?:-vs20\d\d)?"
    r"|macos-(?:latest|1[0-9]|2[0-9])(?:\.\d\d?)?(?:-intel)?"
)
LARGER = regex(
    r"macos-(?:latest|1[0-9]|2[0-9])(?:\.\d\d?)?-x?large"
    r"|(?:ubuntu|windows|macos|linux)-[\w.-]*?(?:\d+-?cores?|-x?large|-gpu)[\w.-]*"
)
FLEETS = regex(
    r"(?:namespace-|nscloud-|blacksmith-|depot-|buildjet-|warp-|ubicloud|runs-on[=,/]|actuated|cirun-|codebuild-|flyci-"
    r"|codspeed-|ghcr\.io/cirruslabs/|cirrus-|tenki-|getmac|machine=|latchkey|shipfox-|useblacksmith|avyse).*"
    r"|runs-on|ubicloud|codspeed-macro"
)
FLEET_OPTIONS = ("runs-on=", "runner=", "family=", "image=", "cpu=", "ram=")
ORDER = (RunnerKind.HOSTED, RunnerKind.LARGER, RunnerKind.THIRD_PARTY, RunnerKind.UNKNOWN, RunnerKind.SELF_HOSTED)


def classify(label: str) -> RunnerKind:
    """The kind of machine behind one label; UNKNOWN where the label alone does not tell."""
    text = label.strip().lower()
    if HOSTED.fullmatch(text):
        return RunnerKind.HOSTED
    if FLEETS.fullmatch(text) or text.startswith(FLEET_OPTIONS):
        return RunnerKind.THIRD_PARTY
    if LARGER.fullmatch(text):
        return RunnerKind.LARGER
    return RunnerKind.SELF_HOSTED if text in {"self-hosted", "arc-runner-set"} else RunnerKind.UNKNOWN


def _together(labels: tuple[str, ...], *, group: bool) -> RunnerKind:
    """The kind of the machine that has all of these labels; a group holds larger runners or machines of one's own."""
    kinds = {classify(label) for label in labels}
    if RunnerKind.SELF_HOSTED in kinds:
        return RunnerKind.SELF_HOSTED
    if RunnerKind.THIRD_PARTY in kinds:
        return RunnerKind.THIRD_PARTY
    if group or not kinds or RunnerKind.UNKNOWN in kinds:
        return RunnerKind.LARGER if kinds == {RunnerKind.LARGER} else RunnerKind.UNKNOWN
    return RunnerKind.LARGER if RunnerKind.LARGER in kinds else RunnerKind.HOSTED


def runner(node: Node, scope: Callable[[str], Possible]) -> Runner | None:
    """The machine that a `runs-on:` asks for; None where nothing is said. Of several the least known decides."""
    if node.is_null:
        return None
    group = node.get("group")
    labels = node.get("labels") if node.is_mapping else node
    choices, complete = _choices(labels, scope)
    if node.is_mapping and not labels.strings():
        return Runner(f"group:{group.text}", RunnerKind.UNKNOWN, node.at, labels=(group.text,))
    rated = [(_together(choice, group=bool(group)), ", ".join(choice)) for choice in choices]
    if not complete or not rated:
        rated.append((RunnerKind.UNKNOWN, ", ".join(labels.strings())))
    kind, label = max(rated, key=lambda pair: ORDER.index(pair[0]))
    return Runner(label, kind, node.at, labels=tuple(dict.fromkeys(text for _, text in rated)), resolved=complete)


def _choices(node: Node, scope: Callable[[str], Possible]) -> tuple[list[tuple[str, ...]], bool]:
    """The sets of labels that may be asked for, and whether these are all."""
    if node.is_sequence:
        parts = [resolve(item.text, scope) for item in node.scalars()]
        fixed = tuple(part.values[0] for part in parts if len(part.values) == 1)
        varying = [part for part in parts if len(part.values) > 1]
        complete = all(part.complete for part in parts) and len(varying) <= 1
        if not varying:
            return [fixed], complete
        return [(*fixed, value) for value in varying[0].values], complete
    found = resolve(node.text, scope)
    return [json_list(value) or (value,) for value in found.values if value], found.complete
