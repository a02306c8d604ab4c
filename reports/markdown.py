"""Markdown for a comment on a pull request: short enough for a forge, and inert.

Whatever could be markup, a mention, a reference or an address stands in a code span: there forges neither render nor
link anything, notify nobody, and read no HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.api import reporter
from slsacheck.model import Outcome, Publication

from ._common import (
    floor_and_best,
    level_text,
    not_looked_at,
    plural,
    remedy_of,
    safe_url,
    subject_label,
    track_title,
    type_words,
)
from ._groups import Group, blocking_groups, followers, hazard_groups, waiting
from ._tables import Row, rows_of
from ._text import clean, cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Assessment, Finding, Place
    from slsacheck.model.reporting import ReportOptions

__all__ = ["render"]

LIMIT = 60_000
"""Longest text in characters: forges refuse comments of more than 65,536."""
RESERVE = 4_000
"""Characters that are kept for the closing sections."""
MOST_ROWS = 40
MOST_PLACES = 3
MOST_ITEMS = 10
_PLAIN = re.compile(r"[A-Za-z0-9(]?[A-Za-z0-9'()\"-]*[,.;:?!]?")
"""A word that no forge makes anything of."""
_WORDS = re.compile(r"`[^`]+`[,.;:?!)]*(?!\S)|\S+")
_SPAN = re.compile(r"`([^`]+)`([,.;:?!)]*)")
"""What the text itself puts in a code span."""
_REFERENCE = re.compile(r"\(?GH-\d+.*|[0-9a-f]{7,64}", re.IGNORECASE)
_MARKS = {Outcome.FAIL: "FAIL", Outcome.ERROR: "ERROR", Outcome.UNKNOWN: "?", Outcome.DECLARED: "DECLARED"}


@reporter("markdown", suffix=".md", help="Markdown for a comment on a pull request, under 60,000 characters")
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report as Markdown."""
    blocks = [_head(assessment), *_audit(assessment), *_tables(assessment)]
    tail = [*_hazards(assessment), *_ledger(assessment), _foot(assessment)]
    room = LIMIT - RESERVE - sum(len(block) + 2 for block in (*blocks, *tail))
    found = blocking_groups(assessment)
    after = followers(found)
    source = [group for group in found if waiting(group)]
    groups = [group for group in found if group not in after and group not in source]
    if not groups:
        groups, source = source, []
    if source:
        tail.insert(
            0, _details(f"Open about the source ({len(source)})", map(_brief, source[:MOST_ITEMS]), len(source))
        )
    if after:
        names = dict.fromkeys(name for group in after for name in group.requirements)
        tail.insert(0, f"Can be decided once there is provenance: {', '.join(map(code, names))}.")
    if groups:
        blocks.append("### What keeps the levels down")
    said: set[str] = set()
    for number, group in enumerate(groups):
        text = _group(group, options, said)
        room -= len(text) + 2
        if room < 0:
            blocks.append(f"… and {plural(len(groups) - number, 'more finding')}; the full report has them.")
            break
        blocks.append(text)
    return "\n\n".join((*blocks, *tail)) + "\n"


def code(text: str, most: int = 300) -> str:
    """The text in a code span that it cannot end, cut to `most` columns."""
    text = cut(clean(text), most).strip() or " "
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str, most: int = 600) -> str:
    """A sentence in which every word that is not plain stands in a code span."""
    pieces: list[str] = []
    odd: list[str] = []
    for word in _WORDS.findall(cut(clean(text), most)):
        span = _SPAN.fullmatch(word)
        if span is not None:
            pieces += [*([code(" ".join(odd))] if odd else []), code(span[1]) + span[2]]
            odd = []
        elif _PLAIN.fullmatch(word) and not _REFERENCE.fullmatch(word):
            if odd:
                pieces.append(code(" ".join(odd)))
            pieces.append(word)
            odd = []
        else:
            odd.append(word)
    return " ".join([*pieces, code(" ".join(odd))] if odd else pieces)


