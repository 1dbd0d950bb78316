"""Whatever a template does ends soon and takes little memory.

Every way to look at a huge value, every slow method, and anything that can be put together of them.
"""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.homeassistant.templates.errors import BudgetExceeded, TemplateFailed, TemplateSyntax
from satellite.homeassistant.templates.sizes import MAX_CHARS
from satellite.homeassistant.templates.template import MAX_SIGNS, compile_template
from satellite.homeassistant.values import listed

MOST_BYTES = 24_000_000
"""A text of four bytes each may be there a few times over; 3.6 GB it was."""
MOST_S = 1.0
"""Of processor time; the budget has 25 ms. Tracing memory makes all of it several times slower."""

VALUES = {"value": "x", "value_json": {"a": [1, 2, {"b": "c"}]}, "raw": b"x" * 1_000}


def outcome(source: str) -> str:
    """The text of a template or the class of its error, once time and memory were looked at."""
    template = compile_template(source)
    tracemalloc.start()
    begun_s = time.thread_time()
    try:
        text = template.render(VALUES)
        assert len(text) <= MAX_CHARS
    except TemplateFailed as failed:
        text = type(failed).__name__
    spent_s, peak = time.thread_time() - begun_s, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_BYTES, source[:200]
    assert spent_s < MOST_S, source[:200]
    return text


HUGE = {
    "list": "['x' * 200000] * 19000",
    "tuple": "('x' * 200000,) * 19000",
    "dict": "{'a': ['x' * 200000] * 9000, 'b': ('x' * 200000,) * 9000}",
    "values": "{'a': ['x' * 200000] * 19000}.values()",
    "nested": "[[['x' * 20000] * 20] * 20] * 20",
    "bytes": "[raw * 200] * 9000",
}
LOOKS = listed(
    "string upper e safe forceescape join tojson to_json pprint urlencode slugify md5 sha512 "
    "striptags title trim capitalize wordcount wordwrap indent truncate(9) urlize xmlattr "
    "base64_encode float int bool round(1) as_datetime as_timedelta as_timestamp is_number ordinal "
    "multiply(2) add(1) log sin regex_search('x') regex_match('x') regex_replace('x','y') "
    "regex_findall('x') replace('x','y') center(9) unique|list sort max min sum groupby(0) "
    "dictsort flatten combine({}) contains('y') union(['y']) intersect(['y']) median average "
    "statistical_mode shuffle|string filesizeformat states state_attr('x') timestamp_custom "
    "map('upper')|list select('eq','y')|list select|sort select|max select|unique|list "
    "select|join reverse|sort|list list|string slice(2)|string batch(2)|list "
    "map('string')|list|join"
)
WAYS = (
    "{{ huge }}",
    "{{ huge ~ '' }}",
    "{{ '%s' % (huge,) }}",
    "{{ '%r' | format(huge) }}",
    "{{ '{}'.format(huge) }}",
    "{{ '{0!r:>9}'.format(huge) }}",
    "{{ '{a}'.format_map({'a': huge}) }}",
    "{{ huge == same }}",
    "{{ huge < same }}",
    "{{ [huge] == [same] }}",
    "{{ huge is eq same }}",
    "{{ ('x' * 199999 ~ 'y') in huge }}",
    "{{ 'y' in (huge | select) }}",
    "{{ huge in [same, huge] }}",
    "{{ huge.index('x' * 199999 ~ 'y') }}",
    "{{ huge.count('x' * 199999 ~ 'y') }}",
    "{{ set(huge).union(same) }}",
    "{{ [same].index(huge) }}",
    "{{ {}[huge].a }}",
    "{{ [{}] | map(attribute=huge) | list }}",
    "{{ [1] | map(huge) | list }}",
    "{{ [1] | select(huge) | list }}",
    "{{ namespace(x=huge) }}",
    "{{ [huge, huge] | max }}",
    "{{ max(huge, same) }}",
    "{{ [huge, same] | select | max }}",
    "{{ huge | float(0) }}{{ int(huge) }}",
    "{% set y %}{{ huge }}{% endset %}{{ y | length }}",
    "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(huge) }}",
    "{% filter upper %}{{ huge }}{% endfilter %}",
    "{% block a %}{{ huge }}{% endblock %}",
    "{% for i in range(9) %}{{ loop.changed(huge if i % 2 else same) }}{% endfor %}",
)


@pytest.mark.parametrize("kind", HUGE)
@pytest.mark.parametrize("way", [*WAYS, *(f"{{{{ huge | {look} }}}}" for look in LOOKS)])
def test_a_value_that_is_huge_as_text_is_never_looked_at_as_a_whole(kind: str, way: str) -> None:
    huge = HUGE[kind]
    same = huge.replace("'x' * 2", "'xx' * 1").replace("raw * 200", "raw * 100 + raw * 100")
    source = f"{{% set huge = {huge} %}}{{% set same = {same} %}}{way}"
    assert len(outcome(source)) < 5_000


