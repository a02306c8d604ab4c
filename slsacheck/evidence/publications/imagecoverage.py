"""Which provenance covers which image: by the digest that is attested, by the step that pushed it, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.covers import Attest, Cover, broken, limited
from slsacheck.evidence.publications.digests import lists_all, odd_digest
from slsacheck.evidence.publications.expressions import living
from slsacheck.evidence.publications.flows import needs_in, pattern, steps_in
from slsacheck.evidence.publications.hashes import legs
from slsacheck.evidence.publications.images import channel_of_image, same_image

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["ImageCoverage"]

BY_DIGEST = frozenset(("actions/attest", "actions/attest-build-provenance", "docker/github-builder"))
"""Mechanisms whose attestations GitHub keeps by digest, whatever name and registry the image has."""
LAST_LEG = "the jobs of a matrix set the same output: which of their digests is attested is only known in a run"
SEVERAL = "its step publishes several things and sets one digest"
ONE_REGISTRY = "the provenance is put into another registry than this image"
COMPUTED = "which images are attested is only known in a run: the matrix is computed there"


def _computed(name: str, image: Act) -> bool:
    """Whether the attested name is filled from a matrix that another job computes, for the registry of this image."""
    return re.search(r"\$\{\{\s*matrix\.", name) is not None and channel_of_image(name) == image.channel


def _behind_matrix(run: Run, text: str) -> list[str]:
    """The expressions that a matrix is made of, where a text takes something from it that only they tell."""
    if "matrix." not in text:
        return []
    return [value for _, values in run.job.matrix for value in values if "${{" in value]


def _opaque(name: str) -> bool:
    """Whether the name of an attested image is only known in a run."""
    return name == "*" or re.search(r"\$\{\{\s*(steps|needs)\.", name) is not None


def _same_name(attested: str, published: str) -> bool:
    if same_image(attested, published):
        return True
    alike = attested.rpartition("/")[2] == published.rpartition("/")[2]
    return alike and "${{" in attested + published


def _of_one_leg(run: Run, step: str) -> bool:
    """Whether a step runs for one job of a matrix only."""
    return any("matrix." in one.condition for one in run.all_steps if one.id == step)


class ImageCoverage:
    """Answers whether an attestation speaks of an image that a run pushes."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows

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
        name = act.name or "*"
        if steps and any(one is run and step and step == image.fact("step") for one, step in steps):
            return self._odd(steps, published) or self._pushed(attest, run, published)
        if not self._spoken_of(name, steps, run, published):
            return Cover("unknown", COMPUTED) if _computed(name, image) else Cover("no")
        cover = self._odd(steps, published) or self._of_named(steps, run, published)
        return limited(attest, run) if cover.how == "yes" else cover

    def package(self, attest: Attest, run: Run, published: Deed) -> Cover:
        """Whether a chart or the like that goes to a registry of images is covered: by the digest of its own step."""
        step = published.act.fact("step")
        steps = self._digest_steps(attest) if attest.deed.act.fact("subject") == "digest" and step else []
        if not any(one is run and name == step for one, name in steps):
            return Cover("no")
        if any(deed.act.fact("step") == step for deed in run.of(ActKind.PUBLISH) if deed.act != published.act):
            return Cover("unknown", SEVERAL)
        useless = self._useless(attest, steps) or self._odd(steps, published)
        return useless or self._pushed(attest, run, published)

    def _spoken_of(self, name: str, steps: list[tuple[Run, str]], run: Run, published: Deed) -> bool:
        """Whether the name that is attested is that of an image, or is filled with the names of all that are pushed."""
        if _opaque(name):
            return any(one is run for one, _ in steps) or self._only_image(run)
        if _same_name(name, published.act.name or ""):
            return True
        listed = any(one is run and lists_all(one, step, published) for one, step in steps)
        return listed and _computed(name, published.act)

    def _useless(self, attest: Attest, steps: list[tuple[Run, str]]) -> Cover | None:
        """Why no digest of an image is attested: it is written in the file, or comes from a step that is not there."""
        if (refused := broken(attest, self.flows)) is not None:
            return refused
        if any(one is not attest.run and legs(one) > 1 and not _of_one_leg(one, step) for one, step in steps):
            return Cover("unknown", LAST_LEG)
        if any(re.match(r"\s*(sha\d+:)?[0-9a-f]{32,}\s*$", text) for text in attest.deed.act.what):
            return Cover("no", "the digest that is attested is written in the file, not taken from the build")
        if attest.deed.via or len(steps) != 1 or steps[0][0] is not attest.run:
            return None
        if any(step.id == steps[0][1] for step in attest.run.job.steps):
            return None
        return Cover("no", f"the digest that is attested comes from a step `{steps[0][1]}` that the job does not have")

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
        if steps and all(self._only_builds(one, step) for one, step in steps):
            return Cover(
                "unknown", "the digest that is attested is that of a step which builds an image and pushes none"
            )
        if steps and all(self._pushes_other(one, step, published) for one, step in steps):
            return Cover("no", "the digest that is attested is that of another image")
        indexes = [deed for deed in siblings if deed.act.fact("index")]
        if indexes and not published.act.fact("index"):
            return Cover("no", "only the index is attested, not the images of the platforms")
        if steps and not any(one is run for one, _ in steps) and self._pushed_there(steps, published):
            return Cover("no", "the digest that is attested is that of another job's image")
        return Cover("yes")

    def _pushed(self, attest: Attest, run: Run, published: Deed) -> Cover:
        """Whether provenance of the digest that a step has pushed speaks of what it pushed under one of its names."""
        if attest.run is run and attest.deed.order < published.order:
            return Cover("no", "the digest is attested before the image is pushed")
        return limited(attest, run) if self._reaches(attest, published.act, run) else Cover("no", ONE_REGISTRY)

    @staticmethod
    def _reaches(attest: Attest, image: Act, run: Run) -> bool:
        """Whether provenance of one digest is found where an image is: by the digest alone, or in its registry."""
        name = attest.deed.act.name or "*"
        if attest.deed.act.root in BY_DIGEST or _same_name(name, image.name or ""):
            return True
        if pattern(image.name or "").strip("*./:-@") == "":  # only the registry is known of the published name
            return channel_of_image(name) == image.channel
        step = image.fact("step")
        names = {one.name for one in run.acts if one.kind is ActKind.PUBLISH and one.fact("step") == step}
        return _opaque(name) and len(names) <= 1

    @staticmethod
    def _odd(steps: list[tuple[Run, str]], published: Deed) -> Cover | None:
        """What is said where a script sets the digest, and sets one of something else."""
        if not any(deed.act.fact("step") == step for one, step in steps for deed in one.of(ActKind.SCRIPT)):
            return None
        found = [odd_digest(one, step, published.act.name or "") for one, step in steps]
        return Cover("no", found[0]) if found and all(found) else None

    @staticmethod
    def _only_builds(one: Run, step: str) -> bool:
        """Whether a step builds an image and leaves it on the machine."""
        acts = [act for act in one.acts if act.fact("step") == step and act.type == "container-image"]
        return bool(acts) and all(act.kind is ActKind.BUILD for act in acts)

    @staticmethod
    def _pushes_other(one: Run, step: str, published: Deed) -> bool:
        """Whether a step pushes images, and none under this name."""
        pushed = [deed.act for deed in one.of(ActKind.PUBLISH) if deed.act.fact("step") == step]
        images = [act for act in pushed if act.type == "container-image"]
        return bool(images) and not any(_same_name(act.name or "", published.act.name or "") for act in images)

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
        told = self.flows.told
        stack = [(attest.run, told(attest.run, living(text, attest.run.values))) for text in attest.deed.act.what]
        for _ in range(32):
            if not stack:
                break
            here, text = stack.pop()
            text = " ".join((text, *_behind_matrix(here, text)))
            found += [(here, step) for step, _ in steps_in(text)]
            for job, output in needs_in(text):
                for one, inner in self.flows.outputs(here, job, output):
                    stack.append((one, told(one, living(inner, one.values))))
        return found
