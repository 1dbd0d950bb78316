"""The table of what a server can do says what happens."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.system import server_table
from tests.system.server_table import PAGE


@pytest.mark.timeout(400)
def test_the_table_says_what_happens() -> None:
    """``WRITE_SERVER_TABLE=1`` writes it anew instead."""
    table = asyncio.run(server_table.played())
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("WRITE_SERVER_TABLE"):
        PAGE.write_text(server_table.with_table(text, table), encoding="utf-8")
        return
    assert table.splitlines() == server_table.in_document(text).splitlines()
