"""The only room that knows all the others: builds the parts and runs them in one task group."""

from __future__ import annotations