SLOW = (
    # Each character of one text with each of another.
    "{{ ('x' * 200000).lstrip('yz' * 100000 ~ 'x') }}",
    "{{ ('x' * 200000).strip('yz' * 100000 ~ 'x') }}",
    "{{ ('x' * 200000) | trim('yz' * 100000 ~ 'x') }}",
    "{{ ('a' * 262000).rfind('b' ~ 'a' * 131071) }}",
    "{{ ('a' * 262000).rindex('b' ~ 'a' * 131071) }}",
    "{{ ('a' * 262000).rsplit('b' ~ 'a' * 131071) | length }}",
    "{{ ('a' * 262000).rpartition('b' ~ 'a' * 131071) | length }}",
    "{{ ('a' * 262000).startswith(('a' * 200000 ~ 'b',) * 19000) }}",
    "{{ ('a' * 262000).find('b' ~ 'a' * 131071) }}",
    "{{ ('b' ~ 'a' * 131071) in ('a' * 262000) }}",
    # One text that becomes many, or a much longer one.
    "{{ ('a ' * 131000).split() | length }}",
    "{{ ('a,' * 131000).rsplit(',') | length }}",
    "{{ ('a\\u2028' * 131000).splitlines() | length }}",
    "{{ ('\\U0001f600' * 262000) | list | length }}",
    "{{ ('\\U0001f600' * 262000) | slice(2) | list | length }}",
    "{{ ('\\U0001f600' * 262000) | sort | length }}",
    "{{ ('a ' * 131000) | wordcount }}",
    "{{ ('\\U0010ffff' * 262000) | urlencode | length }}",
    "{{ urlencode({'a': '\\U0010ffff' * 262000}) | length }}",
    "{{ ('\\u0390' * 262000) | upper | length }}",
    "{{ ('\\u0390' * 262000).casefold() | length }}",
    "{{ ('<' * 262000) | escape | length }}",
    "{{ ('\\u0390' * 262000).encode('ascii', 'namereplace') | length }}",
    "{{ (('1,' * 131000) ~ '1') | from_json }}",
    "{{ ('[' ~ '[],' * 87000 ~ '1]') | from_json | length }}",
    "{{ ('[' * 131000) | from_json }}",
    "{{ ('a' * 16000) | regex_findall('" + "(" * 200 + "a" + ")" * 200 + "') | length }}",
    "{{ ('a' * 16000) | regex_replace('(a)', '" + "\\\\1" * 400 + "') | length }}",
    "{{ 'x' | regex_search('(?i)[\\\\U00000000-\\\\U0010ffff]') }}",
    # Codecs.
    "{{ ('\\u0390' * 262000).encode('punycode') }}",
    "{{ ('\\u0390' * 62000).encode('idna') }}",
    "{{ ('A' * 262000) | base64_decode('punycode') }}",
    "{{ (raw * 200).decode('punycode') }}",
    # Bytes, and what Jinja has marked as safe, have the same methods as texts.
    "{{ raw * 10**7 }}",
    "{{ raw % 1 }}{{ ('%099999999d' | e) % 1 }}",
    "{{ ('x' | safe).center(10**9) }}",
    "{{ ('x' | escape).ljust(10**9) }}",
    "{{ ('x' | safe) * 10**9 }}",
    "{{ ('a\\tb' | e).expandtabs(10**9) }}",
    # Concatenated where no operator is.
    "{% set v = 'x' * 200000 %}{% set y %}" + "{{v}}" * 400 + "{% endset %}{{ y | length }}",
    "{% set v = 'x' * 200000 %}{% macro f() %}" + "{{v}}" * 400 + "{% endmacro %}{{ f() }}",
    "{% set v = 'x' * 200000 %}{% filter upper %}" + "{{v}}" * 400 + "{% endfilter %}",
    "{% set v = 'x' * 200000 %}{% macro f() %}{{ caller() | length }}{% endmacro %}"
    "{% call f() %}" + "{{v}}" * 400 + "{% endcall %}",
    # Much that is small, kept.
    "{% set s = 'x' * 200000 %}{% set ns = namespace(l=[]) %}{% for i in range(560) %}"
    "{% set ns.l = ns.l + [s[i:]] %}{% endfor %}{{ ns.l | length }}",
    "{{ ([[1]] * 9900) | sum(start=[]) | length }}",
    "{{ 'x' | batch(19000, 'y' * 9000) | list }}",
    # Numbers that all have the same hash.
    *(
        way.replace("same_hash", "range(0, 9999 * (2**61 - 1), 2**61 - 1)")
        for way in (
            "{{ same_hash | list | unique | list | length }}",
            "{{ dict(zip(same_hash, range(9999))) | length }}",
            "{{ dict['from_keys'](zip(same_hash, range(9999))) | length }}",
            "{{ namespace(zip(same_hash, range(9999))) }}",
            "{{ set(same_hash) | length }}",
            "{{ same_hash | intersect([1]) | length }}",
            "{{ same_hash | list | statistical_mode }}",
        )
    ),
    # Deep.
    *(
        "{% set ns = namespace(x=[1] * 9000) %}{% for i in range(300) %}{% set ns.x = [ns.x] %}"
        "{% endfor %}{{ " + look + " }}"
        for look in ("ns.x", "ns.x == ns.x", "ns.x | tojson(indent=16)", "ns.x | flatten | length",
                     "ns.x | to_json(pretty_print=true)", "ns.x ~ ns.x", "[ns.x] | max | string")
    ),
    # Times.
    "{{ strptime(' ' * 200000, ' %j %j') }}",
    "{{ as_timedelta('1:' * 100000) }}",
    "{{ now().strftime('%+9999999c') }}{{ '{:%9999999c}'.format(now()) }}",
)  # fmt: skip


