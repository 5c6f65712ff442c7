"""Quantities in other words and units: what is the same is held by its quote, what is not is found."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.ground.amounts import amounts
from formfact.knowledge.ground.claims import Evidence, unheld
from formfact.knowledge.ground.measures import SIZES


def found(sentence: str, quote: str) -> list[str]:
    return [one.kind for one in unheld(sentence, Evidence.of([quote]))]


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Half of the pumps fail in winter.", "50 % of the pumps fail in winter."),
        ("A quarter of the pumps fail in winter.", "25 % of the pumps fail in winter."),
        ("Three quarters of the pumps fail in winter.", "75 % of the pumps fail in winter."),
        ("Two thirds of the pumps fail in winter.", "67 % of the pumps fail in winter."),
        ("A third of the pumps fail in winter.", "33 % of the pumps fail in winter."),
        ("The pumps are greased twice a week.", "The pumps are greased two times a week."),
        ("The crate holds a dozen pumps.", "The crate holds 12 pumps."),
        ("The pump draws 1.5 kW.", "The pump draws 1500 W."),
        ("The path is 2 km long.", "The path is 2000 m long."),
        ("The crossing takes 90 minutes.", "The crossing takes 1.5 hours."),
        ("The crossing takes an hour and a half.", "The crossing takes 90 minutes."),
        ("The crossing takes half an hour.", "The crossing takes 30 minutes."),
        ("The guarantee runs for two years.", "The guarantee runs for 24 months."),
        ("The guarantee runs for 12 months.", "The guarantee runs for a year."),
        ("The town spent £3 million on the quay.", "The town spent £3m on the quay."),
        ("The app has 5 million users.", "The app has 5M users."),
        ("The guarantee runs for 18 months.", "The guarantee runs for a year and a half."),
        ("The crossing takes 90 minutes.", "The crossing takes 1 hour and 30 minutes."),
        ("The crossing takes 1 h 30 min.", "The crossing takes 90 minutes."),
        ("The crossing takes two and a half hours.", "The crossing takes 150 minutes."),
        ("A quarter of an hour is enough for the crossing.", "15 minutes are enough for the crossing."),
        ("The town has half a million people.", "The town has 500,000 people."),
        ("The town has half a million people.", "The town has 0.5 million people."),
        ("Add half a litre of oil.", "Add 500 ml of oil."),
        ("Add half a cup of oil.", "Add 1/2 cup of oil."),
        ("Add half a cup of oil.", "Add ½ cup of oil."),
        ("25 % of the pumps fail.", "One in four of the pumps fail."),
        ("One in four pumps fail.", "25 % of the pumps fail."),
        ("The stamp costs 50 cents.", "The stamp costs $0.50."),
        ("The pump draws 2 kilowatt hours a day.", "The pump draws 2 kWh a day."),
        ("The pump draws 2 kilowatts.", "The pump draws 2000 watts."),
        ("The pump draws 0.5 mW.", "The pump draws 0.0005 W."),
        ("Two decades have passed since the flood.", "20 years have passed since the flood."),
        ("The second half of the year is wet.", "The second half of the year is wet."),
        ("Half the pumps fail.", "Half of the pumps fail."),
        ("The notice is six weeks.", "The notice is 42 days."),
        ("The disc holds 2 GB.", "The disc holds 2048 MB."),
        ("The ship goes 36 km per hour.", "The ship goes 36 km/h."),
        ("The fee fell by a third.", "The fee fell by 33.3 %."),
        ("Two and a quarter hours are needed.", "135 minutes are needed."),
        ("The fee is £2.5 million.", "The fee is £2.5m."),
        ("The pump holds half a dozen seals.", "The pump holds 6 seals."),
        ("The rent is due on the third of May.", "The rent is due on May 3."),
        ("The yard is open 24 hours.", "The yard is open for a day."),
        ("The crossing is 5 km.", "The crossing is 5,000 metres."),
        ("The box weighs 2.5 tonnes.", "The box weighs 2500 kg."),
        ("The probability is one half.", "The probability is 0.5."),
        ("The third person pays nothing.", "The third person pays nothing."),
        ("Half an hour before sailing the gate shuts.", "The gate shuts thirty minutes before sailing."),
        ("The half-hour ferry sails.", "The 30-minute ferry sails."),
        ("The pump weighs 1,500 g.", "The pump weighs 1.5 kg."),
        ("The fee is 1.5 thousand euros.", "The fee is €1,500."),
        ("The fee is $1,500 a month.", "The fee is 1500 dollars a month."),
    ],
)
def test_what_is_equal_is_held(sentence: str, quote: str) -> None:
    assert found(sentence, quote) == []


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Half of the pumps fail in winter.", "0.5 % of the pumps fail in winter."),
        ("A quarter of the pumps fail in winter.", "75 % of the pumps fail in winter."),
        ("A third of the pumps fail in winter.", "3 of the pumps fail in winter."),
        ("The pump draws 1.5 kW.", "The pump draws 150 W."),
        ("The pump draws 1.5 MW.", "The pump draws 1500 W."),
        ("The pump draws 5 MW.", "The pump draws 5 mW."),
        ("The pump draws 5 mW.", "The pump draws 5 MW."),
        ("The path is 2 km long.", "The path is 200 m long."),
        ("The crossing takes half an hour.", "The crossing takes 50 minutes."),
        ("The guarantee runs for two years.", "The guarantee runs for 12 months."),
        ("The town spent 3 metres on the quay.", "The town spent £3m on the quay."),
        ("The pump draws at most 1.5 kW.", "The pump draws at least 1500 W."),
        ("The car goes 5 km/h on the quay.", "The car goes 5000 m/s on the quay."),
        ("The guarantee runs for 18 months.", "The guarantee runs for a year."),
        ("The guarantee runs for 12 months.", "The guarantee costs 3 euros a year."),
        ("The crossing takes 90 minutes.", "The crossing takes 1 hour and 20 minutes."),
        ("The crossing takes 1 h 40 min.", "The crossing takes 90 minutes."),
        ("A quarter of an hour is enough for the crossing.", "25 minutes are enough for the crossing."),
        ("The town has half a million people.", "The town has 5 million people."),
        ("Add half a litre of oil.", "Add 50 ml of oil."),
        ("25 % of the pumps fail.", "One in five of the pumps fail."),
        ("The stamp costs 50 cents.", "The stamp costs $5."),
        ("The stamp costs 50 cents.", "The stamp costs £0.50."),
        ("The pump draws 2 kW.", "The pump draws 2 kWh."),
        ("The pump draws 2 kWh.", "The pump draws 2000 W."),
        ("The pump draws 0.5 MW.", "The pump draws 0.0005 W."),
        ("The notice is one month.", "The notice is 31 days."),
        ("The notice is 28 days.", "The notice is one month."),
        ("The disc holds 2 GB.", "The disc holds 20 MB."),
        ("The ship goes 36 km per hour.", "The ship goes 36000 m per second."),
        ("The area is 2 km2.", "The area is 2000 m2."),
        ("The area is 2 km².", "The area is 2000 m²."),
        ("The fee fell by a third.", "The fee fell by 30 %."),
        ("The fee fell by half.", "The fee fell by 5 %."),
        ("The fee fell by a third.", f"The fee fell by 0.{'0' * 30}1 %."),
        ("The fee is £2.5 million.", "The fee is £25m."),
        ("Two thirds agree.", "One third agree."),
        ("The path is 3.3 feet long.", "The path is 1 m long."),
        ("The pump draws at least 2 kW.", "The pump draws at most 2000 W."),
        ("Two years old children pay.", "24 children pay."),
        ("The fee is 1500 euros.", "The fee is $1.5k."),
        ("The bar is 1 bar.", "The pump needs 1 kPa."),
        ("It takes 1 hour and 30 minutes.", "It takes 1 hour, and 30 seconds."),
    ],
)
def test_what_is_not_equal_is_found(sentence: str, quote: str) -> None:
    assert found(sentence, quote)


UNITS = st.sampled_from([SIZES[measure].split() for measure in ("length", "mass", "frequency")])


@given(UNITS, st.data(), st.integers(1, 10**6), st.integers(1, 10**6))
def test_two_quantities_are_equal_where_their_sizes_are(
    units: list[str], data: st.DataObject, one: int, other: int
) -> None:
    sizes = dict(zip(units[::2], map(Decimal, units[1::2]), strict=True))
    here, there = data.draw(st.sampled_from(units[::2])), data.draw(st.sampled_from(units[::2]))
    (first,), (second,) = amounts(f"it is {one} {here} so"), amounts(f"it is {other} {there} so")
    assert first.equals(second) == (one * sizes[here] == other * sizes[there])


def test_a_sum_is_held_by_no_bare_number() -> None:
    assert found("The crossing takes 1 hour and 30 minutes.", "The crossing takes 90 crates.")
