"""The seeded world for tests: always the same book, going on in real time."""

from collections.abc import Collection
from datetime import UTC, datetime

from billcom.sandbox.businesses import BUSINESSES, Business
from billcom.sandbox.clock import system_clock
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.world import World

# A Monday morning, when the dispatcher has just billed the week.
WRITTEN_AT = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


def written_world(businesses: Collection[Business] = BUSINESSES[:1]) -> World:
    """A book as it stood at WRITTEN_AT, whatever the day; what happens next happens now."""
    world = seeded_world(2026, lambda: WRITTEN_AT, businesses=businesses)
    for tenant in world.tenants:
        # What was still to come in November would come at once, and more of it every day.
        tenant.book.agenda.clear()
    world.use_clock(system_clock)
    return world
