"""Jinja with a budget: the part that imports Jinja.

Three layers over Jinja's immutable sandbox. A code generator that routes loops, concatenations and
container literals through the meter; operators, calls, filters and tests that are weighed before
and after; and a clock for what is slow nevertheless. Nothing is shared between renderings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import wraps
from types import BuiltinMethodType, GenericAlias
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_environment

from satellite.home.templates import filters as added
from satellite.home.templates import time as times
from satellite.home.templates.errors import (
    BudgetExceeded,
    TemplateBroken,
    TemplateFailed,
    TemplateSyntax,
)
from satellite.home.templates.guards import GUARDED_METHODS, guarded_filters, guarded_operator
from satellite.home.templates.lists import bounded_join
from satellite.home.templates.meter import (
    MAX_CHARS,
    METER,
    check_chars,
    counted,
    hold,
    weigh,
)
from satellite.home.templates.text_cache import TextCache
from satellite.home.values import Value


class _Generator(CodeGenerator):
    """Writes the Python of a template, with the meter in it."""

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


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%", "//"})

    def __init__(self) -> None:
        super().__init__(
            loader=jinja2.DictLoader({}),
            extensions=("jinja2.ext.loopcontrols", "jinja2.ext.do"),
            optimized=False,
            cache_size=0,
        )
        self.iteration_cost = 1
        filters: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.filters),
            **added.FILTERS,
            **guarded_filters(self.filters),
            "is_defined": _is_defined,
            "join": pass_environment(_join),
        }
        tests: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.tests),
            **added.TESTS,
        }
        self.filters = {name: _weighed(function) for name, function in filters.items()}
        self.tests = {name: _weighed(function) for name, function in tests.items()}
        self.globals.pop("lipsum")
        self.globals.update(
            {name: _weighed(function) for name, function in added.FUNCTIONS.items()}
        )
        self.globals.update(added.CONSTANTS)
        self.globals.update(
            now=times.now,
            utcnow=times.utcnow,
            today_at=times.today_at,
            strptime=_weighed(times.strptime),
            timedelta=timedelta,
        )

    # Called by generated code --------------------------------------------------------------

    def paid(self, values: Iterable[Any]) -> Iterable[Any]:
        if isinstance(values, jinja2.Undefined):
            return values
        return counted(values, self.iteration_cost)

    def held(self, value: Value) -> Value:
        return hold(value)

    def concatenated(self, values: tuple[Any, ...]) -> str:
        texts = [value if type(value) is str else str(value) for value in values]
        check_chars(sum(map(len, texts)))
        return "".join(texts)

    # Jinja's own hooks ---------------------------------------------------------------------

    def call_binop(self, context: Value, operator: str, left: Value, right: Value) -> Value:
        if type(left) is not float or type(right) is not float:
            guarded_operator(operator, left, right)
        return hold(super().call_binop(context, operator, left, right))

    def call(self, __context: Value, __obj: Value, *args: Value, **kwargs: Value) -> Value:
        METER.charge(1)
        if isinstance(__obj, BuiltinMethodType):
            guard = _guard_of(__obj)
            guard(__obj.__self__, args, kwargs)
        elif isinstance(__obj, GenericAlias):
            METER.charge(weigh(args))
        return hold(super().call(__context, __obj, *args, **kwargs))

    def is_safe_attribute(self, obj: Value, attr: str, value: Value) -> bool:
        if isinstance(obj, type) and obj is not dict:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Value) -> Callable[..., str] | None:
        """``str.format`` and ``format_map``, also when reached indirectly."""
        if not isinstance(value, BuiltinMethodType) or value.__name__ not in _FORMATS:
            return None
        if not isinstance(value.__self__, str):
            return None
        inner = super().wrap_str_format(value)
        if inner is None:
            return None
        text = value.__self__

        def run(*args: Value, **kwargs: Value) -> str:
            _check_format(text, (*args, *kwargs.values()))
            return str(hold(inner(*args, **kwargs)))

        return run


_FORMATS = ("format", "format_map")


def _check_format(text: str, values: Iterable[Any]) -> None:
    longest = max((len(str(value)) for value in values), default=0)
    check_chars(len(text) + text.count("{") * longest)
    digits = 0
    for character in text:
        digits = digits + 1 if character.isdigit() else 0
        if digits > 3:
            raise BudgetExceeded("it formats to a very wide field")
    if text.count("{") > 1 and ":" in text and "{" in text.partition(":")[2].partition("}")[0]:
        raise BudgetExceeded("it formats to a field of unknown width")


def _guard_of(method: BuiltinMethodType) -> Callable[..., None]:
    owner = method.__self__
    for kind, names in GUARDED_METHODS.items():
        if isinstance(owner, kind):
            guard = names.get(method.__name__)
            if guard is None:
                break
            return guard
    raise SecurityError(f"{type(owner).__name__}.{method.__name__} is not available in templates")


def _weighed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same filter, test or function, paid for by the size of what it gets and gives."""

    @wraps(function)
    def run(*args: Value, **kwargs: Value) -> Value:
        METER.charge(weigh(args))
        return hold(function(*args, **kwargs))

    return run


