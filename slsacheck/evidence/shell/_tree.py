"""Commands out of the syntax tree of tree-sitter-bash."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from slsacheck.evidence.shell._gather import QUIET, Gatherer, Where
from slsacheck.evidence.shell._model import MAX_NESTING, Command
from slsacheck.evidence.shell._options import MAYBE, NEVER, arms, assigned, holds
from slsacheck.evidence.shell._words import Words, text_of
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    import re

    from tree_sitter import Node, Parser

    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["read_tree"]

_STRANGE = {"word", "concatenation", "string", "raw_string", "simple_expansion", "expansion", "number"}
_TESTS = {"test_command", "negated_command"}
_NAMED = regex(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-)?\})")
_PLAIN = regex(r"[\w./:=-]*")
_MAX_TAKEN = 8
"""Words of one call that take the same arm of a `case`; people give `--tag` 3 times."""


@cache
def _parser() -> Parser:
    import tree_sitter

    return tree_sitter.Parser(tree_sitter.Language(_grammar()))


def _grammar() -> Any:
    """tree-sitter-bash's grammar from its binding alone: the package imports importlib.resources too, for queries."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    package = PathFinder.find_spec("tree_sitter_bash")
    binding = package and PathFinder.find_spec("tree_sitter_bash._binding", package.submodule_search_locations)
    if not binding or not binding.loader:  # installed in some other way
        import tree_sitter_bash

        return tree_sitter_bash.language()
    module = module_from_spec(binding)
    binding.loader.exec_module(module)
    return module.language()


def read_tree(shield: Shield, first_line: int, variables: Variables) -> list[Command]:
    """The commands of a script whose expressions are shielded."""
    source = shield.text.encode("utf-8", "replace")
    walk = _Walk(shield, first_line, variables)
    walk.visit(_parser().parse(source).root_node, Where())
    walk.uncalled()
    return walk.found


class _Walk(Gatherer):
    """Enters the statements of a script."""

    def __init__(self, shield: Shield, first_line: int, variables: Variables) -> None:
        super().__init__(shield, first_line, variables)
        self._decided: set[str] = set()
        """Variables that hold what the words given to the script say."""
        self.handlers |= {
            "list": self._list,
            "pipeline": self._pipeline,
            "if_statement": self._if,
            "for_statement": self._for,
            "c_style_for_statement": self._loop,
            "while_statement": self._loop,
            "case_statement": self._case,
            "function_definition": self._function,
            "subshell": self._subshell,
        }

    def _list(self, node: Node, where: Where) -> None:
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
            truth = self._truth(guard) if tested else None
            if truth is False:
                self.skip(part)
            else:
                self.visit(part, where.under(guard, sure=truth is True) if tested else where)
            previous = part if part.type in _TESTS or not tested else previous

    def _pipeline(self, node: Node, where: Where) -> None:
        parts = [child for child in node.named_children if child.type not in QUIET]
        self.numbers += 0 if where.pipe else 1
        pipe, first = where.pipe or self.numbers, where.stage
        for position, part in enumerate(parts):
            self.visit(part, replace(where, pipe=pipe, stage=first + position))

    def _if(self, node: Node, where: Where) -> None:
        where = replace(where, pipe=0, stage=0)
        condition, negated, body = "", "", False
        truth: bool | None = None
        for child in node.children:
            if child.type == "then":
                body, truth = True, self._truth(condition)
            elif child.type in ("elif_clause", "else_clause"):
                inner = where.under(f"not ({negated})", sure=truth is False)
                visit = self._if if child.type == "elif_clause" else self.children
                self.skip(child) if truth is True else visit(child, inner)
            elif child.is_named and body:
                self.skip(child) if truth is False else self.visit(child, where.under(condition, sure=truth is True))
            elif child.is_named:
                condition = f"{condition}; {text_of(child)}" if condition else text_of(child)
                negated = condition = self.shield.restore(condition)
                self.visit(child, where)

    def _for(self, node: Node, where: Where) -> None:
        words = Words(self.variables, self.shield)
        name = node.child_by_field_name("variable")
        values = [word for child in node.children_by_field_name("value") for word, _ in words.of(child)]
        self.substitutions(node, where)
        if name is not None:
            told = not any("$" in value or "`" in value or "*" in value for value in values)
            self.variables.one_of(text_of(name), [value for value in values if told])
        self._loop(node, where)

    def _loop(self, node: Node, where: Where) -> None:
        around = where.conditional if not where.looped else where.around
        inner = replace(where, pipe=0, stage=0, conditional=True, looped=True, around=around)
        for child in node.named_children:
            if child.type not in _STRANGE:
                self.visit(child, inner)

    def _case(self, node: Node, where: Where) -> None:
        value = node.child_by_field_name("value")
        subject = self.shield.restore(text_of(value)) if value is not None else ""
        items = [item for item in node.named_children if item.type == "case_item"]
        values = [item.children_by_field_name("value") for item in items]
        patterns = [[self.shield.restore(text_of(one)) for one in value] for value in values]
        taken = arms(subject, patterns, self.variables.given, looped=where.looped)
        for number, item in enumerate(items):
            guard = f"{subject} in {'|'.join(patterns[number])}"
            inside = [child for child in item.named_children if child not in values[number]]
            self._arm(inside, guard, where, MAYBE if taken is None else taken[number])

    def _arm(self, inside: list[Node], guard: str, where: Where, taken: tuple[int, ...]) -> None:
        """One arm of a `case`: passed over, read once for each word that takes it, or read as what may happen."""
        names = set().union(*map(assigned, inside))
        if taken == MAYBE:
            self._decided -= names
            for child in inside:
                self.visit(child, replace(where.under(guard), pipe=0, stage=0))
            return
        self._decided |= names
        if taken == NEVER:
            for child in inside:
                self.skip(child)
        for index in taken[:_MAX_TAKEN]:
            words = [(word, False) for word in (self.variables.given or [])[index:]]
            before = self.variables.hand_over(words)
            sure = replace(where.under(guard, sure=True), pipe=0, stage=0, looped=False)
            sure = replace(sure, conditional=where.around) if where.looped else sure
            for child in inside:
                self.visit(child, sure)
            self.variables.take_back(before)

    def _truth(self, condition: str) -> bool | None:
        """Whether a condition holds that asks for nothing but what the words given to the script have set."""
        filled = _NAMED.sub(self._known, condition) if self._decided and "$" in condition else ""
        return holds(filled) if filled and "$" not in filled else None

    def _known(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        value = self.variables.value(name) if name in self._decided and self.variables.certain(name) else None
        return value if value is not None and _PLAIN.fullmatch(value) else match[0]

    def _function(self, node: Node, where: Where) -> None:
        name = node.child_by_field_name("name")
        if name is not None and where.depth <= MAX_NESTING:
            self.functions[text_of(name)] = node

    def _subshell(self, node: Node, where: Where) -> None:
        self.numbers += 1
        self.children(node, replace(where, scope=(*where.scope, self.numbers), pipe=0, stage=0))
