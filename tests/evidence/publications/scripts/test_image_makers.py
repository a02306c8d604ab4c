"""Images that build files name: Jib, Spring Boot's Buildpacks, Packer, Dagger, Nix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from slsacheck.evidence.publications.acts import Act, ActKind

Read = Callable[..., list[Act]]

JIB = """\
<project>
  <parent><artifactId>parent</artifactId><version>9</version></parent>
  <artifactId>widget</artifactId>
  <properties><registry>ghcr.io/acme</registry></properties>
  <build><plugins><plugin>
    <artifactId>jib-maven-plugin</artifactId>
    <configuration>
      <from><image>eclipse-temurin:21</image></from>
      <to><image>${registry}/${project.artifactId}</image></to>
    </configuration>
    EXECUTIONS
  </plugin></plugins></build>
</project>
"""
BOUND = "<executions><execution><phase>PHASE</phase><goals><goal>build</goal></goals></execution></executions>"
MODULES = "<project><modules><module>app</module><module>gone</module></modules></project>"
BOOT = """\
<project><build><plugins><plugin>
  <artifactId>spring-boot-maven-plugin</artifactId>
  <configuration><image><name>ghcr.io/acme/widget:${project.version}</name><publish>PUBLISH</publish></image></configuration>
</plugin></plugins></build></project>
"""
JIB_GRADLE = "jib {\n  from { image = 'eclipse-temurin:21' }\n  to {\n    image = 'ghcr.io/acme/widget'\n    tags = ['x']\n  }\n}\n"
JIB_KTS = 'jib {\n    to {\n        image = "ghcr.io/acme/widget"\n    }\n}\n'
BOOT_KTS = 'tasks.named<BootBuildImage>("bootBuildImage") {\n    imageName.set("ghcr.io/acme/widget")\n    publish.set(true)\n}\n'
PACKER = """\
source "docker" "app" { image = "debian:12" }
build {
  sources = ["source.docker.app"]
  post-processors {
    post-processor "docker-tag" {
      repository = "ghcr.io/acme/widget"
      tags       = ["1"]
    }
    PUSH
  }
}
"""
PUSH = 'post-processor "docker-push" {}'

SKAFFOLD = """\
apiVersion: skaffold/v4beta1
kind: Config
requires: [{path: app}, {path: ./gone.yaml}]
build:
  artifacts:
    - image: web
      context: web
      docker: {dockerfile: prod.Dockerfile, target: prod}
