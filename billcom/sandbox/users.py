"""Users of an organization and the roles they can have."""

from billcom.sandbox.contacts import read_email
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record

ADMINISTRATOR = "ADMINISTRATOR"
ROLES = {
    ADMINISTRATOR: "May do everything",
    "MEMBER": "May enter and approve",
    "ACCOUNTANT": "May enter, approve and reconcile",
    "PARTNER": "Works for the accounting firm",
    "PURCHASE_REQUESTER": "May ask for purchases",
    "CUSTOM": "Reads receivables",
}


def found(state: BookState, email: str) -> Record:
    """Put the roles and the user whose credentials open the book into a new book."""
    now = state.now_text()
    times = {"createdTime": now, "updatedTime": now}
    for position, (kind, description) in enumerate(ROLES.items()):
        role_id = f"rol02{kind.replace('_', '')[:12]:x<12}{position:03d}"
        state.roles.put({"id": role_id, "type": kind, "description": description, **times})
    names = {"firstName": "Desk", "lastName": "User", "email": email}
    user = {"id": state.user_id, "archived": False, **names, "role": role_of(state, ADMINISTRATOR)}
    return state.users.put({**user, **times})


def role_of(state: BookState, kind: str) -> Record:
    """The role of this type, as a user shows it."""
    return next(_shown(role) for role in state.roles.values() if role["type"] == kind)


def create(state: BookState, body: object) -> Record:
    """Add a user in one of the organization's roles."""
    fields = Fields(body)
    given = _read(state, fields, required=True)
    if fields.flag("acceptTermsOfService") is not True:
        fields.problem("acceptTermsOfService", "must be true")
    fields.check()
    return add(state, given)


def add(state: BookState, given: Record) -> Record:
    """Put a user with these fields, which have been checked, into the book."""
    _demand_free_email(state, given["email"], ours=None)
    now = state.now_text()
    user = {"id": state.ids.new("006"), "archived": False, **given}
    return state.users.put({**user, "createdTime": now, "updatedTime": now})


def change(state: BookState, user_id: str, body: object) -> Record:
    """Change the fields that are given."""
    user = find(state.users, user_id)
    fields = Fields(body)
    given = _read(state, fields, required=False)
    fields.check()
    _demand_free_email(state, given.get("email"), ours=user_id)
    return state.users.put(touched(state, {**user, **given}))


def _read(state: BookState, fields: Fields, *, required: bool) -> Record:
    names = {
        name: fields.text(name, required=required or fields.has(name), longest=100)
        for name in ("firstName", "lastName")
    }
    return without_gaps(
        **names,
        email=read_email(fields, required=required or fields.has("email")),
        role=_role(state, fields, required=required),
    )


def _role(state: BookState, fields: Fields, *, required: bool) -> Record | None:
    role_id = fields.text("roleId", required=required)
    if role_id is None:
        return None
    if role_id not in state.roles:
        fields.problem("roleId", "is not a role of the organization")
        return None
    return _shown(state.roles[role_id])


def _shown(role: Record) -> Record:
    return {name: role[name] for name in ("id", "type", "description")}


def _demand_free_email(state: BookState, wanted: str | None, *, ours: str | None) -> None:
    for user in state.users.values() if wanted is not None else ():
        if user.get("email") == wanted and user["id"] != ours:
            raise BusinessRuleError(f"User {user['id']} has this email address.")
