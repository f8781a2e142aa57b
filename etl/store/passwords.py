"""Passwords: how they are kept, and which are refused."""

import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from etl.errors import UsageError
from etl.store.models import User

__all__ = ["hash_new", "is_right", "is_too_old", "make_up"]

SHORTEST = 12
LONGEST = 1024  # argon2 takes any length; nobody may make it work through a book
FEWEST_SIGNS = 5
HASHER = PasswordHasher()
# What most passwords are made of that many people have; digits and signs around it add nothing.
COMMON = re.compile(
    r"(pass(w|word|wort)?|letmein|welcome(back)?|iloveyou|admin(istrator)?|changeme|(top)?secret|default|"
    r"monkey|dragon|(foot|base)ball|superman|batman|princess|sunshine|whatever|qwerty(uiop)?|asdfghjkl|"
    r"zxcvbnm|tieout|billcom|my|the|please|now)+"
)
ROWS = ("abcdefghijklmnopqrstuvwxyz" * 2, "0123456789" * 3, "qwertyuiopasdfghjklzxcvbnm")
LETTERS_FOR_SIGNS = str.maketrans("@4310$5!", "aaeiossi")


def make_up() -> str:
    """A password nobody could guess, to be told once."""
    return secrets.token_urlsafe(15)


def hash_new(password: str, email: str) -> str:
    """A new password as it is kept; UsageError for one that is easily guessed."""
    if len(password) < SHORTEST:
        raise UsageError(f"A password needs at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise UsageError(f"A password has at most {LONGEST} characters.")
    if _is_address(password, email):
        raise UsageError("A password must not be the e-mail address: choose another.")
    if _is_common(password):
        raise UsageError("Too many people have this password: choose another, such as four words.")
    return HASHER.hash(password)


def is_right(password: str, user: User | None) -> bool:
    """Whether it is the user's; for nobody it takes as long to say no."""
    try:
        kept = user.password_hash if user else _nobodys_hash()
        return HASHER.verify(kept, password[:LONGEST]) and user is not None
    except (VerificationError, InvalidHashError):
        return False


def is_too_old(user: User, longest: timedelta | None, at: datetime) -> bool:
    """Whether a new one is due; None lets them grow old."""
    return longest is not None and at - (user.password_changed_at or user.created_at) > longest


def _is_address(password: str, email: str) -> bool:
    said, whole = _bare(password), _bare(email)
    return said in {whole, _bare(email.partition("@")[0])} or (bool(whole) and whole in said)


def _is_common(password: str) -> bool:
    small = password.lower()
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", small).translate(LETTERS_FOR_SIGNS)
    known = bool(COMMON.fullmatch(re.sub(r"[^a-z]", "", core)))
    return known or len(set(small)) < FEWEST_SIGNS or _follows_a_row(small)


def _follows_a_row(small: str) -> bool:
    """Whether it reads along the alphabet, the digits or the keyboard, either way."""
    return any(small in row or small in row[::-1] for row in ROWS)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("the password of nobody at all")