---
apiVersion: skaffold/v4beta1
kind: Config
requires: [{path: skaffold.yaml}]
"""
SKAFFOLD_APP = "build:\n  artifacts:\n    - image: app\n      jib: {project: app}\n    - image: tool\n      ko: {}\n"

IMAGES: list[tuple[str, str, Mapping[str, str], list[tuple[ActKind, str | None, str]]]] = [
    ("jib of a pom", "mvn -B compile jib:build", {"pom.xml": JIB}, [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")]),
    (
        "the command line comes first",
        "./mvnw compile com.google.cloud.tools:jib-maven-plugin:3.4.0:build -Dimage=quay.io/acme/other",
        {"pom.xml": JIB},
        [(ActKind.PUBLISH, "quay.io/acme/other", "jib")],
    ),
    (
        "jib of a module",
        "mvn jib:build",
        {"pom.xml": MODULES, "app/pom.xml": JIB},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")],
    ),
    (
        "jib of a project",
        "mvn -pl app jib:build",
        {"app/pom.xml": JIB},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")],
    ),
    ("jib without a name", "mvn jib:build", {}, [(ActKind.PUBLISH, None, "jib")]),
    ("jib into docker", "mvn jib:dockerBuild", {"pom.xml": JIB}, [(ActKind.BUILD, "ghcr.io/acme/widget", "jib")]),
    (
        "bound to package",
        "mvn verify",
        {"pom.xml": JIB.replace("EXECUTIONS", BOUND.replace("PHASE", "package"))},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")],
    ),
    (
        "bound to a later phase",
        "mvn verify",
        {"pom.xml": JIB.replace("EXECUTIONS", BOUND.replace("PHASE", "deploy"))},
        [],
    ),
    (
        "skipped",
        "mvn verify -Djib.skip=true",
        {"pom.xml": JIB.replace("EXECUTIONS", BOUND.replace("PHASE", "package"))},
        [],
    ),
    ("not bound", "mvn verify", {"pom.xml": JIB}, []),
    (
        "boot, published by the pom",
        "mvn spring-boot:build-image",
        {"pom.xml": BOOT.replace("PUBLISH", "true")},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "buildpacks")],
    ),
    (
        "boot, kept",
        "mvn spring-boot:build-image",
        {"pom.xml": BOOT.replace("PUBLISH", "false")},
        [(ActKind.BUILD, "ghcr.io/acme/widget:${project.version}", "buildpacks")],
    ),
    ("gradle jib", "./gradlew jib", {"build.gradle": JIB_GRADLE}, [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")]),
    (
        "kotlin jib",
        "./gradlew :app:jib",
        {"app/build.gradle.kts": JIB_KTS},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "jib")],
    ),
    (
        "gradle jib into docker",
        "gradle jibDockerBuild",
        {"build.gradle": JIB_GRADLE},
        [(ActKind.BUILD, "ghcr.io/acme/widget", "jib")],
    ),
    (
        "gradle boot",
        "./gradlew bootBuildImage",
        {"build.gradle.kts": BOOT_KTS},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "buildpacks")],
    ),
    (
        "gradle boot asked to publish",
        "./gradlew bootBuildImage --imageName=ghcr.io/acme/widget --publishImage",
        {},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "buildpacks")],
    ),
    (
        "packer",
        "packer build .",
        {"a.pkr.hcl": PACKER.replace("PUSH", PUSH)},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "packer")],
    ),
    ("packer without push", "packer build a.pkr.hcl", {"a.pkr.hcl": PACKER}, [(ActKind.BUILD, None, "packer")]),
    (
        "packer with the push switched off",
        "packer build .",
        {"a.pkr.hcl": PACKER.replace("PUSH", f"# {PUSH}")},
        [(ActKind.BUILD, None, "packer")],
    ),
    ("packer of a machine", "packer build .", {"a.pkr.hcl": 'source "qemu" "x" {}\n'}, []),
    (
        "dagger",
        "dagger call build publish --address=ghcr.io/acme/widget:1",
        {},
        [(ActKind.PUBLISH, "ghcr.io/acme/widget", "dagger")],
    ),
    ("dagger, by its function", "dagger -m ci call publish-image --tag 1", {}, [(ActKind.PUBLISH, None, "dagger")]),
    ("dagger, for something else", "dagger call publish --token env:T", {}, []),
    ("nix", "nix build .#dockerImage", {}, [(ActKind.BUILD, None, "nix")]),
    ("nix-build", "nix-build docker.nix", {}, [(ActKind.BUILD, None, "nix")]),
    ("nix, a program", "nix build .#widget", {}, []),
]


@pytest.mark.parametrize(("script", "files", "wanted"), [case[1:] for case in IMAGES], ids=[case[0] for case in IMAGES])
def test_images_that_build_files_name(
    read: Read, script: str, files: Mapping[str, str], wanted: list[tuple[ActKind, str | None, str]]
) -> None:
    found = [act for act in read(script, files) if act.type == "container-image"]
    assert [(act.kind, act.name, act.fact("made-by")) for act in found] == wanted
    assert all(act.provenance in (None, "no", "unknown") for act in found)
    assert all(act.external for act in found if act.fact("made-by") == "dagger")


def test_the_dockerfile_that_skaffold_names(read: Read) -> None:
    files = {"skaffold.yaml": SKAFFOLD, "web/prod.Dockerfile": "FROM a\n"}
    (act,) = read("skaffold build -d ghcr.io/acme", files)
    assert (act.fact("dockerfile"), act.fact("stage"), act.at.path, act.at.line) == (
        "web/prod.Dockerfile",
        "prod",
        "skaffold.yaml",
        6,
    )
