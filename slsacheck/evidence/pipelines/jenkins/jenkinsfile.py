"""A Jenkinsfile as stages with scripts: declarative fully, scripted as far as blocks and `sh` steps tell.

Rules: "Pipeline Syntax" of Jenkins' documentation.
"""

from __future__ import annotations

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.jenkins.groovy import MAX_TOKENS, Token, tokens
from slsacheck.model.pipeline import Input, Job, Reference, Runner, RunnerKind, Step
from slsacheck.model.places import Place
from slsacheck.patterns import regex
from slsacheck.record import field, record

__all__ = ["Jenkinsfile"]

SHELLS = {"sh": "sh", "bat": "bat", "powershell": "powershell", "pwsh": "pwsh"}
AGENTS = frozenset({"agent", "label", "image", "docker", "dockerfile", "node", "nodeWithTimeout", "podTemplate"})
CREDENTIALS = frozenset({"credentials", "credentialsId", "usernamePassword"})
OPEN = {"(": ")", "[": "]", "{": "}"}
ENVIRONMENT = regex(r"\$\{env\.([A-Za-z_]\w*)\}")
"""`${env.NAME}` in a step's text, which Groovy fills in before the shell sees it."""
VARIABLE = regex(r"\$\{(?:env\.)?([A-Za-z_]\w*)\}")
MAX_VALUE = 4_000
"""Characters that a variable's value may grow to."""
MAX_LEVELS = 200
"""Open blocks; deeper ones are read as part of the outer one."""


@record(frozen=False)
class _Stage:
    """A stage while it is read."""

    name: str
    at: Place
    depth: int
    steps: list[Step] = field(default_factory=list)
    secrets: list[Input] = field(default_factory=list)
    env: dict[str, Input] = field(default_factory=dict)
    runner: Runner | None = None
    image: Reference | None = None
    condition: str = ""


