"""The Python that Jinja writes for a template, with the meter in it.

Loops, comparisons, conversions to text, concatenations, slices and container literals go through
``paid``, ``looked_at``, ``as_text``, ``concatenated`` and ``held`` of the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, operators

from satellite.homeassistant.values import Value


class MeteredCode(CodeGenerator):
    """Refuses what cannot be metered: recursive loops and ``autoescape``."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        if node.recursive:
            raise jinja2.TemplateAssertionError("recursive loops are not allowed", node.lineno)
        paid = nodes.Call(nodes.EnvironmentAttribute("paid"), [node.iter], [], None, None)
        paid.set_lineno(node.lineno)
        paid.set_environment(self.environment)
        node.iter = paid
        super().visit_For(node, frame)

    def visit_ScopedEvalContextModifier(  # noqa: N802
        self,
        node: nodes.ScopedEvalContextModifier,
        frame: Frame,  # noqa: ARG002
    ) -> None:
        raise jinja2.TemplateAssertionError("autoescape is not available", node.lineno)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for child in node.nodes:
            self.visit(child, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        self.write("(")
        self._looked_at(node.expr, frame)
        for operand in node.ops:
            self.write(f" {operators[operand.op]} ")
            self._looked_at(operand.expr, frame)
        self.write(")")

    def _looked_at(self, node: nodes.Expr, frame: Frame) -> None:
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write("environment.looked_at(")
        self.visit(node, frame)
        self.write(")")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.held(")
        super().visit_Getitem(node, frame)
        self.write(")")

    def _output_child_to_const(
        self,
        node: nodes.Expr,
        frame: Frame,
        finalize: Any,  # noqa: ANN401
    ) -> str:
        """Only plain text is made when the template is compiled: there nothing is metered."""
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def _output_child_pre(
        self,
        node: nodes.Expr,  # noqa: ARG002
        frame: Frame,  # noqa: ARG002
        finalize: Any,  # noqa: ANN401, ARG002
    ) -> None:
        self.write("environment.as_text(")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        self._held(node, node.items, super().visit_List, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        items = node.items if node.ctx == "load" else []
        self._held(node, items, super().visit_Tuple, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        values = [pair.value for pair in node.items]
        self._held(node, values, super().visit_Dict, frame)

    def _held(
        self,
        node: Value,
        items: Iterable[nodes.Node],
        write: Callable[[Any, Frame], None],
        frame: Frame,
    ) -> None:
        if all(isinstance(item, nodes.Const) for item in items):
            write(node, frame)
            return
        self.write("environment.held(")
        write(node, frame)
        self.write(")")
