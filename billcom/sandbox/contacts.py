"""E-mail and postal addresses in a request."""

from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.wire import Record

_COUNTRY_NAMES = {
    "CA": "Canada",
    "DE": "Germany",
    "FR": "France",
    "JP": "Japan",
    "MX": "Mexico",
    "NL": "Netherlands",
    "US": "United States",
}


def read_email(fields: Fields, *, required: bool) -> str | None:
    """The field `email`."""
    email = fields.text("email", required=required)
    if email is not None and "@" not in email.strip("@"):
        fields.problem("email", "must be a well-formed email address")
    return email


def read_address(fields: Fields | None, *, whole: bool = True) -> Record | None:
    """An address; a `whole` one needs street, city, code and country."""
    if fields is None:
        return None
    country = fields.text("country", required=whole)
    return without_gaps(
        line1=fields.text("line1", required=whole),
        line2=fields.text("line2"),
        city=fields.text("city", required=whole),
        stateOrProvince=fields.text("stateOrProvince"),
        zipOrPostalCode=fields.text("zipOrPostalCode", required=whole),
        country=country,
        countryName=_COUNTRY_NAMES.get(country or ""),
    )
