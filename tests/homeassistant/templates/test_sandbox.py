"""Templates of anybody who can publish: no way out, no waste, no harm to the daemon."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.homeassistant.templates.errors import (
    BudgetExceeded,
    TemplateBroken,
    TemplateFailed,
    TemplateSyntax,
)
from satellite.homeassistant.templates.rendering import sandbox_template
from satellite.homeassistant.templates.template import MAX_TEMPLATE_CHARS, compile_template
from satellite.homeassistant.values import listed


def grown(first: str, more: str) -> str:
    """A template that lets a value grow sixty times."""
    start = "{% set ns = namespace(x=" + first + ") %}{% for i in range(60) %}"
    return start + "{% set ns.x = " + more + " %}{% endfor %}{{ ns.x }}"


WASTEFUL = [
    "{{ 'x' * 10**9 }}",
    "{{ 10**9 * 'x' }}",
    "{{ [1] * 10**9 }}",
    "{{ (1, 2) * 10**9 }}",
    "{{ 7 ** (10**9) }}",
    "{{ 10**1200 * 10**1200 }}",
    "{{ ('f' * 200000) | int(base=16) + 1 }}",
    "{{ 'x'.center(10**8) }}",
    "{{ 'x' | center(10**8) }}",
    "{{ 'x'.zfill(10**8) }}",
    "{{ '%0100000000d' % 1 }}",
    "{{ '%*d' % (100000000, 1) }}",
    "{{ '%100000000d' | format(1) }}",
    "{{ '{:>100000000}'.format(1) }}",
    "{{ '{:>{w}}'.format(1, w=100000000) }}",
    "{{ ['x'] | map('center', 10**8) | list }}",
    "{{ '\\n' * 1000 | indent(10**8) }}",
    "{{ 'a\\tb'.expandtabs(10**9) }}",
    "{{ 'abc'.translate({97: 'x' * 200000}) }}",
    "{{ range(9) | batch(10**8, 'x') | list }}",
    "{{ range(9) | slice(10**8) | list }}",
    "{{ {'a': 1} | tojson(indent=10**8) }}",
    "{{ 1.5 | round(10**9) }}",
    "{{ 5 | pack('999999999s') }}",
    "{{ now().strftime('%999999999d') }}",
    "{{ 1 | timestamp_custom('%Y' * 1000) }}",
    "{{ ('x' * 200000) | wordwrap(1) }}",
    "{{ ('http://a.bc ' * 20000) | urlize }}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "{% set x %}{% for i in range(99999) %}" + "a" * 200 + "{% endfor %}{% endset %}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "{{ range(99999) | map('string') | join }}",
    "{{ range(99999) | list }}",
    "{% set x = range(19000) | list %}{% for i in range(40000) %}{{ -1 in x }}{% endfor %}",
    "{{ ([[1] * 9000] * 200) | sum(start=[]) }}",
    "{{ dict.from_keys(zip(range(99999), range(99999))) }}",
    "{{ ('a' * 40 + 'b') | regex_match('(a+)+$') }}",
    "{{ ('a' * 40 + 'b') | regex_findall('(a|aa)+$') }}",
    "{{ ('a' * 16000) | regex_search('a*a*a*a*a*b') }}",
    "{{ ('a' * 10000) | regex_replace('a', 'b' * 10000) }}",
    "{% for i in range(900) %}{{ ('a' * 25 + 'b') | regex_match('(a+)+$') }}{% endfor %}",
    grown("'aa'", "ns.x + ns.x"),
    grown("'aa'", "ns.x ~ ns.x"),
    grown("[1]", "ns.x + ns.x"),
    grown("[1]", "[ns.x, ns.x]"),
    grown("(1,)", "(ns.x, ns.x)"),
    grown("{}", "{'a': ns.x, 'b': ns.x}"),
    grown("[1]", "zip(ns.x, ns.x) | list"),
    grown("'a'", "'%s%s' % (ns.x, ns.x)"),
    grown("'a'", "'{}{}'.format(ns.x, ns.x)"),
    grown("'a'", "[ns.x, ns.x] | join"),
    grown("'aa'", "ns.x.replace('a', ns.x)"),
    grown("'aa'", "ns.x | replace('a', ns.x)"),
    grown("'aa'", "ns.x.join(['a', 'a', 'a'])"),
    "{{ " + "x | upper" * 1200 + " }}",
]


@pytest.mark.parametrize("source", WASTEFUL)
def test_waste_ends_soon(source: str) -> None:
    template = compile_template(source)
    begun_s = time.thread_time()
    with pytest.raises(BudgetExceeded):
        template.render({"value": "x"})
    assert time.thread_time() - begun_s < 1.0


def test_waste_takes_little_memory() -> None:
    code = (
        "import resource, sys\n"
        "from satellite.homeassistant.templates.template import BudgetExceeded, compile_template\n"
        "compile_template('{{ value | upper }}').render({'value': 'x'})\n"
        "limit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "for source in sys.argv[1:]:\n"
        "    try:\n"
        "        compile_template(source).render({'value': 'x'})\n"
        "    except BudgetExceeded:\n"
        "        continue\n"
        "    sys.exit(source)\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - limit\n"
        "sys.exit(0 if grown < 24_000_000 else f'{grown} bytes more')\n"
    )
    command = [sys.executable, "-c", code, *WASTEFUL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


NESTED = [
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "{{ " + "1+" * 3000 + "1 }}",
    "{{ " + "not " * 1500 + "1 }}",
    "{{ a" + ".b" * 3500 + " }}",
    "{{ " + "-" * 8000 + "1 }}",
    "{% if 1 %}" * 300 + "{% endif %}" * 300,
]


@pytest.mark.parametrize("source", NESTED)
def test_depth_is_refused_or_fails(source: str) -> None:
    with pytest.raises((TemplateSyntax, TemplateFailed)):
        compile_template(source).render({"value": "x"})


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ (value | attr('__class__')).mro() }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ '%s' | attr('format') | attr('__globals__') }}",
    "{{ self._TemplateReference__context.globals }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.mro()[1].__subclasses__() }}",
    "{{ dict.__subclasses__() }}",
    "{{ now().__reduce__() }}",
    "{{ value.encode().__class__ }}{{ joiner.__init__.__code__ }}",
    "{{ value_json.update({'a': 1}) }}",
    "{% do value_json.clear() %}",
    "{{ value_json.setdefault('a', 1) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% autoescape true %}{{ value }}{% endautoescape %}",
    "{{ (5).to_bytes(10, 'big') }}",
    "{{ lipsum() }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_no_way_out(source: str) -> None:
    content = {"a": {"b": 1}}
    try:
        text = compile_template(source).render({"value": "x", "value_json": content})
    except TemplateFailed:
        text = ""
    assert "class" not in text
    assert "object" not in text
    assert content == {"a": {"b": 1}}


def test_renderings_share_nothing() -> None:
    source = "{% set ns = namespace(x=[]) %}{% set ns.x = ns.x + [value] %}{{ ns.x }}"
    template = compile_template(source)
    assert template.render({"value": "1"}) == "['1']"
    assert template.render({"value": "2"}) == "['2']"


def test_too_long_a_template_is_accepted_but_fails() -> None:
    template = compile_template("{{ value + '" + "x" * MAX_TEMPLATE_CHARS + "' }}")
    with pytest.raises(BudgetExceeded, match="8192"):
        template.render({"value": "x"})


def test_a_stopped_expression_leaves_no_timer() -> None:
    with pytest.raises(BudgetExceeded):
        compile_template("{{ ('a' * 40 + 'b') | regex_match('(a+)+$') }}").render({"value": ""})
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 0.0, "ours is repeated"
    deadline_s = time.thread_time() + 0.1
    while time.thread_time() < deadline_s:
        pass
    assert compile_template("{{ 'ab' | regex_replace('b', 'c') }}").render({}) == "ac"


WORDS = st.sampled_from(
    listed(
        "{{ }} {% %} for x in range ( ) value value_json . [ ] 'a' 99999 if else endif endfor set "
        "= + * ** % ~ | int float join list map ' : , - {# #} macro endmacro f x namespace ns "
        "regex_replace format upper tojson is defined not and or"
    )
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_any_words_fail_in_order(source: str) -> None:
    try:
        text = compile_template(source).render({"value": "12", "value_json": {"a": [1, 2]}})
    except (TemplateSyntax, TemplateFailed):
        return
    assert isinstance(text, str)


@given(st.text(max_size=60))
def test_any_text_is_a_template_or_refused(source: str) -> None:
    try:
        template = sandbox_template(source)
    except TemplateSyntax:
        return
    try:
        template({"value": "x"})
    except (TemplateBroken, TemplateFailed):
        return