def _head(assessment: Assessment) -> str:
    gate = assessment.gate
    target = assessment.target
    name = code(target.name, 80) + (f" at {code(target.revision[:7])}" if target.revision else "")
    if not gate.required:
        return f"## SLSA {assessment.spec}: {name}"
    needs = code(", ".join(gate.required), 80)
    if gate.met:
        return f"## Gate met: {needs} for {name}"
    reasons = "\n".join(f"- {prose(reason)}" for reason in gate.reasons[:MOST_ITEMS])
    return f"## Gate not met: {needs} for {name}\n\n{reasons}"


def _audit(assessment: Assessment) -> list[str]:
    """What is missing of a release, where it was an audit."""
    if assessment.audit is None:
        return []
    from ._release import in_a_sentence

    lines = [f"- {prose(item.reason, 300)}: {code(item.remedy, 200)}" for item in assessment.audit[: 3 * MOST_ITEMS]]
    rest = len(assessment.audit) - len(lines)
    return [
        "\n".join(
            [f"**{in_a_sentence(assessment.audit)}**", "", *lines, *([f"- … and {rest} more"] if rest > 0 else [])]
        )
    ]


def _tables(assessment: Assessment) -> list[str]:
    found: list[str] = []
    tracks = dict.fromkeys(levels.track for one in assessment.subjects for levels in one.levels)
    for track in tracks:
        pairs = [(one, levels) for one in assessment.subjects if (levels := one.track(track)) is not None]
        rows = rows_of(pairs, every=False)
        names = ("proved", "declared" if track == "source" else "configured", "possible")
        floor, best = floor_and_best((one.subject, levels) for one, levels in pairs)
        lines = [
            f"| {track_title(track)} level of | | {' | '.join(names)} | what keeps the next one away |",
            "| :-- | :-- | --: | --: | --: | :-- |",
            *(_row(row, names) for row in rows[:MOST_ROWS]),
        ]
        if len(rows) > MOST_ROWS:
            lines.append(f"| … and {len(rows) - MOST_ROWS} more | | | | | |")
        if floor and len(pairs) > 1:
            lines += [_edge("floor", floor, names), _edge("best", best, names)]
        found.append("\n".join(lines))
    return found


