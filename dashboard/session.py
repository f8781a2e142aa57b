"""What one browser session holds, and the only module that touches st.session_state.

Tenant, day and currency live in the URL, so that a view is a link. What the URL asks for is taken
once, when it changes; a wish that makes no sense is dropped with a sentence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from dashboard.source import Source
from etl.desk import SignedIn
from etl.entry import HalfWay

__all__ = [
    "PARAMETERS",
    "Pending",
    "PendingBulk",
    "choose",
    "close_action",
    "close_case",
    "close_explanation",
    "enrolment",
    "enter",
    "fresh_codes",
    "go_half_way",
    "half_way",
    "has_left",
    "is_news",
    "is_on_phone",
    "keep_choice",
    "keep_enrolment",
    "keep_fresh_codes",
    "kept_choice",
    "kept_widget",
    "link_parameters",
    "open_action",
    "open_case",
    "open_explanation",
    "opened",
    "opened_case",
    "opened_explanation",
    "pending_action",
    "pending_bulk",
    "person",
    "resolve",
    "show_record",
    "sign_in",
    "sign_out",
    "tell",
    "told",
    "value",
    "widget",
    "words",
    "write_url",
    "write_words",
]

T = TypeVar("T")
PARAMETERS = ("tenant", "as_of", "currency", "reporting")
RECORDS = ("customer", "invoice", "recurring")


@dataclass(frozen=True, slots=True)
class Pending:
    """An action on an invoice or a customer whose dialog is open; `key` names the one effect it can
    have, `receipt` is there once it was proposed and its answer is waited for."""

    action: str
    tenant: str
    record_id: str
    key: str
    receipt: int | None = None

    def with_receipt(self, receipt: int) -> "Pending":
        """The same, proposed."""
        return replace(self, receipt=receipt)


@dataclass(frozen=True, slots=True)
class PendingBulk:
    """An action on several invoices whose dialog is open; the keys of its effects follow from
    `key`."""

    action: str
    tenant: str
    invoice_ids: tuple[str, ...]
    key: str


def person() -> SignedIn | None:
    """Who signed in, if anybody."""
    found = st.session_state.get("person")
    return found if isinstance(found, SignedIn) else None


def sign_in(who: SignedIn) -> None:
    """From now on this session is theirs."""
    st.session_state["person"] = who
    for name in ("half_way", "enrolment", "told", "has_left"):
        st.session_state.pop(name, None)


def sign_out(told: str | None = None) -> None:
    """Forgets the person and everything they chose; `told` is what the sign-in page says."""
    st.session_state.clear()
    st.query_params.clear()
    st.session_state["has_left"] = True
    tell(told)


def has_left() -> bool:
    """Whether somebody signed out here: the cookie this page came with is of no use any more."""
    return bool(st.session_state.get("has_left"))


def tell(sentence: str | None) -> None:
    """What the sign-in page says when it is shown next."""
    st.session_state["told"] = sentence


def told() -> str | None:
    """What the sign-in page is to say."""
    return st.session_state.get("told")


def half_way() -> HalfWay | None:
    """Who gave the right password and lacks something else."""
    found = st.session_state.get("half_way")
    return found if isinstance(found, HalfWay) else None


def go_half_way(half: HalfWay | None) -> None:
    """Keeps what is lacking; None begins again."""
    st.session_state["half_way"] = half
    st.session_state.pop("enrolment", None)


def enrolment() -> tuple[str, str] | None:
    """The authenticator being enrolled: its secret, and what its QR code says."""
    return st.session_state.get("enrolment")


def keep_enrolment(begun: tuple[str, str] | None) -> None:
    """Keeps an enrolment over reruns; None forgets it."""
    st.session_state["enrolment"] = begun


def fresh_codes() -> tuple[str, ...]:
    """Recovery codes that were made a moment ago, until they were written down."""
    found: tuple[str, ...] = st.session_state.get("fresh_codes", ())
    return found


def keep_fresh_codes(codes: Sequence[str]) -> None:
    """Shows recovery codes until this is called with none."""
    st.session_state["fresh_codes"] = tuple(codes)


def is_on_phone() -> bool:
    """Whether the browser says that it is a phone's."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def widget(name: str, value: Any) -> str:
    """The key of a widget that shows `value` from now on."""
    st.session_state[name] = value
    return name


def kept_widget(name: str, value: Any) -> str:
    """The key of a widget that shows `value`; one that does already is left alone, so that
    whoever is typing in it is not interrupted."""
    if st.session_state.get(name) != value:
        st.session_state[name] = value
    return name


def value(name: str) -> Any:
    """What a widget says now."""
    return st.session_state.get(name)


def is_news(name: str, value: Any) -> bool:
    """Whether a value is another than the last time this was asked."""
    before = st.session_state.get(f"news-{name}")
    st.session_state[f"news-{name}"] = value
    return bool(value != before)


