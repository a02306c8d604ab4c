"""Which provenance covers which published set: files by who made them and by globs, images by name and digest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.alterations import altered
from slsacheck.evidence.publications.expressions import truth
from slsacheck.evidence.publications.flows import globs_cover, needs_in, pattern, steps_in
from slsacheck.evidence.publications.images import same_image
from slsacheck.evidence.publications.names import Names
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.alterations import Point
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["Attest", "Cover", "Coverage"]


@record
class Attest:
    """A provenance act and the run it happens in."""

    run: Run
    deed: Deed


@record
class Cover:
    """How far an attestation covers a set (yes, partial, no, unknown; some: it is lost for some), and why not."""

    how: str
    why: str = ""


SHORT = 4
"""Characters of a glob that say nothing (`dist`, `*`)."""
OTHER_RUN = "the provenance names a run that did not build the files: they come from another run"
SOME = "the attesting step runs for some of the matrix only"
CHANGED = "files are changed after they were attested"
REBUILT = "files are built again after they were attested"
HANDED = "a program that is not read is given the files after they were attested"
DELETED = "files of provenance are removed before the files are published"
FILE_OF_PROVENANCE = regex(r"provenance|sigstore|intoto|in-toto|\.att\b|attestation", re.IGNORECASE)
NOT_BY_TAG = "the generator must be used by its full version tag; by anything else it refuses to run"


def _opaque(name: str) -> bool:
    """Whether the name of an attested image is only known in a run."""
    return name == "*" or re.search(r"\$\{\{\s*(steps|needs)\.", name) is not None


def _same_name(attested: str, published: str) -> bool:
    if same_image(attested, published):
        return True
    alike = attested.rpartition("/")[2] == published.rpartition("/")[2]
    return alike and "${{" in attested + published


def _for_some(attest: Attest, publisher: Run) -> bool:
    """Whether the attesting step runs for some values of a matrix only, while its files are handed on for all."""
    run = attest.run
    beside = [
        deed
        for deed in run.of(ActKind.PASS_ON, ActKind.PUBLISH)
        if deed.act.kind is ActKind.PASS_ON or run is publisher
    ]
    for axis, values in run.values.items():
        if not axis.startswith("matrix.") or len(values) <= 1:
            continue
        for value in values:
            known = {**run.values, axis: (value,)}
            if _skipped(attest.deed, known) and any(not _skipped(deed, known) for deed in beside):
                return True
    return False


def _skipped(deed: Deed, values: dict[str, tuple[str, ...]]) -> bool:
    return any(truth(condition, values) is False for condition in deed.conditions)


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


class Coverage:
    """Answers whether an attestation speaks of a publication."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self.attests = [Attest(run, deed) for run in flows.runs for deed in run.of(ActKind.ATTEST)]

    def near(self, run: Run) -> list[Attest]:
        """The attestations of the workflow of a run, and of those that its files come from."""
        workflows = {run.workflow} | {one.workflow for one in self.flows.producers(run)}
        return [one for one in self.attests if one.run.workflow in workflows]

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
        named = any(glob in script for glob in globs if len(glob) > SHORT)
        cover = Cover("yes") if named else self._by_glob(globs, published)
        if cover.how != "yes":
            return cover
        return self._changed(attest, producer, publisher, Names(published, globs)) or self._limited(attest, run)

    def _changed(self, attest: Attest, producer: Run, publisher: Point, names: Names) -> Cover | None:
        """What is said where files are changed between the attestation and the publication."""
        run, order = publisher
        exact = order < len(run.deeds) and not run.deeds[order].script
        found = altered(self.flows, self._points(attest), producer, publisher, replace(names, exact=exact))
        if found is None:
            return None
        act = found.act
        if found.certain:
            return Cover(
                "partial", f"{REBUILT if act.fact('builds') else CHANGED}: {act.tool} at {act.at.path}:{act.at.line}"
            )
        return Cover("unknown", f"{HANDED}: {act.tool} at {act.at.path}:{act.at.line}")

    def _points(self, attest: Attest) -> list[Point]:
        """Where what is attested has the bytes that are attested."""
        if attest.deed.act.fact("subject") != "hashes":
            return [(attest.run, attest.deed.order + 1)]
        return list(self.flows.hashed(attest.run, " ".join(attest.deed.act.what)).points)

    def _spoilt(self, attest: Attest, run: Run, producer: Run) -> Cover | None:
        """Why an attestation of the right files is of no use."""
        act = attest.deed.act
        if act.fact("broken"):
            return Cover("no", NOT_BY_TAG)
        if self.flows.givers(attest.run)[1] and producer.workflow != attest.run.workflow:
            return Cover("no", OTHER_RUN)
        hashes = act.fact("subject") == "hashes"
        if act.fact("subject") == "unknown" or (hashes and not self.flows.hashed(attest.run, " ".join(act.what)).runs):
            return Cover("unknown", "which files are attested cannot be read")
        if act.fact("subject") == "hashes" and not self.flows.hashed(attest.run, " ".join(act.what)).read:
            return Cover("unknown", "how the hashes are made cannot be read")
        if act.fact("subject") == "all" and (deleted := self._deleted(run)):
            return Cover("some" if all(_conditional(deed) for deed in deleted) else "partial", DELETED)
        return None

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
            hashed = self.flows.hashed(run, " ".join(act.what))
            found, globs = hashed.runs, hashed.globs
            if not found and "${{" in " ".join(act.what):
                found = [one for job in run.job.needs for one in self.flows.named(run, job)]
            made = [one for each in found for one in (each, *self.flows.producers(each))]
            return made, globs
        made = self.flows.producers(run)
        if not any(one is run for one in made):
            made = [*made, run]
        if act.fact("subject") in ("checksums", "all"):
            return made, ()
        return made, act.what

    @staticmethod
    def _by_glob(attested: tuple[str, ...], published: tuple[str, ...]) -> Cover:
        if not attested:
            return Cover("yes")
        wanted = tuple(one for one in published if pattern(one) != "*") or published or ("*",)
        covered = [one for one in wanted if globs_cover(attested, one)]
        if len(covered) == len(wanted):
            return Cover("yes")
        if not covered:
            broad = any(globs_cover((one,), glob) and _same_folder(one, glob) for one in wanted for glob in attested)
            if broad:
                return Cover("partial", "the attested files are only some of those published")
            return Cover("no", "the attested files are not those published")
        return Cover("partial", "some of the published files are not attested")

    def image(self, attest: Attest, run: Run, published: Deed) -> Cover:
        """Whether an image that `run` pushes is covered."""
        act, image = attest.deed.act, published.act
        if act.fact("subject") == "all" and attest.run is run:
            return Cover("yes")
        if act.fact("subject") == "checksums":
            named = any("digest" in text.lower() for text in act.what)
            return Cover("yes" if named and attest.run is run else "no")
        if act.fact("subject") != "digest":
            return Cover("no")
        steps = self._digest_steps(attest)
        if useless := self._useless(attest, steps):
            return useless
        if steps and any(one is run and step and step == image.fact("step") for one, step in steps):
            return self._limited(attest, run)
        name = act.name or "*"
        if _opaque(name):
            spoken_of = any(one is run for one, _ in steps) or self._only_image(run)
        else:
            spoken_of = _same_name(name, image.name or "")
        if not spoken_of:
            return Cover("no")
        cover = self._of_named(steps, run, published)
        return self._limited(attest, run) if cover.how == "yes" else cover

    @staticmethod
    def _useless(attest: Attest, steps: list[tuple[Run, str]]) -> Cover | None:
        """Why no digest of an image is attested: it is written in the file, or comes from a step that is not there."""
        if attest.deed.act.fact("broken"):
            return Cover("no", NOT_BY_TAG)
        if any(re.match(r"\s*(sha\d+:)?[0-9a-f]{32,}\s*$", text) for text in attest.deed.act.what):
            return Cover("no", "the digest that is attested is written in the file, not taken from the build")
        if attest.deed.via or len(steps) != 1 or steps[0][0] is not attest.run:
            return None
        if any(step.id == steps[0][1] for step in attest.run.job.steps):
            return None
        return Cover("no", f"the digest that is attested comes from a step `{steps[0][1]}` that the job does not have")

    def _limited(self, attest: Attest, run: Run) -> Cover:
        """Covered, or only for some of a matrix where the attesting step stands under a condition on it."""
        if _for_some(attest, run):
            return Cover("some", SOME)
        return Cover("yes")

    def _only_image(self, run: Run) -> bool:
        """Whether the workflow pushes images of one name only."""
        names = {
            deed.act.name
            for one in self.flows.groups.get(run.workflow, ())
            for deed in one.of(ActKind.PUBLISH)
            if deed.act.type == "container-image"
        }
        return len(names) <= 1

    def _of_named(self, steps: list[tuple[Run, str]], run: Run, published: Deed) -> Cover:
        siblings = [
            deed
            for deed in run.of(ActKind.PUBLISH)
            if deed.act.type == "container-image" and same_image(deed.act.name or "", published.act.name or "")
        ]
        pushing = {deed.act.fact("step") for deed in siblings}
        if any(one is run and step in pushing for one, step in steps):
            return Cover("no", "the digest that is attested is that of another step's image")
        indexes = [deed for deed in siblings if deed.act.fact("index")]
        if indexes and not published.act.fact("index"):
            return Cover("no", "only the index is attested, not the images of the platforms")
        if steps and not any(one is run for one, _ in steps) and self._pushed_there(steps, published):
            return Cover("no", "the digest that is attested is that of another job's image")
        return Cover("yes")

    @staticmethod
    def _pushed_there(steps: list[tuple[Run, str]], published: Deed) -> bool:
        """Whether the job that the digest comes from pushes an image of that name itself."""
        return any(
            deed.act.fact("step") == step and same_image(deed.act.name or "", published.act.name or "")
            for one, step in steps
            for deed in one.of(ActKind.PUBLISH)
        )

    def _digest_steps(self, attest: Attest) -> list[tuple[Run, str]]:
        found: list[tuple[Run, str]] = []
        stack = [(attest.run, text) for text in attest.deed.act.what]
        for _ in range(32):
            if not stack:
                break
            here, text = stack.pop()
            found += [(here, step) for step, _ in steps_in(text)]
            for job, output in needs_in(text):
                for one in self.flows.named(here, job):
                    inner = next((item.value for item in one.job.outputs if item.name == output), "")
                    stack.append((one, inner))
        return found
