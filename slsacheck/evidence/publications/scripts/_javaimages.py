"""Images that Maven and Gradle make without a Dockerfile, Jib and Spring Boot's Buildpacks, as their build files say.

Rules: Jib's plug-in pages (`to.image`; `build` pushes, `dockerBuild` and `buildTar` do not) and Spring Boot's (an image
is pushed only with `publish`). Expressions that a build file computes stay as they are written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.evidence.publications.scripts._call import false_word, joined_path, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["boot_image", "bound_images", "gradle_image", "jib_image", "maven_boot_image", "maven_image"]

MAX_MODULES = 50
"""Modules of one Maven build whose files are read."""
MAX_BLOCK = 20_000
"""Characters of one plug-in's configuration."""
PHASES = ("validate", "compile", "test", "package", "verify", "install", "deploy")
MODULE = regex(r"<module>\s*([\w./-]{1,200})\s*</module>")
PROPERTY = regex(r"\$\{([\w.-]{1,100})\}")
KTS = ("build.gradle.kts", "build.gradle")


@record
class _Said:
    """What a build file says of an image: its name, whether it is pushed, and the phase that a goal is bound to."""

    image: str = ""
    publish: str = ""
    phase: str = ""
    goal: str = ""


def jib_image(call: Call, name: str, *, pushes: bool) -> list[Act]:
    """An image of Jib: pushed by `build`, kept by the others."""
    if not pushes:
        facts = {"made-by": "jib"}
        what = (name,) if name else ()
        return [
            call.act(
                ActKind.BUILD, type="container-image", name=image_name(name) if name else None, what=what, facts=facts
            )
        ]
    facts = {"builds": "yes", "made-by": "jib"}
    nameless = call.act(ActKind.PUBLISH, type="container-image", provenance="no", facts=facts)
    return image_acts(call, [name], provenance="no", facts=facts) or ([] if name else [nameless])


def boot_image(call: Call, publish: str | None, name: str | None) -> list[Act]:
    """Cloud Native Buildpacks through Spring Boot: pushed only where asked."""
    facts = {"made-by": "buildpacks", "sbom": "yes"}
    if not publish or (false_word(publish) and not unresolved(publish)):
        what = (name,) if name else ()
        return [call.act(ActKind.BUILD, type="container-image", name=name, what=what, facts=facts)]
    facts["builds"] = "yes"
    nameless = call.act(ActKind.PUBLISH, type="container-image", provenance="no", facts=facts)
    return image_acts(call, [name or ""], provenance="no", facts=facts) or ([] if name else [nameless])


def maven_image(call: Call, goal: str, properties: Mapping[str, str], poms: list[str]) -> list[Act]:
    """The acts of `jib:build` and its like; the name from the command line, else from the poms."""
    stated = properties.get("image") or properties.get("jib.to.image")
    names = [stated] if stated else [said.image for said in _jibs(call, properties, poms) if said.image]
    return [act for name in names or [""] for act in jib_image(call, name, pushes=goal == "build")]


def maven_boot_image(call: Call, properties: Mapping[str, str], poms: list[str]) -> list[Act]:
    """The acts of `spring-boot:build-image`."""
    said = next(_boots(call, properties, poms), _Said())
    publish = properties.get("spring-boot.build-image.publish") or said.publish
    return boot_image(call, publish, properties.get("spring-boot.build-image.imageName") or said.image or None)


def bound_images(call: Call, phase: str, properties: Mapping[str, str], poms: list[str]) -> list[Act]:
    """The images that a phase makes because a pom binds a goal of Jib to it or to an earlier one."""
    if phase not in PHASES or not false_word(properties.get("jib.skip", "false")):
        return []
    found: list[Act] = []
    for said in _jibs(call, properties, poms):
        if said.goal and said.phase in PHASES and PHASES.index(said.phase) <= PHASES.index(phase):
            found += jib_image(call, said.image, pushes=said.goal == "build")
    return found


def _poms(call: Call, named: list[str]) -> Iterator[str]:
    """The text of the poms that a build reads: those named, else the one of the directory and those of its modules."""
    texts = [_text(call, joined_path(call.context.directory, path)) for path in named or ["pom.xml"]]
    yield from (text for text in texts if text)
    if named or not texts[0]:
        return
    for match in list(MODULE.finditer(texts[0]))[:MAX_MODULES]:
        yield _text(call, joined_path(call.context.directory, f"{match[1]}/pom.xml"))


