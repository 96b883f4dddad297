"""What may happen to bookings, and how often: one strategy for the walk of ``booking_machine``."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TOWNS = ("370402001000", "370402002000")
HOURS = [[day, begin, end] for day in range(1, 8) for begin, end in (("08:00", "09:00"), ("14:00", "15:00"))]
RULES: dict[str, Any] = {"hours": HOURS, "seats_per_slot": 2, "daily_cap": 20, "horizon_days": 2}
MINUTES = (1, 6, 11, 60, 3 * 60, 16 * 60)
PLANS = ("first", "second")
#: A booking, a slot, a person: the n-th there is.
NTH = st.integers(0, 7)
SLOT = st.integers(0, 3)
TOGETHER = st.sampled_from(("alone", "partner", "partner", "name"))
MINUTES_OF_SLOT = st.sampled_from((30, 60))
#: What may happen next, with what it takes; as often as it stands here.
ACTS: list[tuple[str, int, dict[str, Any]]] = [
    ("hold", 8, {"who": NTH, "slot": SLOT, "together": TOGETHER, "plan": st.sampled_from(PLANS)}),
    ("hold_and_crash", 1, {"who": NTH, "slot": SLOT, "together": TOGETHER, "plan": st.sampled_from(PLANS)}),
    ("confirm", 4, {"which": NTH, "other": st.booleans()}),
    ("cancel", 2, {"which": NTH, "other": st.booleans()}),
    ("reschedule", 3, {"which": NTH, "slot": SLOT, "crash": st.booleans()}),
    ("wait", 2, {"who": NTH, "together": st.booleans(), "town": st.sampled_from(TOWNS)}),
    ("answer", 3, {"which": NTH, "accept": st.booleans(), "other": st.booleans()}),
    ("come", 2, {"which": NTH}),
    ("pass_time", 3, {"minutes": st.sampled_from(MINUTES), "awake": st.booleans()}),
    ("sweep", 2, {}),
    ("change_rules", 1, {"seats": st.integers(1, 3), "cap": st.sampled_from((2, 5, 20)), "minutes": MINUTES_OF_SLOT}),
    ("close_a_day", 1, {"ahead": st.integers(0, 2)}),
    ("open_it_again", 1, {"ahead": st.integers(0, 2)}),
]
#: One strategy, and not a rule each: hypothesis would leave out half of the rules in each walk.
NEXT = st.sampled_from([(name, takes) for name, often, takes in ACTS for _ in range(often)]).flatmap(
    lambda act: st.tuples(st.just(act[0]), st.fixed_dictionaries(act[1]))
)
