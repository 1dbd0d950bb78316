"""What follows from what was spent, and that a limit holds."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from satellite.conversation.events.server import Usage
from satellite.conversation.prices import LARGE, SMALL, Price
from satellite.conversation.spending import SpendingMeter, cost_usd
from satellite.conversation.spending_steps import (
    ServerTarget,
    SpendingStep,
    choose_server,
    step_of,
)


@pytest.mark.parametrize(
    ("part", "cheaper", "step"),
    [
        (0.0, True, SpendingStep.NORMAL),
        (0.79, True, SpendingStep.NORMAL),
        (0.80, True, SpendingStep.WARNED),
        (0.90, True, SpendingStep.CHEAPER_MODEL),
        (0.99, False, SpendingStep.WARNED),
        (1.00, True, SpendingStep.LIMIT_REACHED),
        (7.00, False, SpendingStep.LIMIT_REACHED),
    ],
)
def test_each_step_has_its_part_of_the_limit(
    part: float, cheaper: bool, step: SpendingStep
) -> None:
    assert step_of(part, 0.8, cheaper_model=cheaper) is step


@pytest.mark.parametrize("cheaper", [True, False])
@pytest.mark.parametrize("local", [True, False])
def test_at_a_limit_no_server_that_costs_is_used(cheaper: bool, local: bool) -> None:
    target = choose_server(SpendingStep.LIMIT_REACHED, cheaper_model=cheaper, local_server=local)
    assert target is (ServerTarget.LOCAL if local else ServerTarget.NONE)


def test_without_a_cheaper_model_it_stays_with_its_own() -> None:
    step = SpendingStep.CHEAPER_MODEL
    assert choose_server(step, cheaper_model=False, local_server=True) is ServerTarget.CLOUD
    assert choose_server(step, cheaper_model=True, local_server=True) is ServerTarget.CHEAPER


PRICE_OF = {
    ServerTarget.CLOUD: LARGE,
    ServerTarget.CHEAPER: SMALL,
    ServerTarget.LOCAL: Price(),
    ServerTarget.NONE: Price(),
}
TOKENS = st.integers(0, 20_000)
USAGES = st.builds(Usage, TOKENS, TOKENS, output_text=TOKENS, output_audio=TOKENS)


@given(
    usages=st.lists(USAGES, max_size=60),
    daily=st.floats(0.01, 3.0),
    monthly=st.one_of(st.just(0.0), st.floats(0.01, 3.0)),
    warn_at=st.floats(0.01, 1.0),
    local=st.booleans(),
)
@example([Usage(output_audio=20_000)] * 9, 1.0, 0.0, 0.8, True)
def test_a_limit_is_passed_by_the_response_under_way_at_most(
    usages: list[Usage], daily: float, monthly: float, warn_at: float, local: bool
) -> None:
    """Each response is paid at the price of the model that gave it, and no step is skipped back."""
    day, meter = "2026-12-01", SpendingMeter(LARGE, daily, monthly)
    limit = min(daily, monthly or daily)
    total, ranks = 0.0, [0]
    for usage in usages:
        most = meter.limits(day)[0]
        step = step_of(most.part, warn_at, cheaper_model=True)
        ranks.append(step.rank)
        target = choose_server(step, cheaper_model=True, local_server=local)
        meter.price = PRICE_OF[target]
        if target is ServerTarget.NONE:
            break
        cost = cost_usd(usage, meter.price)
        assert total < limit or cost == 0.0
        meter.add(usage, day)
        total += cost
        assert meter.today_usd(day) == pytest.approx(total)
    assert ranks == sorted(ranks)
