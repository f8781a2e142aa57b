"""What happened, in the words of whoever collects."""

__all__ = ["event_told"]

# Every other event goes by its own name: invoice_issued is “Invoice issued”.
WORDS = {
    "payment_on_account": "Payment held on account",
    "payment_applied": "Payment received",
    "payment_reversed": "Payment returned",
    "credit_issued": "Credit memo issued",
    "credit_adjusted": "Credit memo changed",
    "credit_archived": "Credit memo archived",
    "credit_restored": "Credit memo restored",
    "credit_applied": "Credit applied",
    "credit_unapplied": "Credit taken back",
    "invoice_adjusted": "Invoice changed",
    "invoice.email": "Invoice by e-mail",
    "invoice.archive": "Archiving of the invoice",
    "letter.failed_payment": "Letter on a returned payment",
    "letter.receipt": "Receipt by e-mail",
    "letter.reminder": "Reminder by e-mail",
}


def event_told(name: str) -> str:
    """An event of the ledger, an action, or a balance of a statement, as words."""
    return WORDS.get(name, name.replace("_", " ").replace(".", " ").capitalize())
