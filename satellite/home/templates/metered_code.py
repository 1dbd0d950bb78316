"""The Python that Jinja writes for a template, with the meter in it.

Loops, concatenations and container literals go through ``paid``, ``concatenated`` and ``held`` of
the environment (``sandbox``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from satellite.home.values import Value


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
