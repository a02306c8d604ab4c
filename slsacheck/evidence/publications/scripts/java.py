"""Maven, Gradle, sbt and JReleaser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import false_word, joined_path, option_names, unresolved
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_MAVEN_VALUES = option_names(
    "-f --file -P --activate-profiles -s --settings -pl --projects -T --threads -rf --resume-from -gs "
    "--global-settings -l --log-file -t"
)
_GRADLE_VALUES = option_names(
    "-p --project-dir -b --build-file -I --init-script -x --exclude-task --max-workers -c --settings-file -g "
    "--gradle-user-home --console --imageName --imagePlatform --builder --runImage --image --applicationDirectory "
    "--cleanCache= --createdDate"
)
_CENTRAL = regex(r"sonatype|mavencentral|central", re.IGNORECASE)
_GITHUB = regex(r"githubpackages|github", re.IGNORECASE)
_RELEASES = regex(r"^(closeAndRelease|release)\w*(Repository|Repositories)$|^uploadArchives$|^bintrayUpload$")
_PORTAL = "publishPlugins"
_FOLDER = regex(r"To(?:\w*Local|Build(?:Dir|Directory)?|Temp)(?:Repository)?$")
"""Repositories that Gradle builds make in a folder of their own: only what they are called is known here."""
_DEPLOYS = regex(
    r"^(deploy|[\w.-]*maven-deploy-plugin[:\w.-]*:deploy(-file)?|release:perform|nexus-staging:(release|deploy)|central-publishing:publish|deploy:deploy(-file)?)$"
)
_JIB = regex(r"^(?:[\w.-]*:)?(?:jib-maven-plugin[:\w.-]*:|jib:)(build|dockerBuild|buildTar)$")
_REPOSITORY = regex(r"<(?:snapshotRepository|repository)>.{0,2000}?<url>\s*([^<]{1,500}?)\s*</url>", re.DOTALL)


def _properties(call: Call) -> dict[str, str]:
    """`-Dname=value` and `-Pname=value` words."""
    pairs = (word[2:].partition("=") for word in call.argv[1:] if re.match(r"^-[DP][\w.]", word))
    return {name: value or "true" for name, _, value in pairs}


def _maven(call: Call) -> list[Act]:
    options, properties = call.options(1, _MAVEN_VALUES), _properties(call)
    goals = [word.split("@")[0] for word in options.words]
    if not false_word(properties.get("dryRun", "false")) or not false_word(
        properties.get("maven.deploy.skip", "false")
    ):
        return []
    poms = [name if name.endswith(".xml") else f"{name}/pom.xml" for name in options.values("-f", "--file")]
    poms += [f"{name}/pom.xml" for value in options.values("-pl", "--projects") for name in value.split(",")]
    found: list[Act] = []
    for goal in goals:
        found += _maven_goal(call, goal, properties, poms, first=not found)
    return list(dict.fromkeys(found))


def _maven_goal(call: Call, goal: str, properties: dict[str, str], poms: list[str], *, first: bool) -> list[Act]:
    from slsacheck.evidence.publications.scripts._javaimages import bound_images, maven_boot_image, maven_image

    jib = _JIB.match(goal)
    if jib is not None:
        return maven_image(call, jib[1], properties, poms)
    if goal in ("spring-boot:build-image", "spring-boot:build-image-no-fork"):
        return maven_boot_image(call, properties, poms)
    if _DEPLOYS.match(goal):
        return [_deployed(call, properties), *bound_images(call, goal, properties, poms)]
    if goal in ("package", "verify", "install"):
        made = bound_images(call, goal, properties, poms)
        return [call.act(ActKind.BUILD, type="maven-artifact", what=("target/*.jar",)), *made] if first else made
    return []


def _deployed(call: Call, properties: dict[str, str]) -> Act:
    stated = (
        properties.get("altDeploymentRepository")
        or properties.get("altReleaseDeploymentRepository")
        or properties.get("url")
        or ""
    )
    channel = _channel_of(stated.rpartition("::")[2] or stated) if stated else _in_pom(call)
    return call.act(ActKind.PUBLISH, type="maven-artifact", channel=channel, provenance="no", builds="yes")


def _channel_of(url: str) -> str | None:
    if _CENTRAL.search(url):
        return "maven-central"
    host = urlsplit(url).hostname if "://" in url else None
    return host if host and not unresolved(host) else None


def _in_pom(call: Call) -> str:
    """Where distributionManagement of the pom points to; Maven Central where it names nothing else."""
    path = joined_path(call.context.directory, "pom.xml")
    if call.context.tree.exists(path):
        try:
            text = call.context.tree.text(path)
        except SlsacheckError:
            return "maven-central"
        start = text.find("<distributionManagement>")
        found = _REPOSITORY.search(text, start, start + 5_000) if start >= 0 else None
        if found is not None:
            return _channel_of(found[1]) or "maven-central"
    return "maven-central"


def _gradle(call: Call) -> list[Act]:
    options, properties = call.options(1, _GRADLE_VALUES), _properties(call)
    if options.on("--dry-run", "-m"):
        return []
    found: list[Act] = []
    for word in options.words:
        task = word.rpartition(":")[2]
        found += _gradle_task(call, word, task, properties, options.value("--imageName", "--image"))
    return list(dict.fromkeys(found))


def _gradle_task(call: Call, word: str, task: str, properties: dict[str, str], image: str | None) -> list[Act]:
    if task in ("jib", "jibDockerBuild", "jibBuildTar", "bootBuildImage"):
        from slsacheck.evidence.publications.scripts._javaimages import gradle_image

        return gradle_image(call, task, word.rpartition(":")[0], properties, image)
    if task.startswith("jreleaser"):
        return _jreleaser_step(call, task.removeprefix("jreleaser").lower())
    if re.match(r"^dockerPush|^dockerBuildAndPush", task):
        return [call.act(ActKind.PUBLISH, type="container-image", builds="yes")]
    if task in ("assemble", "build", "jar", "shadowJar", "bootJar", "distZip", "distTar", "installDist"):
        return [call.act(ActKind.BUILD, type="maven-artifact", what=("build/libs/*.jar", "build/distributions/*"))]
    channel = _gradle_channel(task)
    return [call.publish("maven-artifact", channel or None, builds="yes")] if channel is not None else []


def _gradle_channel(task: str) -> str | None:
    """Where a task publishes to, `""` where only the build file tells; None for a task that publishes nothing."""
    if task == _PORTAL:
        return "plugins.gradle.org"
    if _RELEASES.match(task) or task == "publish":
        return "maven-central"
    if not task.startswith("publish") or _FOLDER.search(task):
        return None
    return "maven-central" if _CENTRAL.search(task) else "maven.pkg.github.com" if _GITHUB.search(task) else ""


def _sbt(call: Call) -> list[Act]:
    words = [word for text in call.argv[1:] for word in re.split(r"[;\s]+", text)]
    if any(
        word.rpartition("/")[2]
        in ("publishSigned", "publish", "sonatypeBundleRelease", "ci-release", "sonatypeRelease")
        or word == "release"
        for word in words
    ):
        return [call.publish("maven-artifact", "maven-central", builds="yes")]
    if any(word.rpartition(":")[2] == "publish" and "docker" in word.lower() for word in words):
        return [call.act(ActKind.PUBLISH, type="container-image", provenance="no", builds="yes")]
    return []


def _jreleaser(call: Call) -> list[Act]:
    if "--dry-run" in call.argv:
        return []
    return _jreleaser_step(call, call.word(1).replace("-", ""))


def _jreleaser_step(call: Call, step: str) -> list[Act]:
    """JReleaser: a release on the forge, deployment to a Maven repository, as far as jreleaser.yml tells."""
    from slsacheck.evidence.publications.scripts._jreleaser import acts_of_jreleaser

    return acts_of_jreleaser(call, step)


def _mill(call: Call) -> list[Act]:
    publishes = any("publish" in word.lower() and "local" not in word.lower() for word in call.argv[1:])
    return [call.publish("maven-artifact", "maven-central", builds="yes")] if publishes else []


def _lein(call: Call) -> list[Act]:
    return [call.publish("maven-artifact", "clojars.org", builds="yes")] if "deploy" in call.argv[1:] else []


READERS = {
    **dict.fromkeys(("mvn", "mvnw"), _maven),
    **dict.fromkeys(("gradle", "gradlew"), _gradle),
    "sbt": _sbt,
    "jreleaser": _jreleaser,
    "mill": _mill,
    "lein": _lein,
}
