"""Codes of an authenticator app (RFC 6238) and the recovery codes that stand in for it."""

import secrets
from datetime import datetime

import pyotp

__all__ = ["STEP_S", "address_of", "new_recovery_codes", "new_secret", "step_of", "tidy"]

STEP_S = 30
DIGITS = 6
DRIFT = 1  # steps that a clock may be off, either way
RECOVERY_CODES = 10
# Without 0, O, 1, I and L, which are mistaken for each other on paper.
PAPER = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_secret() -> str:
    """160 random bits in base 32, as authenticators want them."""
    return pyotp.random_base32()


def address_of(secret: str, email: str) -> str:
    """What a QR code says to an authenticator."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(
        name=email, issuer_name="Tieout"
    )


def step_of(
    secret: str, code: str, at: datetime, *, after: int, digits: int = DIGITS
) -> int | None:
    """The time step that a code is of; None where it is wrong, or of `after` or an older one."""
    codes = pyotp.TOTP(secret, digits=digits, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    for step in range(max(now - DRIFT, after + 1), now + DRIFT + 1):
        if secrets.compare_digest(codes.at(step * STEP_S), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 49 random bits each, in two groups that are easily read."""
    return [f"{_paper(5)}-{_paper(5)}" for _ in range(RECOVERY_CODES)]


def tidy(code: str) -> str:
    """A code as it was given out, however it was typed; only signs that codes are made of."""
    kept = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
    return kept if kept.isdecimal() or len(kept) != 10 else f"{kept[:5]}-{kept[5:]}"


def _paper(length: int) -> str:
    return "".join(secrets.choice(PAPER) for _ in range(length))