@pytest.mark.parametrize("source", SLOW)
def test_what_is_slow_or_grows_ends_soon(source: str) -> None:
    assert len(outcome(source)) < 50


def test_sandbox_stands_also_behind_texts_that_are_marked_as_safe() -> None:
    assert outcome("{{ ('{0.__class__.__mro__}' | safe).format(1) }}") == "TemplateBroken"


def test_half_a_character_is_not_sent_anywhere() -> None:
    assert outcome("{{ '\\ud800' }}") == "TemplateFailed"
    assert outcome("{{ '\\ud83d\\ude00' }}") == "TemplateFailed"


def test_a_template_that_would_take_long_to_compile_fails_instead() -> None:
    template = compile_template("{{ [" + "1," * MAX_SIGNS + "] }}")
    with pytest.raises(BudgetExceeded, match="signs"):
        template.render({})


ATOMS = st.sampled_from(
    ("1", "0", "-3", "2.5", "'x'", "''", "'a,b'", "none", "true", "value", "value_json", "raw",
     "10**300", "'x' * 200000", "['x' * 200000] * 19000", "('y',) * 19000", "range(9999)", "ns",
     "'%s%5d'", "'{}{:>9}'", "{'a': 1, 'b': ['x'] * 900}", "'\\U0001f600' * 60000", "'<&' * 9000",
     "range(9999) | select", "'a' * 9000 ~ 'b'", "loop", "[[[1] * 20] * 20] * 20", "missing")
)  # fmt: skip
OPERATORS = st.sampled_from(listed("+ - * / // % ** ~ == != < <= in and or not_in"))
NAMES = sorted(
    {look.split("(")[0].split("|")[0] for look in LOOKS}
    | set(listed("abs batch count default first last length list items map random reject select "
                 "slice sort unpack pack iif from_json typeof ord bitwise_and remap clamp wrap"))
)  # fmt: skip
METHODS = st.sampled_from(
    listed("center count encode expandtabs find format get index items join keys ljust lstrip "
           "partition replace rfind rsplit split splitlines startswith title translate upper "
           "values zfill union decode hex copy")
)  # fmt: skip


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, OPERATORS, inner).map(
            lambda text: text.replace("not_in", "not in")
        ),
        st.builds("({} | {})".format, inner, st.sampled_from(NAMES)),
        st.builds("({} | {}({}))".format, inner, st.sampled_from(NAMES), inner),
        st.builds("({}).{}({})".format, inner, METHODS, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("{{'a': {}, 'b': {}}}".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, larger, max_leaves=8)
AROUND = st.sampled_from(
    (
        "{{ it }}",
        "{% for i in range(900) %}{{ it }}{% endfor %}",
        "{% set ns.x = it %}{{ ns.x }}",
        "{% for i in range(99) %}{% set ns.x = [ns.x, it] %}{% endfor %}{{ ns.x | length }}",
        "{% for i in range(99) %}{% set ns.x = ns.x ~ (it) %}{% endfor %}{{ ns.x | length }}",
        "{% for i in (it) %}{{ i }}{% endfor %}",
        "{% set y %}{{ it }}{{ it }}{% endset %}{{ y }}",
        "{% macro f(x) %}{{ x }}{{ it }}{% endmacro %}{{ f(it) }}",
        "{% if it %}{{ it }}{% endif %}",
    )
)


@settings(max_examples=300, deadline=None)
@given(AROUND, EXPRESSIONS)
def test_anything_put_together_ends_soon_and_takes_little_memory(around: str, it: str) -> None:
    try:
        outcome("{% set ns = namespace(x=1) %}" + around.replace("it", it))
    except TemplateSyntax:
        return