def kept_choice(grid: str, about: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The rows and cells chosen in a grid on this page; none where it was about something else."""
    was_about, choice = st.session_state.get("choices", {}).get(grid, (None, ((), ())))
    return choice if was_about == about else ((), ())


def keep_choice(grid: str, about: Any, choice: tuple[tuple[Any, ...], tuple[Any, ...]]) -> None:
    """Keeps the rows and cells chosen in a grid until another page is opened."""
    st.session_state.setdefault("choices", {})[grid] = (about, choice)


def resolve(name: str, parse: Callable[[str], T | None], fallback: T) -> tuple[T, str | None]:
    """What is chosen for a parameter, and the text of the URL where that made no sense."""
    chosen, seen = _memory("chosen"), _memory("seen")
    asked, refused = st.query_params.get(name), None
    if asked is not None and asked != seen.get(name):
        value = parse(asked)
        if value is None:
            refused = asked
        else:
            chosen[name] = asked
    kept = parse(chosen[name]) if name in chosen else None
    return (fallback if kept is None else kept), refused


def choose(name: str, value: str | None) -> None:
    """Keeps what somebody chose in a widget; None is whatever is usual."""
    _memory("chosen").pop(name, None)
    if value is not None:
        _memory("chosen")[name] = value
    if name == "tenant":
        for record in RECORDS:
            st.query_params.pop(record, None)
        _memory("words").clear()
        _memory("chosen").pop("currency", None)
        _memory("chosen").pop("reporting", None)


def write_url(view: Mapping[str, str | None]) -> None:
    """Makes the URL say what is shown."""
    wanted = {name: value for name, value in view.items() if value is not None}
    _memory("seen").clear()
    _memory("seen").update(wanted)
    others = {k: v for k, v in st.query_params.to_dict().items() if k not in PARAMETERS}
    if st.query_params.to_dict() != wanted | others:
        st.query_params.from_dict(wanted | others)


def link_parameters(**record: str) -> dict[str, str]:
    """The parameters of a link to another page that keeps tenant, day and currency."""
    return {**_memory("seen"), **record}


def opened(record: str) -> str | None:
    """The id of the customer or invoice that the URL names."""
    return st.query_params.get(record) or None


def show_record(record: str, bill_id: str | None) -> None:
    """Names a customer or invoice in the URL, or none any more."""
    if bill_id is None:
        st.query_params.pop(record, None)
    else:
        st.query_params[record] = bill_id


def enter(page: str) -> None:
    """Notes which page is shown, and whether another was shown before it."""
    st.session_state["has_come_anew"] = st.session_state.get("page") != page
    if st.session_state["has_come_anew"]:
        st.session_state.pop("choices", None)
    st.session_state["page"] = page


def words(page: str, names: Sequence[str]) -> dict[str, str]:
    """What the address says under a page's own names.

    Whoever comes back to the page finds what they left, unless the address names something itself.
    """
    said = {name: st.query_params[name] for name in names if name in st.query_params}
    names_another = said or any(record in st.query_params for record in RECORDS)
    if st.session_state.get("has_come_anew") and not names_another:
        said = _remembered(page)
        write_words(page, names, said)
    _remember(page, said)
    return said


def write_words(page: str, names: Sequence[str], said: Mapping[str, str]) -> None:
    """Makes the address say this, and nothing else, under a page's own names."""
    wanted = {name: text for name, text in said.items() if name in names and text}
    for name in names:
        if name not in wanted:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
    _remember(page, wanted)


def _remember(page: str, said: Mapping[str, str]) -> None:
    _memory("words")[page] = urlencode(said)


def _remembered(page: str) -> dict[str, str]:
    return dict(parse_qsl(_memory("words").get(page, "")))


def open_case(payment_id: str) -> None:
    """Opens a failed payment's dialog; it stays open over reruns until it is closed."""
    st.session_state["opened_case"] = payment_id


def opened_case() -> str | None:
    """The failed payment whose dialog is open."""
    found = st.session_state.get("opened_case")
    return found if isinstance(found, str) else None


def close_case() -> None:
    """Closes the dialog; nothing is entered."""
    st.session_state.pop("opened_case", None)


def open_action(pending: Pending | PendingBulk) -> None:
    """Opens an action's dialog; it stays open over reruns until it is closed."""
    st.session_state["pending_action"] = pending


def pending_action() -> Pending | None:
    """The action whose dialog is open."""
    found = st.session_state.get("pending_action")
    return found if isinstance(found, Pending) else None


def pending_bulk() -> PendingBulk | None:
    """The action on several invoices whose dialog is open."""
    found = st.session_state.get("pending_action")
    return found if isinstance(found, PendingBulk) else None


def close_action() -> None:
    """Closes the dialog; nothing is proposed."""
    st.session_state.pop("pending_action", None)


def open_explanation(about: Source) -> None:
    """Opens the explanation of a figure; it stays open over reruns until it is closed."""
    st.session_state["explained"] = about


def opened_explanation() -> Source | None:
    """The figure whose explanation is open."""
    found = st.session_state.get("explained")
    return found if isinstance(found, Source) else None


def close_explanation() -> None:
    """Closes the explanation."""
    st.session_state.pop("explained", None)


def _memory(name: str) -> dict[str, str]:
    kept: dict[str, str] = st.session_state.setdefault(name, {})
    return kept
