"""Templates in the sandbox: parsed when they are announced, compiled when first rendered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context

from satellite.homeassistant.templates import sizes
from satellite.homeassistant.templates.errors import (
    BudgetExceeded,
    TemplateBroken,
    TemplateFailed,
    TemplateSyntax,
)
from satellite.homeassistant.templates.sandbox import Sandbox
from satellite.homeassistant.templates.text_cache import TextCache
from satellite.homeassistant.templates.time_limit import limited

MAX_RENDER_S = 0.5
"""Of one rendering, by the clock on the wall. The usual one takes a fifth of a millisecond on a PC,
and a hundred times that on a small board that is busy, with a garbage collection in between."""


@cache
def _environment() -> Sandbox:
    """The environment of all templates; creating it takes longer than most renderings."""
    return Sandbox()


def sandbox_template(source: str) -> Callable[[Mapping[str, Any]], str]:
    """Parse a template now, compile it when it is first used.

    Raises:
        TemplateSyntax: a syntax error, or a filter or test that does not exist.
    """
    environment = _environment()
    return _Rendering(environment, source, _used_names(environment, _parse(environment, source)))


def _parse(environment: Sandbox, source: str) -> nodes.Template:
    try:
        return environment.parse(source)
    except jinja2.TemplateSyntaxError as wrong:
        raise TemplateSyntax(f"line {wrong.lineno}: {wrong.message}") from wrong
    except (RecursionError, MemoryError, ValueError) as wrong:
        raise TemplateSyntax("it is nested too deeply") from wrong


def _used_names(environment: Sandbox, tree: nodes.Node) -> set[str]:
    """Every variable of a template.

    Raises:
        TemplateSyntax: it uses a filter or test that does not exist; within an ``if`` such ones
            fail only when they are reached.
    """
    names: set[str] = set()
    waiting: list[tuple[nodes.Node, bool]] = [(tree, False)]
    while waiting:
        node, in_branch = waiting.pop()
        if isinstance(node, nodes.Name):
            names.add(node.name)
        elif isinstance(node, nodes.Filter) and not in_branch:
            _check_exists("filter", node.name, environment.filters)
        elif isinstance(node, nodes.Test) and not in_branch:
            _check_exists("test", node.name, environment.tests)
        question = node.test if isinstance(node, nodes.If | nodes.CondExpr) else None
        for child in node.iter_child_nodes():
            inside = in_branch or (question is not None and child is not question)
            waiting.append((child, inside))
    return names


def _check_exists(kind: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise TemplateSyntax(f"no {kind} named {name[:40]!r}")


MAX_COMPILED_CHARS = 400_000
"""Of all templates whose code is cached; code takes some fifty times the memory of its text."""
_compiled: TextCache[jinja2.Template] = TextCache(MAX_COMPILED_CHARS)


class _Rendering:
    """One template. Its code is cached, and may be dropped and compiled again."""

    __slots__ = ("_environment", "_globals", "_source", "_wrong")

    def __init__(self, environment: Sandbox, source: str, used: set[str]) -> None:
        self._environment = environment
        self._source = source
        self._wrong: str | None = None
        self._globals = {name: value for name, value in environment.globals.items() if name in used}

    def __call__(self, names: Mapping[str, Any]) -> str:
        try:
            code = _compiled.get(self._source) or self._compile()
            sizes.begin()
            return limited(lambda: self._run(code, names), MAX_RENDER_S, "it")
        except TemplateFailed:
            raise
        except jinja2.TemplateError as wrong:
            raise TemplateBroken(f"{wrong}") from wrong
        except RecursionError as wrong:
            raise BudgetExceeded("it calls itself too often") from wrong
        except MemoryError as wrong:
            raise BudgetExceeded("it needs too much memory") from wrong
        # What runs here is the sender's program, not ours: with the right arguments the filters
        # and the methods of Python's types raise anything (struct.error, UnicodeError,
        # AttributeError, RuntimeError...). One bad message must not end the process; whoever
        # renders reports the failure, with this as its cause.
        except Exception as wrong:
            raise TemplateFailed(f"{type(wrong).__name__}: {wrong}"[:200]) from wrong

    def _run(self, code: jinja2.Template, names: Mapping[str, Any]) -> str:
        # Only the globals that the template names: copying all costs more than most templates.
        context = Context(self._environment, {**self._globals, **names}, None, code.blocks)
        return "".join(sizes.Collected(code.root_render_func(context)))

    def _compile(self) -> jinja2.Template:
        if self._wrong is not None:
            raise TemplateBroken(self._wrong)
        environment = self._environment
        try:
            with warnings.catch_warnings(action="ignore"):  # Python's own, about the code
                code = environment.compile(_parse(environment, self._source))
        except (jinja2.TemplateError, SyntaxError, ValueError, RecursionError) as wrong:
            self._wrong = f"it cannot be compiled: {wrong}"[:200]
            raise TemplateBroken(self._wrong) from wrong
        compiled = environment.template_class.from_code(environment, code, self._globals)
        _compiled.put(self._source, compiled)
        return compiled
