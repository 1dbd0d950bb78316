"""The Python that Jinja writes for a template, with hooks where a value is made without a call.

Texts from values, concatenations, container literals and what a block collects go through
``as_text``, ``concatenated``, ``hold`` and ``Collected`` of the environment; operators, calls and
filters have hooks of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from satellite.homeassistant.values import Value


class SizedCode(CodeGenerator):
    """Refuses ``autoescape``, with which Jinja makes texts in other ways."""

    def visit_ScopedEvalContextModifier(  # noqa: N802
        self,
        node: nodes.ScopedEvalContextModifier,
        frame: Frame,  # noqa: ARG002
    ) -> None:
        raise jinja2.TemplateAssertionError("autoescape is not available", node.lineno)

    def buffer(self, frame: Frame) -> None:
        frame.buffer = self.temporary_identifier()
        self.writeline(f"{frame.buffer} = environment.Collected()")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for child in node.nodes:
            self.visit(child, frame)
            self.write(", ")
        self.write("))")

    def _output_child_to_const(
        self,
        node: nodes.Expr,
        frame: Frame,
        finalize: Any,  # noqa: ANN401
    ) -> str:
        """Only plain text is made when the template is compiled: there is no limit of time."""
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
        self.write("environment.hold(")
        write(node, frame)
        self.write(")")