class Jenkinsfile:
    """Reads one file: `jobs`, `libraries` (shared libraries) and `calls` (steps that are defined elsewhere)."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        found = list(tokens(text))
        self.cut = len(found) >= MAX_TOKENS
        self.tokens = [token for token in found if token.kind != "newline"]
        self.libraries: dict[str, Reference] = {}
        self.calls: dict[str, Place] = {}
        self.declarative = False
        self.triggered: list[Token] = []
        self.stages: list[_Stage] = []
        self._open: list[_Stage] = []
        self._top: _Stage | None = None
        self._env: dict[str, Input] = {}
        self._depth = 0
        self._pending: list[_Stage] = []
        for index in range(len(self.tokens)):
            self._take(index)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """A job for each stage that runs something, and one for what stands outside of all stages."""
        return tuple(_job(stage, self._env) for stage in self.stages if stage.steps or stage.runner)

    def place(self, token: Token) -> Place:
        """Where a token stands."""
        return Place(path=self.path, line=token.line, column=token.column)

    def _take(self, index: int) -> None:
        token = self.tokens[index]
        if token.text in OPEN and token.kind == "other":
            self._depth += 1
            if token.text == "{":
                self._enter()
        elif token.kind == "other" and token.text in OPEN.values():
            self._depth = max(0, self._depth - 1)
            if token.text == "}":
                while self._open and self._open[-1].depth > self._depth:
                    self._open.pop()
        elif token.kind == "word":
            self._word(index, token)

    def _enter(self) -> None:
        """A block begins; a stage whose head was just read begins with it."""
        if self._pending:
            stage = self._pending.pop()
            stage.depth = self._depth
            if len(self._open) < MAX_LEVELS:
                self._open.append(stage)

    def _word(self, index: int, token: Token) -> None:
        name = token.text
        if name == "stage":
            self._stage(index, token)
        elif name in SHELLS:
            self._script(index, token)
        elif name in AGENTS:
            self._agent(index, token)
        elif name == "environment" and self._next(index) == "{":
            self._environment(index + 2)
        elif name in CREDENTIALS:
            self._secret(index, token)
        elif name in {"@Library", "library"}:
            self._library(index)
        else:
            self._other(index, token)

    def _other(self, index: int, token: Token) -> None:
        if token.text == "pipeline" and self._next(index) == "{":
            self.declarative = True
        elif token.text in {"cron", "pollSCM", "upstream", "githubPush"}:
            self.triggered.append(token)
        elif self._is_call(index, token):
            self.calls.setdefault(token.text, self.place(token))

    def _next(self, index: int) -> str:
        following = self.tokens[index + 1 : index + 2]
        return following[0].text if following and following[0].kind != "string" else ""

    def _environment(self, index: int) -> None:
        """`environment { NAME = 'value' … }` of the pipeline or of a stage; a value that is called for is left out."""
        table = self._open[-1].env if self._open else self._env
        while index + 2 < len(self.tokens) and self.tokens[index].kind == "word":
            name, equals, value = self.tokens[index : index + 3]
            if equals.text != "=":
                return
            index += 3
            if value.kind == "string":
                known = {**self._env, **table}
                table[name.text] = Input(name.text, _filled(value.text, known), self.place(name), value.line)
                continue
            while index < len(self.tokens) and self.tokens[index].line == value.line:
                index += 1

    def _argument(self, index: int, *names: str) -> Token | None:
        """The string behind a step: `sh 'x'`, `sh('x')`, or that of a named argument `sh(script: 'x')`."""
        window = self.tokens[index + 1 : index + 12]
        if window and window[0].text == "(" and window[0].kind == "other":
            window = window[1:]
        if window and window[0].kind == "string":
            return window[0]
        for position in range(len(window) - 2):
            word, colon, value = window[position : position + 3]
            if word.text in names and colon.text == ":" and value.kind == "string":
                return value
            if word.text in {"{", "}"} and word.kind == "other":
                return None
        return None

    def _current(self) -> _Stage:
        """The stage that is open, else the one for what stands outside."""
        if self._open:
            return self._open[-1]
        if self._top is None:
            self._top = _Stage("main", Place(path=self.path, line=1), 0)
            self.stages.append(self._top)
        return self._top

    def _stage(self, index: int, token: Token) -> None:
        name = self._argument(index, "name")
        if name is not None:
            outer = self._open[-1] if self._open else self._top
            stage = _Stage(name.text, self.place(token), 0)
            stage.runner, stage.image = (outer.runner, outer.image) if outer else (None, None)
            stage.env = dict(outer.env) if outer else {}
            self.stages.append(stage)
            self._pending = [stage]

    def _script(self, index: int, token: Token) -> None:
        found = self._argument(index, "script")
        if found is None:
            return
        env = {**self._env, **self._current().env}
        body = ENVIRONMENT.sub(lambda match: f"${{{match[1]}}}" if match[1] in env else match[0], found.text)
        line = found.line
        if body.startswith("\n"):
            body, line = body[1:], line + 1
        stage = self._current()
        stage.steps.append(
            Step(self.place(token), script=body, script_line=line, shell=SHELLS[token.text], image=stage.image)
        )

    def _library(self, index: int) -> None:
        found = self._argument(index, "identifier")
        for token in (
            [found] if found else [item for item in self.tokens[index + 1 : index + 12] if item.kind == "string"]
        ):
            name, _, ref = token.text.partition("@")
            self.libraries[token.text] = Reference(token.text, "library", name, ref, pins.pin(ref), self.place(token))

    def _agent(self, index: int, token: Token) -> None:
        found = self._argument(index, "label", "image")
        stage = self._current()
        if token.text in {"image", "docker"}:
            if found is not None:
                stage.image = pins.image(found.text, self.place(found))
        elif token.text == "agent":
            if self._next(index) == "any":
                stage.runner = Runner("any", RunnerKind.UNKNOWN, self.place(token))
        elif found is not None and token.text != "dockerfile":
            stage.runner = Runner(found.text, RunnerKind.UNKNOWN, self.place(found))

    def _secret(self, index: int, token: Token) -> None:
        found = self._argument(index, "credentialsId")
        following = self.tokens[index + 1 : index + 3]
        if found is None and len(following) > 1 and following[0].text == ":" and following[1].kind == "string":
            found = following[1]
        if found is not None:
            self._current().secrets.append(Input("credentials", found.text, self.place(token), found.line))

    def _is_call(self, index: int, token: Token) -> bool:
        """Whether a word at the beginning of the file's outermost level is called: a step of a shared library."""
        if self._depth or token.text in KEYWORDS:
            return False
        begins = index == 0 or self.tokens[index - 1].line < token.line
        return begins and self._next(index) == "("


KEYWORDS = frozenset(
    {"if", "for", "while", "switch", "catch", "properties", "node", "timestamps", "parallel", "import"}
)


def _filled(text: str, known: dict[str, Input]) -> str:
    """A value with those that stand before it put in; no value grows beyond MAX_VALUE."""
    filled = VARIABLE.sub(lambda match: known[match[1]].value if match[1] in known else match[0], text)
    return filled if len(filled) <= MAX_VALUE else text


def _job(stage: _Stage, env: dict[str, Input]) -> Job:
    return Job(
        id=stage.name,
        at=stage.at,
        name=stage.name,
        runner=stage.runner,
        image=stage.image,
        secrets=tuple(stage.secrets),
        env=tuple({**env, **stage.env}.values()),
        steps=tuple(stage.steps),
        stage=stage.name,
    )
