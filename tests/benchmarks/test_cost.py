"""``docs/cost.md`` says what ``scripts/cost`` computes."""

from __future__ import annotations

import pytest

from satellite.conversation.prices import PRICES
from satellite.settings.sections import SpendingSection
from scripts.benchmarks import cost


@pytest.mark.parametrize("names", [("command", "talk"), ("television", "household")])
def test_the_document_has_the_tables_as_they_are_computed(names: tuple[str, ...]) -> None:
    """If not: ``scripts/cost --write``."""
    page = cost.PAGE.read_text("utf-8")
    assert cost.with_tables(page, names) == page
    assert all(f"| USD | `{cost.SMALL}` |" in page for _ in names)


def test_the_arithmetic_is_that_of_the_provider_s_example() -> None:
    """Four seconds, 1,500 tokens that are not cached, three seconds of reply."""
    text = 12 / 1e6
    assert cost.answer(cost.LARGE) - text * PRICES[cost.LARGE].text_out == pytest.approx(0.01112)
    assert cost.answer(cost.SMALL) - text * PRICES[cost.SMALL].text_out == pytest.approx(0.0025)


def test_the_daily_limit_is_more_than_a_household_needs_on_either_model() -> None:
    assert cost.day(cost.SMALL) < cost.day(cost.LARGE) < SpendingSection().daily_limit_usd
