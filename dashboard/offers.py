"""The actions that pages offer, by the words on their buttons."""

from dataclasses import dataclass

__all__ = [
    "ARCHIVE",
    "CHARGE",
    "EMAIL",
    "NOTE",
    "OFFERED",
    "PAUSE",
    "PAYMENT_LINK",
    "PROMISE",
    "RECORD",
    "RESTORE",
    "RESUME",
    "Offer",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """How an action is named: on its button, and as a question; `several` where it is offered for
    several invoices at once."""

    action: str
    button: str
    question: str
    icon: str
    several: tuple[str, str] = ("", "")


EMAIL = Offer(
    "invoice.email",
    "Send by e-mail",
    "Send this invoice by e-mail?",
    ":material/mail:",
    ("Send by e-mail", "Send these invoices by e-mail?"),
)
PAYMENT_LINK = Offer(
    "invoice.payment_link",
    "Payment link",
    "Get a payment link for this invoice?",
    ":material/link:",
)
RECORD = Offer(
    "payment.record",
    "Record payment",
    "Record a payment that came in?",
    ":material/payments:",
    ("Record one payment", "Record one payment for these invoices?"),
)
CHARGE = Offer(
    "payment.charge",
    "Charge bank account",
    "Charge the customer's bank account?",
    ":material/account_balance:",
)
ARCHIVE = Offer(
    "invoice.archive",
    "Archive invoice",
    "Archive this invoice?",
    ":material/archive:",
    ("Archive invoices", "Archive these invoices?"),
)
RESTORE = Offer(
    "invoice.restore", "Restore invoice", "Restore this invoice?", ":material/unarchive:"
)
PAUSE = Offer(
    "recurring.pause", "Pause", "Pause this recurring invoice?", ":material/pause_circle:"
)
RESUME = Offer(
    "recurring.resume", "Resume", "Resume this recurring invoice?", ":material/play_circle:"
)
NOTE = Offer("customer.note", "Add note", "Add a note?", ":material/edit_note:")
PROMISE = Offer(
    "customer.promise", "Promise to pay", "Note a promise to pay?", ":material/handshake:"
)
OFFERED = {
    offer.action: offer
    for offer in (
        EMAIL,
        PAYMENT_LINK,
        RECORD,
        CHARGE,
        ARCHIVE,
        RESTORE,
        PAUSE,
        RESUME,
        NOTE,
        PROMISE,
    )
}