def _is_defined(value: Value) -> Value:
    if isinstance(value, jinja2.Undefined):
        raise jinja2.UndefinedError(f"{value._undefined_name!r} is not defined")  # noqa: SLF001
    return value


def _join(
    environment: Sandbox, value: Iterable[Value], d: str = "", attribute: Value = None
) -> str:
    if attribute is not None:
        value = map(make_attrgetter(environment, attribute), value)
    return bounded_join(value, d)


_sandbox: Sandbox | None = None


def _environment() -> Sandbox:
    global _sandbox  # noqa: PLW0603
    if _sandbox is None:
        _sandbox = Sandbox()
    return _sandbox


def sandbox_template(source: str) -> Callable[[Mapping[str, Any]], str]:
    """Parse a template now, compile it when it is first used.

    Raises:
        TemplateSyntax: a syntax error, or a filter or test that does not exist.
    """
    environment = _environment()
    METER.start()
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
"""Together of the texts whose code is kept; code takes some fifty times the room of its text."""

_compiled: TextCache[jinja2.Template] = TextCache(MAX_COMPILED_CHARS)


class _Rendering:
    """One template, compiled when it is first used. Its code may be forgotten and made again."""

    __slots__ = ("_cost", "_environment", "_globals", "_source", "_wrong")

    def __init__(self, environment: Sandbox, source: str, used: set[str]) -> None:
        self._environment = environment
        self._source = source
        self._cost = 1 + len(source) // 256
        self._wrong: str | None = None
        self._globals = {name: value for name, value in environment.globals.items() if name in used}

    def __call__(self, names: Mapping[str, Any]) -> str:
        METER.start()
        try:
            code = _compiled.get(self._source) or self._compile()
            self._environment.iteration_cost = self._cost
            # Only the globals that the template names: copying all costs more than most templates.
            context = Context(self._environment, {**self._globals, **names}, None, code.blocks)
            return _collect(code.root_render_func(context))
        except TemplateFailed:
            raise
        except jinja2.TemplateError as wrong:
            raise TemplateBroken(f"{wrong}") from wrong
        except RecursionError as wrong:
            raise BudgetExceeded("it calls itself too often") from wrong
        except MemoryError as wrong:
            raise BudgetExceeded("it needs too much memory") from wrong
        except Exception as wrong:
            raise TemplateFailed(f"{type(wrong).__name__}: {wrong}"[:200]) from wrong

    def _compile(self) -> jinja2.Template:
        if self._wrong is not None:
            raise TemplateBroken(self._wrong)
        environment = self._environment
        try:
            code = environment.compile(_parse(environment, self._source))
        except (jinja2.TemplateError, SyntaxError, ValueError, RecursionError) as wrong:
            self._wrong = f"it cannot be compiled: {wrong}"[:200]
            raise TemplateBroken(self._wrong) from wrong
        compiled = environment.template_class.from_code(environment, code, self._globals)
        _compiled.put(self._source, compiled)
        return compiled


def _collect(parts: Iterable[str]) -> str:
    pieces = []
    length = 0
    for piece in parts:
        length += len(piece)
        if length > MAX_CHARS:
            raise BudgetExceeded(f"its result has more than {MAX_CHARS} characters")
        pieces.append(piece)
    METER.check_clock()
    return "".join(pieces)
