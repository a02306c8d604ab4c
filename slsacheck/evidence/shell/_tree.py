"""Commands out of the syntax tree of tree-sitter-bash."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from slsacheck.evidence.shell._gather import QUIET, Gatherer, Where
from slsacheck.evidence.shell._model import MAX_NESTING, Command
from slsacheck.evidence.shell._words import Words, text_of
from slsacheck.record import replace

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["read_tree"]

_STRANGE = {"word", "concatenation", "string", "raw_string", "simple_expansion", "expansion", "number"}
_TESTS = {"test_command", "negated_command"}


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
            self.visit(part, where.under(guard) if tested else where)
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
        for child in node.children:
            if child.type == "then":
                body = True
            elif child.type in ("elif_clause", "else_clause"):
                inner = where.under(f"not ({negated})")
                (self._if if child.type == "elif_clause" else self.children)(child, inner)
            elif child.is_named and body:
                self.visit(child, where.under(condition))
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
        inner = replace(where, pipe=0, stage=0, conditional=True)
        for child in node.named_children:
            if child.type not in _STRANGE:
                self.visit(child, inner)

    def _case(self, node: Node, where: Where) -> None:
        value = node.child_by_field_name("value")
        subject = self.shield.restore(text_of(value)) if value is not None else ""
        for item in node.named_children:
            if item.type != "case_item":
                continue
            patterns = item.children_by_field_name("value")
            guard = f"{subject} in {'|'.join(self.shield.restore(text_of(pattern)) for pattern in patterns)}"
            inner = replace(where.under(guard), pipe=0, stage=0)
            for child in item.named_children:
                if child not in patterns:
                    self.visit(child, inner)

    def _function(self, node: Node, where: Where) -> None:
        name = node.child_by_field_name("name")
        if name is not None and where.depth <= MAX_NESTING:
            self.functions[text_of(name)] = node

    def _subshell(self, node: Node, where: Where) -> None:
        self.numbers += 1
        self.children(node, replace(where, scope=(*where.scope, self.numbers), pipe=0, stage=0))