def _row(row: Row, names: Iterable[str]) -> str:
    levels, subject = row.levels, row.one.subject
    known = levels.defined and levels.applies
    numbers = [level_text(getattr(levels, name)) if known else "\N{EN DASH}" for name in names]
    more = f" and {len(row.more)} more" if row.more else ""
    cells = [code(subject_label(subject), 80) + more, prose(type_words(subject)), *numbers, prose(levels.why, 160)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _edge(name: str, values: dict[str, int | None], names: Iterable[str]) -> str:
    numbers = " | ".join(level_text(values[key]) if key in values else "" for key in names)
    return f"| **{name}** | | {numbers} | |"


def _group(group: Group, options: ReportOptions, said: set[str]) -> str:
    result = group.first
    names = [code(subject_label(subject), 80) for subject in group.subjects[:MOST_PLACES]]
    more = f" and {len(group.subjects) - len(names)} more" if len(group.subjects) > len(names) else ""
    lines = [f"- **{_MARKS[result.outcome]}** {_rule(group)}: {', '.join(names)}{more}"]
    lines.append(f"  {prose(group.reason)}")
    lines += [f"  - {_place(place)}" for place in list(group.places)[:MOST_PLACES]]
    if len(group.places) > MOST_PLACES:
        lines.append(f"  - … and {plural(len(group.places) - MOST_PLACES, 'more place')}")
    for words, what in (("decided by", group.external), ("would decide it", group.missing)):
        lines += [f"  - {words}: {prose(name)}" for name in list(what)[:MOST_PLACES]]
    return "\n".join([*lines, *_remedy(group, options, said)])


def _brief(group: Group) -> str:
    """A finding in a line, for `slsacheck explain` to tell the rest."""
    return f"- **{_MARKS[group.first.outcome]}** {_rule(group)}: {prose(group.reason, 300)}"


def _rule(group: Group) -> str:
    url, level = safe_url(group.first.spec_url), f" (level {group.first.level})"
    return (f"[{code(group.title)}]({url})" if url else code(group.title)) + level


def _place(place: Place) -> str:
    quoted = (place.excerpt or "").strip()
    return code(str(place)) + (f" {code(quoted, 120)}" if quoted else "")


def _remedy(group: Group, options: ReportOptions, said: set[str]) -> list[str]:
    remedy = remedy_of(group.first, group.subjects[0] if group.subjects else None, options)
    if remedy is None:
        return []
    key = f"{remedy.requirement} {remedy.platform}"
    if key in said:
        return [f"  - to do: {prose(remedy.summary)} (see above)"]
    said.add(key)
    lines = [clean(line) if line.strip() else "" for line in remedy.text.rstrip().split("\n")]
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", remedy.text)), 0)
    body = "\n".join(f"  {line}".rstrip() for line in (fence, *lines, fence))
    summary = clean(remedy.summary).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [f"\n  <details><summary>To do ({clean(remedy.effort)}): {summary}</summary>\n\n{body}\n\n  </details>"]


def _hazards(assessment: Assessment) -> list[str]:
    groups = hazard_groups(item for target in assessment.targets for item in target.facts.hazards)
    count = sum(len(items) for items in groups)
    title = f"Hazards on the way to a release ({count})"
    return [_details(title, map(_hazard, groups[:MOST_ITEMS]), len(groups))] if groups else []


def _hazard(items: list[Finding]) -> str:
    """A hazard with what to do, and the first of its places."""
    first = items[0]
    places = list(dict.fromkeys(place for item in items for place in item.at))
    more = f" and {plural(len(places) - MOST_PLACES, 'more place')}" if len(places) > MOST_PLACES else ""
    where = "".join(f" {code(str(place), 120)}" for place in places[:MOST_PLACES]) + more
    todo = f"\n  - to do: {prose(first.remedy, 300)}" if first.remedy else ""
    return f"- **{first.severity}** {code(first.rule)} {prose(first.reason, 300)}{where}{todo}"


def _ledger(assessment: Assessment) -> list[str]:
    errors = [f"- {code(one.where)}: {prose(one.reason, 300)}" for one in assessment.errors]
    waivers = [
        f"- {code(one.atom)} of {code(one.subject)}, {'expired' if one.expired else 'until'} {code(one.expires, 20)}: "
        f"{prose(one.reason, 300)}"
        for one in assessment.waivers
    ]
    skipped = [f"- {code(what)}: {prose(reason, 300)}" for what, reason in not_looked_at(assessment)]
    titles = (("Errors", errors), ("Waivers", waivers), ("Not looked at", skipped))
    found = [_details(f"{title} ({len(lines)})", lines[:MOST_ITEMS], len(lines)) for title, lines in titles if lines]
    empty = [title.lower() for title, lines in titles if not lines]
    return [*found, f"None: {', '.join(empty)}."] if empty else found


def _details(title: str, lines: Iterable[str], total: int) -> str:
    shown = list(lines)
    rest = f"\n- … and {total - len(shown)} more" if total > len(shown) else ""
    return f"<details><summary>{title}</summary>\n\n" + "\n".join(shown) + rest + "\n\n</details>"


def _foot(assessment: Assessment) -> str:
    kinds = sum(isinstance(one.subject, Publication) for one in assessment.subjects)
    where = "offline" if assessment.offline else "online"
    return (
        f"<sub>slsacheck {clean(assessment.tool_version)} · catalogue {clean(assessment.catalogue_version)} · "
        f"SLSA {clean(assessment.spec)} · {where} · {plural(kinds, 'publication')}, "
        f"{plural(len(assessment.results), 'check')} · {clean(assessment.generated_at)}</sub>"
    )
