"""The link in a letter by which whoever got it gets no more of them."""

import json
from datetime import datetime

from etl.errors import StoreError
from etl.settings import Settings
from etl.store.access import command_line_grant
from etl.store.engine import Store
from etl.store.models import Tenant
from etl.store.secrets import SecretBox
from etl.store.suppressions import suppress

__all__ = ["link_of", "may_unsubscribe", "unsubscribe"]

ACTOR = "recipient"


def link_of(settings: Settings, box: SecretBox, tenant_id: int, address: str) -> str | None:
    """The address of the page that ends letters to an address; None where the dashboard is not
    reached over HTTPS from elsewhere. It shows neither of the two, and lasts."""
    if not settings.public_url.startswith("https://"):
        return None
    token = box.seal(json.dumps({"unsubscribe": [tenant_id, address]}))
    return f"{settings.public_url}/unsubscribe/{token}"


def may_unsubscribe(box: SecretBox, token: str) -> bool:
    """Whether a link is one of ours."""
    return _read(box, token) is not None


def unsubscribe(store: Store, box: SecretBox, token: str, *, at: datetime) -> bool:
    """Writes no more to the address of a link; False where it is none of ours."""
    found = _read(box, token)
    if found is None:
        return False
    tenant_id, address = found
    with store.begin() as session:
        tenant = session.get(Tenant, tenant_id)
        if tenant is not None:
            grant = command_line_grant(tenant, ACTOR)
            suppress(session, grant, "address", address, reason="Unsubscribed.", at=at)
    return True


def _read(box: SecretBox, token: str) -> tuple[int, str] | None:
    try:
        known = json.loads(box.open(token))
    except (StoreError, ValueError):
        return None
    found = known.get("unsubscribe") if isinstance(known, dict) else None
    return (found[0], found[1]) if found else None
