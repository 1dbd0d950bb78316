"""``python -m scripts.benchmarks.evening``: what an evening with a television costs, as a table."""

from __future__ import annotations

from functools import partial

from scripts.benchmarks.evening.satellite_at import spend

LARGE = "gpt-realtime-2.1"
CASES = {
    "open, every turn answered aloud": partial(spend, "open", may_stay_silent=False),
    "open, `stay_silent`": partial(spend, "open"),
    "auto": partial(spend, "auto"),
    "auto, one television turn in five answered by mistake": partial(spend, "auto", mistakes=0.2),
    "auto, one history for the whole evening": partial(spend, "auto", fresh_after_s=0.0),
    "auto, never a quiet minute": partial(spend, "auto", lulls=False),
    "wake": partial(spend, "wake"),
}


def main() -> None:
    print("| mode | small | large | responses | aloud | minutes sent | wishes done | replied |")
    print("|---|---|---|---|---|---|---|---|")
    for title, case in CASES.items():
        small, large = case(), case(model=LARGE)
        replied_s = max(small.replied_s, default=0.0)
        print(
            f"| {title} | {small.usd:.2f} | {large.usd:.2f} | {small.responses} | {small.spoken}"
            f" | {small.heard_s / 60:.0f} | {small.done} of {small.wishes} | {replied_s:.1f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
