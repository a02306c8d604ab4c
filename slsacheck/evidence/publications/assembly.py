"""From acts to publications: what one job publishes to one channel in one way, with the provenance that it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.claims import claims_of, made_of
from slsacheck.evidence.publications.coverage import Attest, Cover, Coverage
from slsacheck.evidence.publications.images import channel_of_image
from slsacheck.evidence.publications.kinds import kind_of_files, label_of, split_sides
from slsacheck.evidence.publications.surroundings import caches_at, parameters_at, path_of, sboms, scripted_at, signings
from slsacheck.model import Place, Publication
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["MAX_PUBLICATIONS", "assemble"]

MAX_PUBLICATIONS = 2_000
"""Publications of one target; the largest real repository seen has 60."""

FILE_CHANNELS = ("github-release", "gitlab-release")


class Part(NamedTuple):
    """A publishing act with the files and makers it is about, and the attestations that cover them."""

    run: Run
    deed: Deed
    type: str
    what: tuple[str, ...]
    makers: tuple[Run, ...]
    covers: tuple[tuple[Attest, Cover], ...]


def assemble(flows: Flows) -> tuple[Publication, ...]:
    """All publications of the runs."""
    coverage = Coverage(flows)
    sets: dict[tuple[object, ...], list[Part]] = {}
    for run in flows.runs:
        for deed in run.of(ActKind.PUBLISH):
            for part in _parts(run, _settled(deed, run), coverage):
                sets.setdefault(_key(part), []).append(part)
    taken: dict[str, int] = {}
    return tuple(_publication(parts, flows, taken) for parts in list(sets.values())[:MAX_PUBLICATIONS])


def _settled(deed: Deed, run: Run) -> Deed:
    """The deed with the registry that was logged in to, where its own name does not tell."""
    act = deed.act
    if act.type not in ("container-image", "helm-chart") or act.channel is not None:
        return deed
    channel = channel_of_image(act.name, run.logins) if act.name else None
    logins = tuple(dict.fromkeys(run.logins))
    if channel is None and logins:
        channel = logins[0] if len(logins) == 1 else None
    if channel is None and run.job.permissions.access("packages") == "write":
        channel = "ghcr.io"
    return replace(deed, act=replace(act, channel=channel))


def _key(part: Part) -> tuple[object, ...]:
    act = part.deed.act
    image = act.name if act.type in ("container-image", "helm-chart", "npm-package", "crate") else ""
    covered = frozenset(id(attest.deed) for attest, cover in part.covers if cover.how == "yes")
    side = part.type if part.type in ("checksums", "metadata") else "installer" if part.type == "installer" else ""
    own = act.provenance if act.root else ""
    return (
        part.run.workflow,
        part.run.id,
        act.channel,
        act.type or "files",
        image,
        act.fact("index") or "",
        covered,
        side,
        own,
        tuple(sorted(id(one) for one in part.makers)) if covered else (),
    )


def _parts(run: Run, deed: Deed, coverage: Coverage) -> list[Part]:
    if deed.act.type == "container-image":
        return [_image_part(run, deed, coverage)]
    return _file_parts(run, deed, coverage)


def _image_part(run: Run, deed: Deed, coverage: Coverage) -> Part:
    makers = tuple(coverage.flows.producers(run)) if not deed.act.fact("builds") else (run,)
    covers = [(attest, coverage.image(attest, run, deed)) for attest in coverage.near(run)]
    kept = tuple((attest, cover) for attest, cover in covers if cover.how != "no" or cover.why)
    return Part(run, deed, "container-image", (), makers, kept)


def _file_parts(run: Run, deed: Deed, coverage: Coverage) -> list[Part]:
    act = deed.act
    names = act.what
    makers = [run] if act.fact("builds") else coverage.flows.producers(run)
    if act.type is not None and act.channel not in FILE_CHANNELS and not _packed(act):
        return [Part(run, deed, act.type, names, tuple(makers), ())]
    attests = coverage.near(run)
    parts: dict[tuple[object, ...], Part] = {}
    for maker in makers:
        for what in _globs(names, attests):
            covers = [(one, coverage.files(one, run, maker, what)) for one in attests]
            told = tuple((one, cover) for one, cover in covers if cover.how != "no" or cover.why)
            yes = frozenset(id(one.deed) for one, cover in told if cover.how == "yes")
            before = parts.get((yes,))
            if before is None:
                parts[(yes,)] = Part(run, deed, "", what, (maker,), told)
            else:
                merged = (*before.makers, *(one for one in (maker,) if one not in before.makers))
                known = {id(one.deed) for one, _ in before.covers}
                more = tuple(item for item in told if id(item[0].deed) not in known)
                parts[(yes,)] = before._replace(
                    what=tuple(dict.fromkeys((*before.what, *what))), makers=merged, covers=(*before.covers, *more)
                )
    return [part._replace(type=_type(part)) for part in _without_sides(list(parts.values()))]


def _packed(act: Act) -> bool:
    """Whether a package is published from a packed file that an attestation may name."""
    return any(name.rstrip("\"'").endswith((".tgz", ".tar.gz", ".gem", ".crate", ".jar", "*")) for name in act.what)


def _globs(names: tuple[str, ...], attests: list[Attest]) -> list[tuple[str, ...]]:
    """The names one by one where an attestation names globs, so that those left out come apart."""
    if len(names) <= 1 or not attests:
        return [names]
    main, side = split_sides(names)
    return [*((name,) for name in main), *((name,) for name in side)]


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


def _publication(parts: list[Part], flows: Flows, taken: dict[str, int]) -> Publication:
    first = parts[0]
    run, act = first.run, first.deed.act
    kind = first.type
    name = act.name or label_of(kind)
    makers = list({id(one): one for part in parts for one in part.makers}.values())
    claims = claims_of(parts, makers)
    made = made_of(claims, parts)
    external = tuple(dict.fromkeys(text for part in parts for text in part.deed.act.external))
    external = tuple(dict.fromkeys((*external, *(text for claim in claims for text in claim.external))))
    unread = tuple(dict.fromkeys(text for one in (run, *makers) for text in one.unread))
    guessed = any(part.deed.act.fact("guessed") for part in parts)
    return Publication(
        id=_unique(f"publication:{kind}:{name}@{run.workflow}#{run.id}", taken),
        name=name,
        type=kind,
        channel=act.channel,
        at=_places(parts),
        provenance=made,
        signing=signings(parts, makers, flows),
        sbom=sboms(parts, makers, flows),
        claims=claims,
        build_jobs=tuple(dict.fromkeys(one.job for one in makers)),
        publish_jobs=(run.job,),
        path=path_of(parts, makers, claims),
        external=external,
        read="partial" if unread or guessed else "full",
        scripted="yes",
        scripted_at=scripted_at(makers),
        parameters_at=parameters_at(run),
        caches_at=caches_at(makers),
        platform=run.pipeline.system,
    )


def _unique(name: str, taken: dict[str, int]) -> str:
    """Ids tell publications apart; a second set of the same name gets a number."""
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}~{taken[name]}"


def _places(parts: list[Part]) -> tuple[Place, ...]:
    found: dict[tuple[str | None, int | None], Place] = {}
    for part in parts:
        lines = (part.deed.act.fact("input-line"), part.deed.act.fact("uses-line"))
        extra = tuple(replace(part.deed.act.at, line=int(line), column=None) for line in lines if line)
        for place in (part.deed.act.at, *extra, *part.deed.via):
            found.setdefault((place.path, place.line), place)
    return tuple(found.values())
