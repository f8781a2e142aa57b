"""When customers get no letters: at night where they are, and while the book is old."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["OLD_BOOK", "quiet_until"]

OLD_BOOK = timedelta(hours=6)  # by then somebody may have paid and be reminded all the same


def quiet_until(hours: tuple[int, int], now: datetime, time_zone: str) -> datetime | None:
    """When the quiet hours end that it is in now; None where it is in none.

    `hours` are the first and the hour after the last, such as 20 and 8; the same twice is none.
    """
    start, end = hours
    local = now.astimezone(ZoneInfo(time_zone))
    is_quiet = start <= local.hour < end if start < end else not end <= local.hour < start
    if start == end or not is_quiet:
        return None
    morning = local.replace(hour=end % 24, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)
