"""Where files are changed on their way (signed in place, stripped, packed again): provenance of other bytes.

Signatures of an operating system's vendor (Authenticode, Apple's codesign, RPM) are written into the file, and an
archive that is packed again has another digest. An attestation of the file before such a step does not speak of what is
published, although the name is the same.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.flows import globs_cover, last_part, pattern
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.publications.deeds import Deed, Run
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.model import Place

__all__ = ["Point", "altered", "alters_by_name", "alters_in"]

Point = tuple["Run", int]
"""Where files are attested or hashed: a run, and how many of its deeds came before."""

IN_PLACE = frozenset(
    (
        *("codesign", "signtool", "osslsigncode", "azuresigntool", "jarsigner", "apksigner", "jsign", "rcodesign"),
        *("gon", "rpmsign", "rpm", "debsigs", "dpkg-sig", "trusted-signing-cli", "smctl", "signcode"),
    )
)
"""Programs that write a signature into the file."""
COMMAND = regex(
    r"(?:^|[;&|(]|\bdo\b|\bthen\b|\belse\b|-exec|xargs(?:[ \t]+-\S+)*)[ \t]*(?:sudo[ \t]+)?"
    r"(?:[\w./$\"{}-]*[/\\])?(?P<tool>strip|upx|install_name_tool|patchelf|lipo|xcrun[ \t]+stapler|stapler|editbin|"
    r"rcedit|codesign|signtool|osslsigncode|azuresigntool|jsign|rcodesign|gon|apksigner|trusted-signing-cli|smctl|"
    r"Set-AuthenticodeSignature|Compress-Archive|tar|zip|7z|7za|gzip|xz|zstd|hdiutil)(?:\.exe)?[ \t]+"
    r"(?P<rest>[^\n;&|]*)",
    re.MULTILINE | re.IGNORECASE,
)
UNPACKS = regex(
    r"^(?:-{0,2}x|-{1,2}extract|-[a-zA-Z]*[xt][a-zA-Z]*\b|[xt][a-zA-Z]*\b|-{1,2}(?:d|list|test|decompress)\b|[el]\b)"
)
PACKERS = frozenset(("tar", "zip", "7z", "7za", "gzip", "xz", "zstd", "hdiutil", "compress-archive"))
VERIFIES = regex(r"^(?:verify|--verify|-v\b|-d\b|--display|validate|--version|-h\b|timestamp|attach|detach|verity)")
ARCHIVE = regex(r"[^\s\"'=]+\.(?:tar(?:\.\w+)?|tgz|txz|zip|7z|gz|xz|zst|dmg)\b")
CHANGING = regex(
    r"(code|trusted|artifact|authenticode|windows|macos|apple|exe|file|binar\w*)[-_]?sign|"
    r"sign[-_](windows|macos|exe|binar\w*|files?|code|artifacts?|packages?)|codesign|signing[-_]request|esigner|notariz|"
    r"rpm[-_]sign|sign[-_](rpm|deb|apk|aab|jar)|(run|action|gh)[-_]upx|upx[-_](action|run|gh)|strip[-_]binar"
)
NOT_CHANGING = regex(
    r"cosign|sigstore|gpg|minisign|import|setup|install|cert|verify|check|keychain|docker|image|container|commit|tag"
)
"""Words in an action's name that tell a signature beside the file, or none at all."""


def alters_in(text: str, at: Place) -> Iterator[Act]:
    """The commands of a script that change or pack files."""
    for match in COMMAND.finditer(text):
        tool = match["tool"].split()[-1].lower()
        rest = match["rest"].strip()
        packs = tool in PACKERS
        if (packs and UNPACKS.match(rest)) or (not packs and VERIFIES.match(rest)) or not rest:
            continue
        what = tuple(found[0] for found in ARCHIVE.finditer(rest))[:4] if packs else ()
        line = (at.line or 1) + text[: match.start("tool")].count("\n")
        yield Act(ActKind.ALTER, tool, _moved(at, line), what=what, detail=(("packs", "yes"),) if packs else ())


def _moved(at: Place, line: int) -> Place:
    return replace(at, line=line, column=None)


def alters_by_name(name: str) -> bool:
    """Whether an action's name says that it signs files in place."""
    last = name.split("/", 1)[-1]
    return CHANGING.search(last) is not None and NOT_CHANGING.search(last) is None


def _changing(run: Run) -> list[Deed]:
    return [
        deed
        for deed in run.of(ActKind.ALTER, ActKind.SIGN)
        if deed.act.kind is ActKind.ALTER or deed.act.tool in IN_PLACE
    ]


def altered(
    flows: Flows, points: Sequence[Point], producer: Run, publisher: Point, published: tuple[str, ...]
) -> Act | None:
    """The first act that changes what `producer` made after the points where it is attested, before it is published."""
    before = {one for run, _ in points for one in flows.upstream(run)} - {id(run) for run, _ in points}
    behind = flows.upstream(publisher[0])
    for run in flows.groups.get(publisher[0].workflow, ()):
        if id(run) not in behind or id(run) in before or id(producer) not in flows.upstream(run):
            continue
        since = max((order for one, order in points if one is run), default=0)
        until = publisher[1] if run is publisher[0] else len(run.deeds)
        for deed in _changing(run):
            if since <= deed.order < until and _touches(deed.act, published):
                return deed.act
    return None


def _touches(act: Act, published: tuple[str, ...]) -> bool:
    """Whether what is changed may be among what is published."""
    names = [name for name in published if pattern(name) != "*"]
    if not act.what:
        return not act.fact("packs") or any(fnmatchcase("x.tar.gz", last_part(name)) for name in published)
    if not names:
        return True
    return any(globs_cover((one,), name) or globs_cover((name,), one) for one in act.what for name in names)
