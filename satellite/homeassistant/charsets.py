"""The encodings of texts that are taken: those whose codecs take time in step with the length.

Python has others that do not: ``punycode`` and ``idna`` take a minute for a few hundred kilobytes,
and what is no encoding of texts at all (``zlib``, ``rot13``) is of no use here.
"""

from __future__ import annotations

import codecs

from satellite.homeassistant.values import listed

ENCODINGS = frozenset(
    listed(
        "ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be "
        "iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 "
        "iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16 "
        "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 "
        "cp437 cp850 cp852 cp858 cp866 koi8-r koi8-u mac-roman tis-620 "
        "gb2312 gbk gb18030 big5 shift_jis cp932 euc_jp euc_kr cp949"
    )
)
"""By the names that Python gives them; every other name of theirs (``latin-1``) is taken, too."""


def text_encoding(name: str) -> str:
    """The name that Python has for an encoding.

    Raises:
        ValueError: it is not one of ``ENCODINGS``.
    """
    try:
        known = codecs.lookup(name).name if name.isascii() and len(name) <= 40 else ""
    except (LookupError, ValueError):
        known = ""
    if known not in ENCODINGS:
        raise ValueError(f"{name[:40]!r} is no encoding of texts that is taken here")
    return known
