"""The sets that one publishing act sends out: files come apart where provenance covers some and leaves out others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.coverage import Coverage
from slsacheck.evidence.publications.covers import Attest, Cover
from slsacheck.evidence.publications.flows import last_part, pattern
from slsacheck.evidence.publications.happening import doubt
from slsacheck.evidence.publications.kinds import kind_of_files, split_sides
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["FILE_CHANNELS", "Part", "parts_of"]

FILE_CHANNELS = ("github-release", "gitlab-release", "gitea-release", "forge-release")
IN_REGISTRY = ("helm-chart", "other")
"""What may lie in a registry of images beside them, under a digest of its own."""
PACKED = (".tgz", ".tar.gz", ".gem", ".crate", ".jar", ".whl", ".nupkg", ".vsix", ".deb", ".rpm", "*")
BESIDE = regex(r"(\.(?:tar\.\w+|tgz|zip|whl|deb|rpm|jar|nupkg|gem|exe))\*$")
"""A glob of files of a kind with what lies beside each of them: its checksum, its signature."""


MAX_APART = 200
"""Names of one publishing step that are judged one by one; the longest list seen has 60."""


@record
class Part:
    """A publishing act with the files and makers it is about, and the attestations that speak of them."""

    run: Run
    deed: Deed
    type: str
    what: tuple[str, ...]
    makers: tuple[Run, ...]
    covers: tuple[tuple[Attest, Cover], ...]

    @property
    def covered(self) -> frozenset[int]:
        """Which attestations cover the set as a whole."""
        return frozenset(id(attest.deed) for attest, cover in self.covers if cover.how == "yes")


def parts_of(run: Run, deed: Deed, coverage: Coverage) -> list[Part]:
    """The sets of one publishing act."""
    if deed.act.type == "container-image":
        return _image_parts(run, deed, coverage)
    act = deed.act
    makers = [run] if act.fact("builds") else coverage.flows.producers(run)
    if act.type is not None and act.channel not in FILE_CHANNELS and not _packed(act):
        found = [Part(run, deed, act.type, act.what, tuple(makers), ())]
    else:
        found = _file_parts(run, deed, makers, coverage)
    told = _by_digest(run, deed, coverage) if act.type in IN_REGISTRY else ()
    return [replace(part, covers=(*part.covers, *told)) for part in found] if told else found


def _by_digest(run: Run, deed: Deed, coverage: Coverage) -> tuple[tuple[Attest, Cover], ...]:
    """The attestations of the digest that a registry of images gave what was pushed there."""
    covers = ((one, _happening(one, run, deed, coverage.package(one, run, deed))) for one in coverage.near(run))
    return _split(tuple(covers))[-1]


def _image_parts(run: Run, deed: Deed, coverage: Coverage) -> list[Part]:
    makers = (run,) if deed.act.fact("builds") else tuple(coverage.flows.producers(run))
    covers = tuple((one, _happening(one, run, deed, coverage.image(one, run, deed))) for one in coverage.near(run))
    covers = (*covers, *coverage.by_others(run, deed.act))
    return [Part(run, deed, "container-image", (), makers, told) for told in _split(covers)]


def _happening(attest: Attest, run: Run, deed: Deed, cover: Cover) -> Cover:
    """The coverage, unless the attesting step does not happen when this is published."""
    if cover.how == "no":
        return cover
    found = doubt((attest.run, attest.deed), (run, deed))
    if found is None or (found.how == "unknown" and cover.how != "yes"):
        return cover
    return Cover(found.how, found.why)


def _packed(act: Act) -> bool:
    """Whether a package is published from a packed file that an attestation may name."""
    return any(name.rstrip("\"'").endswith(PACKED) for name in act.what)


def _file_parts(run: Run, deed: Deed, makers: list[Run], coverage: Coverage) -> list[Part]:
    attests = coverage.near(run)
    unnamed = all(last_part(name) == "*" for name in split_sides(deed.act.what)[0] or deed.act.what)
    script = deed.script if unnamed else ""
    parts: dict[frozenset[int], Part] = {}
    for maker in makers:
        names = _names(deed.act, run, maker, attests) if unnamed else deed.act.what
        for what in _one_by_one(names, attests):
            covers = tuple(
                (one, _happening(one, run, deed, coverage.files(one, (run, deed.order), maker, what, script)))
                for one in attests
            )
            for told in _split(covers):
                _add(parts, Part(run, deed, "", what, (maker,), told))
    return [replace(part, type=_type(part)) for part in _without_sides(list(parts.values()))]


def _split(covers: tuple[tuple[Attest, Cover], ...]) -> list[tuple[tuple[Attest, Cover], ...]]:
    """What is told about a set; twice where some of it only has the provenance."""
    told = tuple((one, cover) for one, cover in covers if cover.how != "no" or cover.why)
    if not any(cover.how == "some" for _, cover in told):
        return [told]
    kept = tuple((one, Cover("yes") if cover.how == "some" else cover) for one, cover in told)
    lost = tuple((one, Cover("partial", cover.why) if cover.how == "some" else cover) for one, cover in told)
    return [kept, lost]


def _add(parts: dict[frozenset[int], Part], part: Part) -> None:
    """Puts a set to those that the same attestations cover."""
    before = parts.get(part.covered)
    if before is None:
        parts[part.covered] = part
        return
    known = {id(one.deed) for one, _ in before.covers}
    makers = {id(one): one for one in (*before.makers, *part.makers)}
    parts[part.covered] = replace(
        before,
        what=tuple(dict.fromkeys((*before.what, *part.what))),
        makers=tuple(makers.values()),
        covers=(*before.covers, *(item for item in part.covers if id(item[0].deed) not in known)),
    )


def _names(act: Act, run: Run, maker: Run, attests: list[Attest]) -> tuple[str, ...]:
    """The names behind a `*`: those that the maker hands over, and those that attestations name."""
    if act.channel not in FILE_CHANNELS:
        return act.what
    named = [name for one in attests if one.deed.act.fact("subject") == "files" for name in one.deed.act.what]
    kept = (name for name in named if last_part(name) != "*" and not name.startswith("!"))
    restricted = tuple(dict.fromkeys(kept))
    if maker is not run:
        handed = [name for one in maker.of(ActKind.PASS_ON) for name in one.act.what]
        told = tuple(dict.fromkeys(BESIDE.sub(r"\1", name) for name in handed if last_part(name) != "*"))
        if told and all(last_part(name) != "*" for name in handed):
            return told
    return (*restricted, *act.what) if restricted and act.what else act.what


def _one_by_one(names: tuple[str, ...], attests: list[Attest]) -> list[tuple[str, ...]]:
    """The names one by one where an attestation names globs, so that those left out come apart."""
    if len(names) <= 1 or len(names) > MAX_APART or not attests:
        return [names]
    main, side = split_sides(names)
    known = [name for name in main if pattern(name) != "*"] or list(main)
    return [*((name,) for name in known), *((name,) for name in side)]


def _without_sides(parts: list[Part]) -> list[Part]:
    """Checksums and signatures beside a covered set are no set of their own."""
    if len(parts) <= 1:
        return parts
    main = [part for part in parts if not part.what or split_sides(part.what)[0]]
    return main or parts


def _type(part: Part) -> str:
    act = part.deed.act
    if act.type:
        return act.type
    built = tuple(one.type for run in part.makers for one in run.acts if one.kind is ActKind.BUILD and one.type)
    handed = tuple(name for run in part.makers for one in run.acts if one.kind is ActKind.PASS_ON for name in one.what)
    kind = kind_of_files(part.what, built)
    return kind if kind != "archive" or built else kind_of_files((*part.what, *handed), built)
