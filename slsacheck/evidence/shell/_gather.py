"""Collects the commands of a syntax tree: their words, assignments, redirections and heredocs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.shell._lines import read_lines
from slsacheck.evidence.shell._model import MAX_COMMANDS, MAX_NESTING, Command
from slsacheck.evidence.shell._options import called
from slsacheck.evidence.shell._words import Words, text_of
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["QUIET", "Gatherer", "Where"]

_DEFAULT = regex(r"\$\{([A-Za-z_]\w*):?=([^${}`\"'()]*)\}")
_READ = regex(r"^while\s+(?:IFS=\S*\s+)?read\s+(?:-\w+\s+)*([A-Za-z_]\w*)\s*(?:;|\n)")
_SETTINGS = regex(r"set(?: [-+][A-Za-z]+(?<!o)| [-+][A-Za-z]*o [a-z]+)+")
"""`set` with options of the shell alone, which leaves the words that the script was given."""
_MAX_CALLS = 200
"""Calls of a script's own functions that are followed; the busiest release script seen makes 30."""
_MAX_CALLS_DEEP = 8
"""Functions that call functions; people go 4 deep."""
_MAX_GUARD = 200  # characters of a condition that are kept; it is shown, not judged
_SUBSTITUTIONS = {"command_substitution", "process_substitution"}
_COMPOUND = {
    "string", "concatenation", "expansion", "array", "word", "variable_assignment", "binary_expression",
    "unary_expression", "parenthesized_expression", "arithmetic_expansion", "command_name", "translated_string",
    "herestring_redirect", "file_redirect", "test_command", "subscript", "negation_expression", "ternary_expression",
}  # fmt: skip
QUIET = {"comment", "heredoc_body", "heredoc_start", "heredoc_end"}


@record
class Where:
    """What surrounds a node; `looped` within a loop, `around` where that loop or what it holds may not be reached."""

    guards: tuple[str, ...] = ()
    function: str = ""
    scope: tuple[int, ...] = ()
    conditional: bool = False
    depth: int = 0
    pipe: int = 0
    stage: int = 0
    looped: bool = False
    around: bool = False

    def under(self, guard: str, *, sure: bool = False) -> Where:
        """Behind a condition; `sure` where it is known to hold."""
        short = " ".join(guard.split())[:_MAX_GUARD]
        return replace(
            self, guards=(*self.guards, short), conditional=self.conditional or not sure, around=self.around or not sure
        )