def _text(call: Call, path: str) -> str:
    if not call.context.tree.exists(path):
        return ""
    try:
        return call.context.tree.text(path)
    except SlsacheckError as problem:
        call.context.problems.add(path, problem.message, problem.advice)
        return ""


def _plugins(text: str, artifact: str) -> Iterator[str]:
    """The configuration of a plug-in, wherever a pom has one."""
    start = text.find(f"<artifactId>{artifact}</artifactId>")
    while start >= 0:
        end = text.find("</plugin>", start)
        yield text[start : min(end if end > 0 else len(text), start + MAX_BLOCK)]
        start = text.find(f"<artifactId>{artifact}</artifactId>", start + 1)


def _jibs(call: Call, properties: Mapping[str, str], poms: list[str]) -> Iterator[_Said]:
    for text in _poms(call, poms):
        for block in _plugins(text, "jib-maven-plugin"):
            image = _element(_element(block, "to"), "image")
            goal = _element(_element(block, "executions"), "goal")
            phase = _element(_element(block, "executions"), "phase")
            yield _Said(_filled(image, text, properties), phase=phase, goal=goal)


def _boots(call: Call, properties: Mapping[str, str], poms: list[str]) -> Iterator[_Said]:
    for text in _poms(call, poms):
        for block in _plugins(text, "spring-boot-maven-plugin"):
            image = _element(block, "image")
            if image:
                name = _filled(_element(image, "name"), text, properties)
                yield _Said(name, publish=_filled(_element(image, "publish"), text, properties))


def _element(text: str, name: str) -> str:
    """The contents of the first element of that name."""
    start = text.find(f"<{name}>")
    end = text.find(f"</{name}>", start)
    return text[start + len(name) + 2 : end].strip() if 0 <= start < end else ""


def _filled(value: str, pom: str, properties: Mapping[str, str]) -> str:
    """A value with properties of the command line and of the pom put in, once."""
    own = _element(pom, "properties")

    def known(match: re.Match[str]) -> str:
        if match[1] in ("project.artifactId", "project.version"):
            inside = re.sub(r"<parent>.*?</parent>", "", pom[:MAX_BLOCK], flags=re.DOTALL)
            return _element(inside, match[1].removeprefix("project.")) or match[0]
        return properties.get(match[1]) or _element(own, match[1]) or match[0]

    return PROPERTY.sub(known, value)[:1_000]


def gradle_image(call: Call, task: str, path: str, properties: Mapping[str, str], image: str | None) -> list[Act]:
    """The acts of the tasks `jib`, `jibDockerBuild` and `bootBuildImage`; `path` is the task's project (`:app`)."""
    folder = joined_path(call.context.directory, path.replace(":", "/").strip("/"))
    text = next((text for name in KTS if (text := _text(call, joined_path(folder, name)))), "")
    if task != "bootBuildImage":
        said = _assigned(_block(_block(text, "jib"), "to"), "image")
        name = properties.get("jib.to.image") or properties.get("image") or image or said
        return jib_image(call, name, pushes=task == "jib")
    block = _block(text, "bootBuildImage")
    publish = "true" if "--publishImage" in call.argv else properties.get("publishImage")
    publish = publish or _assigned(block, "publish") or _assigned(block, "isPublish")
    return boot_image(call, publish, image or _assigned(block, "imageName") or None)


def _block(text: str, name: str) -> str:
    """What stands between the braces behind a name (`jib { … }`, `tasks.named("bootBuildImage") { … }`)."""
    found = re.search(rf"\b{name}\b[\"')]*\s*\{{", text)
    if found is None:
        return ""
    depth, end = 1, found.end()
    for end in range(found.end(), min(len(text), found.end() + MAX_BLOCK)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            break
    return text[found.end() : end]


def _assigned(block: str, name: str) -> str:
    """A text or word that is assigned to a property: `name = "x"`, `name.set("x")`, `name 'x'`."""
    found = re.search(rf"\b{name}\s*(?:=|\.set\(|\s)\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|(true|false)\b)", block)
    return (found[1] or found[2] or found[3] or "") if found is not None else ""
