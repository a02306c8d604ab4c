"""The common model of build configuration, filled by one module per CI system."""

from __future__ import annotations

from enum import StrEnum

from slsacheck.model.places import Place
from slsacheck.record import record

__all__ = ["Input", "Job", "Permissions", "Pin", "Pipeline", "Reference", "Runner", "RunnerKind", "Step", "Trigger"]


class Pin(StrEnum):
    """How a reference names what it uses; offline a tag and a branch are told apart by their shape."""

    SHA = "by_sha"
    TAG = "by_tag"
    BRANCH_OR_OTHER = "by_branch_or_other"
    DOCKER_TAG = "docker_tag"
    DYNAMIC = "dynamic"
    LOCAL = "local"
    SAME_REPOSITORY = "same_repository"


class RunnerKind(StrEnum):
    """Whose machine a job runs on, as far as its label tells."""

    HOSTED = "hosted"
    LARGER = "larger"
    THIRD_PARTY = "third-party"
    SELF_HOSTED = "self-hosted"
    UNKNOWN = "unknown"


@record
class Reference:
    """Something used by name: an action, a reusable workflow, an orb, a template, an include, a container image.

    `name` is `owner/repository` (or the image), `path` what follows it, `ref` what stands behind `@` or `:`.
    `own` tells that the repository names itself in full.
    """

    raw: str
    kind: str
    name: str
    ref: str
    pin: Pin
    at: Place
    path: str = ""
    comment: str = ""
    own: bool = False


@record
class Input:
    """A named value handed over (`with:`, `env:`, `variables:`), as written; expressions stay literal.

    `at` is where the value stands, `text_line` the line on which its text begins (below the `|` of a block).
    """

    name: str
    value: str
    at: Place
    text_line: int | None = None


@record
class Permissions:
    """What a job's token may do: (scope, access) pairs; `declared` is False where the file says nothing."""

    declared: bool = False
    scopes: tuple[tuple[str, str], ...] = ()
    at: Place | None = None

    def access(self, scope: str) -> str | None:
        """`read`, `write` or `none` for a scope; `*` stands for all; None where nothing is said."""
        table = dict(self.scopes)
        return table.get(scope, table.get("*", "none" if self.declared else None))


@record
class Runner:
    """The machine that a job asks for; of several (a matrix, an expression) the least known one.

    `labels` are all of them. `resolved` is False where an expression could not be read to its end.
    """

    label: str
    kind: RunnerKind
    at: Place
    labels: tuple[str, ...] = ()
    resolved: bool = True

    @property
    def hosted(self) -> bool:
        """Whether the CI platform itself runs the machine and throws it away after the job."""
        return self.kind in (RunnerKind.HOSTED, RunnerKind.LARGER)


@record
class Step:
    """One step of a job: something used by reference, or a script; `script_line` is the line its text begins on.

    `image` is the container that the step runs in, where a step has one of its own.
    """

    at: Place
    id: str = ""
    name: str = ""
    uses: Reference | None = None
    script: str | None = None
    script_line: int | None = None
    shell: str = ""
    inputs: tuple[Input, ...] = ()
    env: tuple[Input, ...] = ()
    condition: str = ""
    directory: str = ""
    image: Reference | None = None

    def input(self, name: str) -> Input | None:
        """The input of that name, whatever its case."""
        return next((item for item in self.inputs if item.name.lower() == name.lower()), None)


@record
class Job:
    """One job: where it runs, what it needs, what it may do, and its steps or the reusable workflow that it calls.

    `matrix` gives each axis with its values; the axis `platform.runner` holds what `matrix.platform.runner` may be, and
    `*` the expression of a matrix that is made at run time. `includes` are the rows of the matrix that are written out.
    `live` is False for a job that is switched off. `privileged` are the places that give a container of the job all
    rights on its machine.
    """

    id: str
    at: Place
    name: str = ""
    runner: Runner | None = None
    image: Reference | None = None
    services: tuple[Reference, ...] = ()
    uses: Reference | None = None
    inputs: tuple[Input, ...] = ()
    needs: tuple[str, ...] = ()
    permissions: Permissions = Permissions()
    secrets: tuple[Input, ...] = ()
    inherits_secrets: bool = False
    environment: str = ""
    condition: str = ""
    env: tuple[Input, ...] = ()
    outputs: tuple[Input, ...] = ()
    matrix: tuple[tuple[str, tuple[str, ...]], ...] = ()
    steps: tuple[Step, ...] = ()
    includes: tuple[tuple[tuple[str, str], ...], ...] = ()
    volumes: tuple[str, ...] = ()
    artifacts: tuple[Input, ...] = ()
    options: tuple[Input, ...] = ()
    rules: tuple[str, ...] = ()
    stage: str = ""
    live: bool = True
    privileged: tuple[Place, ...] = ()

    def option(self, name: str) -> Input | None:
        """The option of that name; options are what one CI system has and the common model has not."""
        return next((item for item in self.options if item.name == name), None)


@record
class Trigger:
    """An event that starts a pipeline, with its filters.

    `inputs` are the names of what a caller may hand over, `defaults` what holds where it does not.
    """

    event: str
    at: Place
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    defaults: tuple[Input, ...] = ()


@record
class Pipeline:
    """One build configuration file (with what it includes from the same repository), in the common model.

    `live` is False for a dead or decoy configuration. `includes` are the files and components it takes in.
    `external` names what it takes from elsewhere and what
    could therefore not be read; `problems` are sentences about parts that were left out.
    """

    system: str
    path: str
    at: Place
    name: str = ""
    triggers: tuple[Trigger, ...] = ()
    permissions: Permissions = Permissions()
    env: tuple[Input, ...] = ()
    jobs: tuple[Job, ...] = ()
    reusable: bool = False
    live: bool = True
    external: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    outputs: tuple[Input, ...] = ()
    options: tuple[Input, ...] = ()
    includes: tuple[Reference, ...] = ()

    def option(self, name: str) -> Input | None:
        """The option of that name: what one CI system has and the common model has not."""
        return next((item for item in self.options if item.name == name), None)

    def trigger(self, event: str) -> Trigger | None:
        """The trigger of that event."""
        return next((trigger for trigger in self.triggers if trigger.event == event), None)

    def job(self, name: str) -> Job | None:
        """The job of that id."""
        return next((job for job in self.jobs if job.id == name), None)

    def permissions_of(self, job: Job) -> Permissions:
        """What the token of a job may do: what the job says, else what the whole file says."""
        return job.permissions if job.permissions.declared else self.permissions
