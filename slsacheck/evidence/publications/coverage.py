"""Which provenance covers which published set: files by who made them and by globs, images by name and digest."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.alterations import altered
from slsacheck.evidence.publications.covers import Attest, Cover, broken, limited
from slsacheck.evidence.publications.downloads import downloaded
from slsacheck.evidence.publications.flows import globs_cover, pattern
from slsacheck.evidence.publications.images import same_image
from slsacheck.evidence.publications.kinds import is_side
from slsacheck.evidence.publications.names import Names
from slsacheck.evidence.publications.otherruns import OTHER_RUN, from_elsewhere
from slsacheck.evidence.publications.projectname import whole_folders
from slsacheck.evidence.publications.whereabouts import apart, from_root
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.alterations import Point
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.hashes import Hashed
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["Coverage"]

PACKAGES = frozenset(
    ("helm-chart", "python-package", "npm-package", "ruby-gem", "crate", "nuget-package", "maven-artifact")
)
"""What has a tool of its own that makes and publishes it."""
SHORT = 4
"""Characters of a glob that say nothing (`dist`, `*`)."""
CHANGED = "files are changed after they were attested"
REBUILT = "files are built again after they were attested"
HANDED = "a program that is not read is given the files after they were attested"
FETCHED = "files are attested that were fetched, as it seems, so their provenance does not say how they were built"
APART = "the attested files lie in another folder, from which nothing is seen to bring them to what is published"
LEFT_OUT = "some of the published files are left out of the attested ones"
NOT_LISTED = "the digests that are attested are those of what the release tool makes, which this is not"
OVERWRITTEN = "the jobs of a matrix set the same output, so the hashes of one alone are attested"
UNREAD = "which files are attested cannot be read"
UNMADE = "how the hashes are made cannot be read"
UNWRITTEN = "nothing is seen to write the file of checksums"
NOT_FILES = "the hashes that are attested are not those of files"
DELETED = "files of provenance are removed before the files are published"
FILE_OF_PROVENANCE = regex(r"provenance|sigstore|intoto|in-toto|\.att\b|attestation", re.IGNORECASE)


def _about_files(act: Act) -> bool:
    """Whether an attestation speaks of files; a list of digests that a tool writes for its images does not."""
    subject = act.fact("subject")
    images = subject == "checksums" and any("digest" in text.lower() for text in act.what)
    return subject not in ("digest", None) and not images


def _conditional(deed: Deed) -> bool:
    """Whether a script removes something for some files only: below an `if` or in a loop with one."""
    return bool(deed.act.condition) or re.search(r"^\s*(if|case|elif)\b", deed.script, re.MULTILINE) is not None


def _same_folder(one: str, other: str) -> bool:
    """Whether two globs may name files of one folder: the last folder is the same, or one of them is not known."""
    first, second = (pattern(path).strip("./").rpartition("/")[0].rpartition("/")[2] for path in (one, other))
    return first == second or not first or not second or "*" in first + second


def _inside(folders: tuple[str, ...], path: str) -> bool:
    """Whether a path lies in one of the folders that are attested whole."""
    return any(pattern(path).removeprefix("./").startswith(f"{pattern(one).strip('./')}/") for one in folders)


class Coverage:
    """Answers whether an attestation speaks of a publication."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self.attests = [Attest(run, deed) for run in flows.runs for deed in run.of(ActKind.ATTEST)]
        self._subjects: dict[int, Hashed] = {}

    def image(self, attest: Attest, run: Run, published: Deed) -> Cover:
        """Whether an image that `run` pushes is covered."""
        from slsacheck.evidence.publications.imagecoverage import ImageCoverage

        return ImageCoverage(self.flows).image(attest, run, published)

    def package(self, attest: Attest, run: Run, published: Deed) -> Cover:
        """Whether something else that `run` pushes to a registry of images is covered by its digest there."""
        from slsacheck.evidence.publications.imagecoverage import ImageCoverage

        return ImageCoverage(self.flows).package(attest, run, published)

    def _subject(self, attest: Attest) -> Hashed:
        """What is behind the hashes that a generator is given, or what the file of checksums lists that is attested.

        It is asked for every set that is published, and the same for all of them.
        """
        known = self._subjects.get(id(attest.deed))
        if known is None:
            from slsacheck.evidence.publications.hashes import hashed, listed

            what = attest.deed.act.what
            sums = attest.deed.act.fact("subject") == "checksums"
            known = listed(self.flows, attest.run, what) if sums else hashed(self.flows, attest.run, " ".join(what))
            self._subjects[id(attest.deed)] = known
        return known

    def near(self, run: Run) -> list[Attest]:
        """The attestations of the workflow of a run, of those its files come from, and of those that fetch its own."""
        workflows = {run.workflow} | {one.workflow for one in self.flows.producers(run)}
        fetching = self._fetching.get(id(run), ())
        return [one for one in self.attests if one.run.workflow in workflows or id(one.run) in fetching]

    @cached_property
    def _fetching(self) -> dict[int, set[int]]:
        """The runs that attest and fetch what another run has published, by that run; both by identity."""
        found: dict[int, set[int]] = {}
        for later in {id(one.run): one.run for one in self.attests}.values():
            for giver in self.flows.givers(later)[0]:
                found.setdefault(id(giver), set()).add(id(later))
        return found

    def by_others(self, run: Run, image: Act) -> list[tuple[Attest, Cover]]:
        """The attestations of an image of that name which other workflows make: of whatever is under the name then."""
        near = {id(one.deed) for one in self.near(run)}
        others = (one for one in self.attests if id(one.deed) not in near and one.deed.act.fact("subject") == "digest")
        named = [one for one in others if same_image(one.deed.act.name or "", image.name or "")]
        return [(one, Cover("no", OTHER_RUN)) for one in named if not self._pushes(one.run, image)]

    def _pushes(self, run: Run, image: Act) -> bool:
        """Whether the workflow of a run pushes an image of that name itself, of which its attestation then speaks."""
        group = self.flows.groups.get(run.workflow, ())
        acts = (deed.act for one in group for deed in one.of(ActKind.PUBLISH))
        return any(same_image(act.name or "", image.name or "") for act in acts)

    def files(self, attest: Attest, publisher: Point, producer: Run, published: tuple[str, ...], script: str) -> Cover:
        """Whether files that `producer` made and a deed of a run (`publisher`) publishes are covered.

        `script` is the text that publishes where the names of the files are not known: it may name the same glob.
        """
        if not _about_files(attest.deed.act):
            return Cover("no")
        run = publisher[0]
        made, globs = self._attested(attest)
        if not any(one is producer for one in made):
            return Cover("no")
        spoilt = self._spoilt(attest, run, producer)
        if spoilt is not None:
            return spoilt
        if not globs and self._not_its_own(attest, publisher, published):
            return Cover("no", NOT_LISTED)
        here = run.deeds[publisher[1]].act.fact("folder") in (None, ".")  # the same words name the same files
        named = here and any(glob in script for glob in globs if len(glob) > SHORT)
        cover = Cover("yes") if named else self._by_glob(whole_folders(globs, run.deeds[publisher[1]].act), published)
        if cover.how != "yes":
            return cover
        if not named and self._apart(attest, globs, publisher, published):
            return Cover("unknown", APART)
        fetched = self._fetched(attest, producer, globs, published)
        changed = fetched or self._changed(attest, producer, publisher, Names(published, globs))
        return changed or self._overwritten(attest) or limited(attest, run)

    def _not_its_own(self, attest: Attest, publisher: Point, published: tuple[str, ...]) -> bool:
        """Whether another tool publishes what the release tool that lists the digests does not make."""
        from slsacheck.evidence.publications.hashes import RELEASERS

        act = publisher[0].deeds[publisher[1]].act
        if attest.deed.act.fact("subject") not in ("checksums", "hashes") or act.tool in RELEASERS:
            return False
        subject = self._subject(attest)
        if subject.named:
            return False
        built = [deed.act for run in subject.runs for deed in run.of(ActKind.BUILD) if deed.act.tool in RELEASERS]
        if built and act.type in PACKAGES:
            return act.type not in {one.type for one in built}
        names = tuple(name for one in built for name in one.what)
        told = bool(names) and not all(pattern(name) == "*" for name in published)
        return told and self._by_glob(names, published).how == "no"

    def _fetched(
        self, attest: Attest, producer: Run, globs: tuple[str, ...], published: tuple[str, ...]
    ) -> Cover | None:
        """What is said of files that the job which hands them on has fetched itself."""
        until = next((order for run, order in self._points(attest) if run is producer), None)
        handed = tuple(path for deed in producer.of(ActKind.PASS_ON) for path in deed.act.what)
        names, until = (handed, len(producer.deeds)) if until is None else (globs, until)
        known = published if all(pattern(name) != "*" for name in published) else ()
        act = downloaded(producer, until, names, known)
        return Cover("unknown", f"{FETCHED}: {act.tool} at {act.at.path}:{act.at.line}") if act is not None else None

    def _overwritten(self, attest: Attest) -> Cover | None:
        """What is said where the jobs of a matrix set one output with the hashes of each."""
        act = attest.deed.act
        if act.fact("subject") == "hashes" and self._subject(attest).lost:
            return Cover("some", OVERWRITTEN)
        return None

    def _apart(self, attest: Attest, globs: tuple[str, ...], publisher: Point, published: tuple[str, ...]) -> bool:
        """Whether the attested files lie elsewhere than the published ones, where both are told from the root."""
        run, deed = publisher[0], publisher[0].deeds[publisher[1]]
        if set(published) <= set(deed.act.what):  # names that were handed on are those of another workspace
            deed = replace(deed, act=replace(deed.act, what=published))
        if attest.deed.act.fact("subject") == "hashes":
            runs = [one for one, _ in self._points(attest) if one.of(ActKind.SCRIPT)][:1]
        else:
            runs = [attest.run] if from_root(attest.deed) and not attest.deed.act.fact("own") else []
        return any(apart(one, globs, run, deed) for one in runs)

    def _changed(self, attest: Attest, producer: Run, publisher: Point, names: Names) -> Cover | None:
        """What is said where files are changed between the attestation and the publication."""
        run, order = publisher
        building = run.deeds[order].act
        if building.fact("builds") and not self._behind(attest, run, order):
            return Cover("partial", f"{REBUILT}: {building.tool} at {building.at.path}:{building.at.line}")
        exact = from_root(run.deeds[order])
        found = altered(self.flows, self._points(attest), producer, publisher, replace(names, exact=exact))
        if found is None:
            return None
        act = found.act
        if found.certain:
            return Cover(
                "partial", f"{REBUILT if act.fact('builds') else CHANGED}: {act.tool} at {act.at.path}:{act.at.line}"
            )
        return Cover("unknown", f"{HANDED}: {act.tool} at {act.at.path}:{act.at.line}")

    def _behind(self, attest: Attest, run: Run, order: int) -> bool:
        """Whether files are attested or hashed behind a deed of a run."""
        return any(at > order if one is run else run.id in one.before for one, at in self._points(attest))

    def _points(self, attest: Attest) -> list[Point]:
        """Where what is attested has the bytes that are attested."""
        if attest.deed.act.fact("subject") != "hashes":
            return [(attest.run, attest.deed.order + 1)]
        return list(self._subject(attest).points)

    def _spoilt(self, attest: Attest, run: Run, producer: Run) -> Cover | None:
        """Why an attestation of the right files is of no use."""
        act = attest.deed.act
        if (refused := broken(attest, self.flows)) is not None:
            return refused
        if self.flows.givers(attest.run)[1] and producer.workflow != attest.run.workflow:
            return Cover("no", OTHER_RUN)
        if producer is attest.run and (fetched := from_elsewhere(attest)) is not None:
            return fetched
        if (doubt := self._doubtful(attest)) is not None:
            return doubt
        if act.fact("subject") == "all" and (deleted := self._deleted(run)):
            return Cover("some" if all(_conditional(deed) for deed in deleted) else "partial", DELETED)
        return None

    def _doubtful(self, attest: Attest) -> Cover | None:
        """Why hashes, or what a file lists, are not seen to be those of files."""
        subject = attest.deed.act.fact("subject")
        if subject not in ("hashes", "checksums"):
            return Cover("unknown", UNREAD) if subject == "unknown" else None
        sums = subject == "checksums"
        found = self._subject(attest)
        if not found.runs:
            return Cover("unknown", UNREAD)
        if found.text and not found.globs:
            return Cover("no", NOT_FILES)
        return None if found.read else Cover("unknown", UNWRITTEN if sums else UNMADE)

    def _deleted(self, run: Run) -> list[Deed]:
        """Where files of provenance are removed on the way to where a run publishes."""
        on_the_way = self.flows.upstream(run)
        return [
            deed
            for one in self.flows.groups.get(run.workflow, ())
            if id(one) in on_the_way
            for deed in one.of(ActKind.DELETE)
            if any(FILE_OF_PROVENANCE.search(name) for name in deed.act.what)
        ]

    def _attested(self, attest: Attest) -> tuple[list[Run], tuple[str, ...]]:
        act, run = attest.deed.act, attest.run
        if act.fact("subject") == "hashes":
            summed = self._subject(attest)
            found, globs = summed.runs, summed.globs
            if not found and "${{" in " ".join(act.what):
                found = [one for job in run.job.needs for one in self.flows.named(run, job)]
            made = [one for each in found for one in (each, *self.flows.producers(each))]
            return made, globs
        made = self.flows.producers(run)
        if not any(one is run for one in made):
            made = [*made, run]
        if act.fact("subject") == "checksums":
            return made, self._subject(attest).globs
        if act.fact("subject") == "all":
            return made, ()
        return made, act.what

    @staticmethod
    def _by_glob(attested: tuple[str, ...], published: tuple[str, ...]) -> Cover:
        if not attested:
            return Cover("yes")
        wanted = tuple(one for one in published if pattern(one) != "*") or published or ("*",)
        left_out = tuple(glob[1:] for glob in attested if glob.startswith("!") and not is_side(glob))
        attested = tuple(glob for glob in attested if not glob.startswith("!"))
        covered = [one for one in wanted if globs_cover(attested, one) or _inside(attested, one)]
        covered = [one for one in covered if not globs_cover(left_out, one)]
        if len(covered) == len(wanted):
            within = any(globs_cover((one,), glob) and _same_folder(one, glob) for one in wanted for glob in left_out)
            return Cover("partial", LEFT_OUT) if within else Cover("yes")
        if not covered:
            broad = any(globs_cover((one,), glob) and _same_folder(one, glob) for one in wanted for glob in attested)
            if broad:
                return Cover("partial", "the attested files are only some of those published")
            return Cover("no", "the attested files are not those published")
        return Cover("partial", "some of the published files are not attested")
