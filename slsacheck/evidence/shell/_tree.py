"""Commands out of the syntax tree of tree-sitter-bash."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from slsacheck.evidence.shell._lines import read_lines
from slsacheck.evidence.shell._model import MAX_COMMANDS, MAX_NESTING, Command
from slsacheck.evidence.shell._words import Words, text_of
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["read_tree"]

_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*):?=([^${}`\"'()]*)\}")
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
_QUIET = {"comment", "heredoc_body", "heredoc_start", "heredoc_end"}
_STRANGE = {"word", "concatenation", "string", "raw_string", "simple_expansion", "expansion", "number"}
_TESTS = {"test_command", "negated_command"}


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


@record
class _Where:
    """What surrounds a node."""

    guards: tuple[str, ...] = ()
    function: str = ""
    scope: tuple[int, ...] = ()
    conditional: bool = False
    depth: int = 0
    pipe: int = 0
    stage: int = 0

    def under(self, guard: str) -> _Where:
        short = " ".join(guard.split())[:_MAX_GUARD]
        return replace(self, guards=(*self.guards, short), conditional=True)


def read_tree(shield: Shield, first_line: int, variables: Variables) -> list[Command]:
    """The commands of a script whose expressions are shielded."""
    source = shield.text.encode("utf-8", "replace")
    walk = _Walk(shield, first_line, variables)
    walk.visit(_parser().parse(source).root_node, _Where())
    walk.uncalled()
    return walk.found


class _Walk:
    """Collects commands in the order of the text."""

    def __init__(self, shield: Shield, first_line: int, variables: Variables) -> None:
        self.found: list[Command] = []
        self._shield = shield
        self._first = first_line
        self._variables = variables
        self._numbers = 0
        self._functions: dict[str, Node] = {}
        self._called: set[str] = set()
        self._active: list[str] = []
        self._calls = 0
        self._handlers = {
            "command": self._command, "declaration_command": self._command, "variable_assignment": self._bare,
            "variable_assignments": self._children, "redirected_statement": self._redirected, "list": self._list,
            "pipeline": self._pipeline, "if_statement": self._if, "for_statement": self._for,
            "c_style_for_statement": self._loop, "while_statement": self._loop, "case_statement": self._case,
            "function_definition": self._function, "subshell": self._subshell, "ERROR": self._error,
        }  # fmt: skip

    def visit(self, node: Node, where: _Where) -> None:
        if where.depth > MAX_NESTING or len(self.found) >= MAX_COMMANDS or node.type in _QUIET:
            return
        deeper = replace(where, depth=where.depth + 1)
        self._handlers.get(node.type, self._children)(node, deeper)

    def _children(self, node: Node, where: _Where) -> None:
        for child in node.named_children:
            self.visit(child, where)

    def _line(self, node: Node) -> int:
        return self._first + self._shield.line(node.start_point[0])

    def _substitutions(self, node: Node, where: _Where) -> None:
        """The commands inside `$(…)` and `<(…)` of a word."""
        if b"(" not in (node.text or b"") and b"`" not in (node.text or b""):
            return
        for child in node.named_children:
            if child.type in _SUBSTITUTIONS:
                self.visit(child, replace(where, pipe=0, stage=0))
            elif child.type in _COMPOUND and where.depth <= MAX_NESTING:
                self._substitutions(child, replace(where, depth=where.depth + 1))

    def _bare(self, node: Node, where: _Where) -> None:
        self._substitutions(node, where)
        pair = self._assign(node, where)
        if pair:
            self._add(Command((), self._line(node), assignments=(pair,)), where)

    def _assign(self, node: Node, where: _Where, *, keep: bool = True) -> tuple[str, str] | None:
        """Notes an assignment; gives it back where it is a plain one."""
        name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name_node is None:
            return None
        name, adds = text_of(name_node), any(child.type == "+=" for child in node.children)
        words = Words(self._variables, self._shield)
        if value is not None and value.type == "array":
            held = [word for child in value.named_children for word in words.of(child)]
            self._variables.fill(name, held, add=adds, conditional=where.conditional)
            return name, " ".join(word for word, _ in held)
        text = self._shield.restore(words.one(value)) if value is not None else ""
        told = value is None or not any(child in text for child in ("$(", "`"))
        if keep:
            note = self._variables.append if adds and told else self._variables.assign
            note(name, text if told else None, conditional=where.conditional)  # type: ignore[arg-type]
        return name, text

    def _command(self, node: Node, where: _Where) -> None:
        self._substitutions(node, where)
        words = Words(self._variables, self._shield)
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
                    (name, tuple(map(self._shield.restore, values))) for name, values in words.choices.items()
                ),
            ),
            where,
        )
        if held and held[0][0] == ":":
            self._defaults(text_of(node), where)
        if held and held[0][0] in self._functions:
            self._call(held[0][0], [(word, doubt) for word, doubt, _ in held[1:]], where)

    def _defaults(self, text: str, where: _Where) -> None:
        """`: "${NAME:=value}"` gives a variable its value where it has none."""
        for match in _DEFAULT.finditer(text):
            if not self._variables.values(match[1]):
                self._variables.assign(match[1], match[2], conditional=where.conditional)

    def _call(self, name: str, arguments: list[tuple[str, bool]], where: _Where) -> None:
        """Reads the body of a function where it is called, with its arguments."""
        self._called.add(name)
        self._calls += 1
        body = self._functions[name].child_by_field_name("body")
        if body is None or name in self._active or len(self._active) >= _MAX_CALLS_DEEP or self._calls > _MAX_CALLS:
            return
        before = self._variables.hand_over(arguments)
        self._active.append(name)
        self.visit(body, replace(where, pipe=0, stage=0))
        self._active.pop()
        self._variables.take_back(before)

    def uncalled(self) -> None:
        """Reads the functions that nothing in the text calls: another script, or a name in a variable, may."""
        for name in [name for name in self._functions if name not in self._called]:
            body = self._functions[name].child_by_field_name("body")
            if body is not None and name not in self._called:
                before = self._variables.hand_over(None)
                self._active.append(name)
                self.visit(body, _Where(function=name, conditional=True))
                self._active.pop()
                self._variables.take_back(before)

    def _add(self, command: Command, where: _Where) -> None:
        if not where.pipe:
            self._numbers += 1
        self.found.append(
            replace(
                command,
                pipe=where.pipe or self._numbers,
                stage=where.stage,
                guards=where.guards,
                function=where.function,
                scope=where.scope,
            )
        )

    def _redirect(self, node: Node, words: Words) -> list[tuple[str, str]]:
        target = node.named_children[-1] if node.named_children else None
        operator = next((child.type for child in node.children if not child.is_named), ">")
        return [(operator, self._shield.restore(words.one(target)))] if target is not None else []

    def _redirected(self, node: Node, where: _Where) -> None:
        before = len(self.found)
        heredoc: Node | None = None
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                heredoc = child
            elif child.type not in ("file_redirect", "herestring_redirect"):
                self.visit(child, where)
        words = Words(self._variables, self._shield)
        extra = [
            pair
            for child in node.named_children
            if child.type == "file_redirect"
            for pair in self._redirect(child, words)
        ]
        for child in node.named_children:
            if child.type in ("file_redirect", "herestring_redirect"):
                self._substitutions(child, where)
        if len(self.found) > before:
            last = self.found[-1]
            self.found[-1] = replace(last, redirects=(*last.redirects, *extra))
        if heredoc is not None:
            self._heredoc(heredoc, where, before)

    def _heredoc(self, node: Node, where: _Where, before: int) -> None:
        """Keeps the text of a heredoc with its command, never as commands, and reads what follows on its line."""
        body = next((child for child in node.named_children if child.type == "heredoc_body"), None)
        if len(self.found) > before:
            last = self.found[-1]
            words = Words(self._variables, self._shield)
            files = [
                pair
                for child in node.named_children
                if child.type == "file_redirect"
                for pair in self._redirect(child, words)
            ]
            stdin = self._shield.restore(text_of(body)) if body is not None else ""
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

    def _list(self, node: Node, where: _Where) -> None:
        """`a && b || c`, which the grammar nests to the left."""
        chain: list[tuple[str, Node]] = []
        current = node
        while current.type == "list" and current.named_child_count:
            operator = next((child.type for child in current.children if child.type in ("&&", "||")), "")
            chain.append((operator, current.named_children[-1]))
            current = current.named_children[0]
        self.visit(current, where)
        previous = current
        for operator, part in reversed(chain):
            tested = previous.type in _TESTS
            guard = text_of(previous) if operator == "&&" else f"not ({text_of(previous)})"
            self.visit(part, where.under(guard) if tested else where)
            previous = part if part.type in _TESTS or not tested else previous

    def _pipeline(self, node: Node, where: _Where) -> None:
        parts = [child for child in node.named_children if child.type not in _QUIET]
        self._numbers += 0 if where.pipe else 1
        pipe, first = where.pipe or self._numbers, where.stage
        for position, part in enumerate(parts):
            self.visit(part, replace(where, pipe=pipe, stage=first + position))

    def _if(self, node: Node, where: _Where) -> None:
        where = replace(where, pipe=0, stage=0)
        condition, negated, body = "", "", False
        for child in node.children:
            if child.type == "then":
                body = True
            elif child.type in ("elif_clause", "else_clause"):
                inner = where.under(f"not ({negated})")
                (self._if if child.type == "elif_clause" else self._children)(child, inner)
            elif child.is_named and body:
                self.visit(child, where.under(condition))
            elif child.is_named:
                condition = f"{condition}; {text_of(child)}" if condition else text_of(child)
                negated = condition = self._shield.restore(condition)
                self.visit(child, where)

    def _for(self, node: Node, where: _Where) -> None:
        words = Words(self._variables, self._shield)
        name = node.child_by_field_name("variable")
        values = [word for child in node.children_by_field_name("value") for word, _ in words.of(child)]
        self._substitutions(node, where)
        if name is not None:
            told = not any("$" in value or "`" in value or "*" in value for value in values)
            self._variables.one_of(text_of(name), [value for value in values if told])
        self._loop(node, where)

    def _loop(self, node: Node, where: _Where) -> None:
        inner = replace(where, pipe=0, stage=0, conditional=True)
        for child in node.named_children:
            if child.type not in _STRANGE:
                self.visit(child, inner)

    def _case(self, node: Node, where: _Where) -> None:
        value = node.child_by_field_name("value")
        subject = self._shield.restore(text_of(value)) if value is not None else ""
        for item in node.named_children:
            if item.type != "case_item":
                continue
            patterns = item.children_by_field_name("value")
            guard = f"{subject} in {'|'.join(self._shield.restore(text_of(pattern)) for pattern in patterns)}"
            inner = replace(where.under(guard), pipe=0, stage=0)
            for child in item.named_children:
                if child not in patterns:
                    self.visit(child, inner)

    def _function(self, node: Node, where: _Where) -> None:
        name = node.child_by_field_name("name")
        if name is not None and where.depth <= MAX_NESTING:
            self._functions[text_of(name)] = node

    def _subshell(self, node: Node, where: _Where) -> None:
        self._numbers += 1
        self._children(node, replace(where, scope=(*where.scope, self._numbers), pipe=0, stage=0))

    def _error(self, node: Node, where: _Where) -> None:
        """What the grammar gave up on is read line by line, so that nothing hides behind a broken quote."""
        budget = MAX_COMMANDS - len(self.found)
        for command in read_lines(text_of(node), self._shield, self._first, node.start_point[0])[:budget]:
            self._add(replace(command, pipe=0), where)
