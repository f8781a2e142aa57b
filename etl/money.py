"""Rounding money to its currency's minor unit (ISO 4217), half up, always in Decimal."""

from decimal import ROUND_HALF_UP, Decimal

__all__ = ["EXPONENTS", "digits_of", "exponent_of", "rounded"]

# Every currency that is not listed has two digits.
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0
    ),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def exponent_of(currency: str) -> int:
    """Digits of the minor unit: 2 for USD, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount with exactly its currency's digits."""
    return amount.quantize(Decimal(1).scaleb(-exponent_of(currency)), ROUND_HALF_UP)


def digits_of(amount: Decimal) -> int:
    """How many digits after the point a finite amount needs: 1 for 1.50 and 1.50000, 0 for 100."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
