"""Where a customer's clock stands, by its billing address: only where that is sure."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

__all__ = ["zone_of"]

# States and territories that are in one zone as a whole: 15 U.S.C. 260a and 263, and the lines of
# 49 CFR part 71. AK, FL, ID, IN, KS, KY, MI, ND, NE, NV, OR, SD, TN and TX are in two; of AZ the
# Navajo Nation changes its clocks and the rest does not.
STATES = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA WA",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
ZONE_OF_STATE = {state: zone for zone, states in STATES.items() for state in states.split()}
SEASONS = (1, 4, 7, 10)


def zone_of(country: str, state: str, year: int) -> str | None:
    """The zone of a place by BILL's codes of country and state; None where it may be another.

    A country is one where all its zones, in the time zone database, keep the same time that year.
    """
    country, state = country.strip().upper(), state.strip().upper()
    if country == "US":
        return ZONE_OF_STATE.get(state)
    zones = _zones_by_country().get(country, ())
    is_one = len({_offsets(zone, year) for zone in zones}) == 1
    return zones[0] if is_one else None


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """Zones by country, as `zone.tab` of the time zone database lists them."""
    found: dict[str, tuple[str, ...]] = {}
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _place, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


@cache
def _offsets(zone: str, year: int) -> tuple[object, ...]:
    there = ZoneInfo(zone)
    days = (datetime(year, month, 1, tzinfo=UTC) for month in SEASONS)
    return tuple(day.astimezone(there).utcoffset() for day in days)