class Gatherer:
    """Collects commands in the order of the text; `handlers` say what to do with other nodes, by type."""

    def __init__(self, shield: Shield, first_line: int, variables: Variables) -> None:
        self.found: list[Command] = []
        self.shield = shield
        self._first = first_line
        self.variables = variables
        self.numbers = 0
        self.functions: dict[str, Node] = {}
        self._called: set[str] = set()
        self._active: list[str] = []
        self._calls = 0
        self.handlers: dict[str, Callable[[Node, Where], None]] = {
            "command": self._command,
            "declaration_command": self._command,
            "variable_assignment": self._bare,
            "redirected_statement": self._redirected,
            "ERROR": self._error,
        }

    def visit(self, node: Node, where: Where) -> None:
        if where.depth > MAX_NESTING or len(self.found) >= MAX_COMMANDS or node.type in QUIET:
            return
        deeper = replace(where, depth=where.depth + 1)
        self.handlers.get(node.type, self.children)(node, deeper)

    def children(self, node: Node, where: Where) -> None:
        for child in node.named_children:
            self.visit(child, where)

    def _line(self, node: Node) -> int:
        return self._first + self.shield.line(node.start_point[0])

    def substitutions(self, node: Node, where: Where) -> None:
        """The commands inside `$(…)` and `<(…)` of a word."""
        if b"(" not in (node.text or b"") and b"`" not in (node.text or b""):
            return
        for child in node.named_children:
            if child.type in _SUBSTITUTIONS:
                self.visit(child, replace(where, pipe=0, stage=0))
            elif child.type in _COMPOUND and where.depth <= MAX_NESTING:
                self.substitutions(child, replace(where, depth=where.depth + 1))

    def _bare(self, node: Node, where: Where) -> None:
        self.substitutions(node, where)
        pair = self._assign(node, where)
        if pair:
            self._add(Command((), self._line(node), assignments=(pair,)), where)

    def _assign(self, node: Node, where: Where, *, keep: bool = True) -> tuple[str, str] | None:
        """Notes an assignment; gives it back where it is a plain one."""
        name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name_node is None:
            return None
        name, adds = text_of(name_node), any(child.type == "+=" for child in node.children)
        words = Words(self.variables, self.shield)
        if value is not None and value.type == "array":
            held = [word for child in value.named_children for word in words.of(child)]
            self.variables.fill(name, held, add=adds, conditional=where.conditional)
            return name, " ".join(word for word, _ in held)
        text = self.shield.restore(words.one(value)) if value is not None else ""
        told = value is None or not any(child in text for child in ("$(", "`"))
        if keep:
            note = self.variables.append if adds and told else self.variables.assign
            note(name, text if told else None, conditional=where.conditional)  # type: ignore[arg-type]
        return name, text

    def _command(self, node: Node, where: Where) -> None:
        self.substitutions(node, where)
        words = Words(self.variables, self.shield)
        held: list[tuple[str, bool, int]] = []
        assignments: list[tuple[str, str]] = []
        redirects: list[tuple[str, str]] = []
        declares = node.type == "declaration_command"
        for child in node.children:
            if child.type == "variable_assignment":
                pair = self._assign(child, where, keep=declares)
                assignments += [pair] if pair else []
            elif child.type in ("file_redirect", "herestring_redirect"):
                redirects += self._redirect(child, words)
            elif child.is_named or declares:
                inner = (
                    child.named_children[0] if child.type == "command_name" and child.named_child_count == 1 else child
                )
                held += [(word, doubt, self._line(child)) for word, doubt in words.of(inner)]
        self._add(
            Command(
                argv=tuple(word for word, _, _ in held),
                line=held[0][2] if held else self._line(node),
                lines=tuple(line for _, _, line in held),
                assignments=tuple(assignments),
                redirects=tuple(redirects),
                uncertain=frozenset(index for index, (_, doubt, _) in enumerate(held) if doubt),
                choices=tuple(
                    (name, tuple(map(self.shield.restore, values))) for name, values in words.choices.items()
                ),
            ),
            where,
        )
        if held and held[0][0] == ":":
            self._defaults(text_of(node), where)
        if held and held[0][0] in ("shift", "set", "eval"):
            self._moved([word for word, _, _ in held], where)
        if held and held[0][0] in self.functions:
            self._call(held[0][0], [(word, doubt) for word, doubt, _ in held[1:]], where)

    def _moved(self, words: list[str], where: Where) -> None:
        """Notes that `shift` takes words away, or that `set -- …` gives others."""
        if words[0] == "shift":
            self.variables.shift(words[1] if len(words) > 1 else "1", conditional=where.conditional)
        elif "set" in words and not _SETTINGS.fullmatch(" ".join(words)):
            self.variables.given = None

    def _defaults(self, text: str, where: Where) -> None:
        """`: "${NAME:=value}"` gives a variable its value where it has none."""
        for match in _DEFAULT.finditer(text):
            if not self.variables.values(match[1]):
                self.variables.assign(match[1], match[2], conditional=where.conditional)

    def _call(self, name: str, arguments: list[tuple[str, bool]], where: Where) -> None:
        """Reads the body of a function where it is called, with its arguments."""
        self._called.add(name)
        self._calls += 1
        body = self.functions[name].child_by_field_name("body")
        if body is None or name in self._active or len(self._active) >= _MAX_CALLS_DEEP or self._calls > _MAX_CALLS:
            return
        before = self.variables.hand_over(arguments)
        self._active.append(name)
        self.visit(body, replace(where, pipe=0, stage=0, looped=False))
        self._active.pop()
        self.variables.take_back(before)

    def skip(self, node: Node) -> None:
        """Passes over what is never done: what is called there only is not called at all."""
        waiting = [node]
        while waiting:
            for name in called(waiting.pop()) & self.functions.keys() - self._called:
                self._called.add(name)
                waiting.append(self.functions[name])

    def uncalled(self) -> None:
        """Reads the functions that nothing in the text calls: another script, or a name in a variable, may."""
        for name in [name for name in self.functions if name not in self._called]:
            body = self.functions[name].child_by_field_name("body")
            if body is not None and name not in self._called:
                before = self.variables.hand_over(None)
                self._active.append(name)
                self.visit(body, Where(function=name, conditional=True))
                self._active.pop()
                self.variables.take_back(before)

    def _add(self, command: Command, where: Where) -> None:
        if not where.pipe:
            self.numbers += 1
        self.found.append(
            replace(
                command,
                pipe=where.pipe or self.numbers,
                stage=where.stage,
                guards=where.guards,
                function=where.function,
                scope=where.scope,
            )
        )

    def _redirect(self, node: Node, words: Words) -> list[tuple[str, str]]:
        target = node.named_children[-1] if node.named_children else None
        operator = next((child.type for child in node.children if not child.is_named), ">")
        return [(operator, self.shield.restore(words.one(target)))] if target is not None else []

    def _redirected(self, node: Node, where: Where) -> None:
        self._fed(node)
        before = len(self.found)
        heredoc: Node | None = None
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                heredoc = child
            elif child.type not in ("file_redirect", "herestring_redirect"):
                self.visit(child, where)
        words = Words(self.variables, self.shield)
        extra = [
            pair
            for child in node.named_children
            if child.type == "file_redirect"
            for pair in self._redirect(child, words)
        ]
        for child in node.named_children:
            if child.type in ("file_redirect", "herestring_redirect"):
                self.substitutions(child, where)
        if len(self.found) > before:
            last = self.found[-1]
            self.found[-1] = replace(last, redirects=(*last.redirects, *extra))
        if heredoc is not None:
            self._heredoc(heredoc, where, before)

    def _fed(self, node: Node) -> None:
        """Notes what `while read NAME` reads, one line after the other, where its input is written there."""
        loop = next((child for child in node.named_children if child.type == "while_statement"), None)
        if loop is None:
            return
        name = _READ.search(text_of(loop)[:_MAX_GUARD])
        words = Words(self.variables, self.shield)
        lines: list[str] = []
        for child in node.named_children:
            inner = next((one for one in child.named_children if one.type == "heredoc_body"), None)
            if child.type == "heredoc_redirect" and inner is not None:
                lines += self.shield.restore(text_of(inner)).split("\n")
            elif child.type == "herestring_redirect" and child.named_children:
                lines += self.shield.restore(words.one(child.named_children[-1])).split()
        known = [line.strip() for line in lines if line.strip()]
        if name is not None and known and not any("$" in line or "`" in line for line in known):
            self.variables.one_of(name[1], known)

    def _heredoc(self, node: Node, where: Where, before: int) -> None:
        """Keeps the text of a heredoc with its command, never as commands, and reads what follows on its line."""
        body = next((child for child in node.named_children if child.type == "heredoc_body"), None)
        if len(self.found) > before:
            last = self.found[-1]
            words = Words(self.variables, self.shield)
            files = [
                pair
                for child in node.named_children
                if child.type == "file_redirect"
                for pair in self._redirect(child, words)
            ]
            stdin = self.shield.restore(text_of(body)) if body is not None else ""
            self.found[-1] = replace(
                last,
                redirects=(*last.redirects, *files),
                stdin=stdin,
                stdin_line=self._line(body) if body is not None else 0,
            )
            where = replace(where, pipe=last.pipe, stage=last.stage + 1)
        for child in node.named_children:
            if child.type in ("pipeline", "list", "command"):
                plain = child.type == "list"
                self.visit(child, replace(where, pipe=0, stage=0) if plain else where)

    def _error(self, node: Node, where: Where) -> None:
        """What the grammar gave up on is read line by line, so that nothing hides behind a broken quote."""
        budget = MAX_COMMANDS - len(self.found)
        for command in read_lines(text_of(node), self.shield, self._first, node.start_point[0])[:budget]:
            self._add(replace(command, pipe=0), where)
