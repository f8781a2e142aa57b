"""A mapping file: what it may say, and one sentence for what it may not."""

import pytest

from etl.errors import UsageError
from etl.fleetflow.mapping import read_mapping
from tests.etl.fleetflow.side import INVOICES, URL


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("[hold]\n", r"holds nobody: give unpaid or days_late"),
        ("[hold]\nunpaid = 0\n", "in hold.unpaid, expected `int` >= 1"),
        ('[hold]\nunpaid = 1\nwebhook = "https://x"\n', "a webhook is signed"),
        (
            '[hold]\nunpaid = 1\nsecret_from = "FLEETFLOW_K"\nwebhook = "http://x.example/"\n',
            "webhook must be an address like https",
        ),
        ('[hold]\nunpaid = 1\nsecret_from = "TIEOUT_SECRET_KEY"\n', "in hold.secret_from"),
        ("[invoices]\n", "in invoices, object missing required field `table`"),
        (INVOICES, "tables are named but no database"),
        ("[fees]\nstart = 2026-01-01\n", "needs at least one"),
        (URL, "it names nothing to do"),
        ("[holds]\n", "unknown field `holds`"),
        ("[hold", "it is not TOML"),
        (
            (
                '[hold]\nunpaid = 1\n[[contracts]]\ncustomer = "*"\nfrom = 2026-01-01\n'
                'currency = "USD"\npercent = 5\nflat = 1\n'
            ),
            r"the contract of \* from 2026-01-01 needs either percent or flat",
        ),
        (
            (
                '[hold]\nunpaid = 1\n[fees]\nstart = 2026-01-01\nnames_load = "("\n'
                '[[contracts]]\ncustomer = "*"\nfrom = 2026-01-01\ncurrency = "USD"\nflat = 1\n'
            ),
            "pattern with one group",
        ),
    ],
)
def test_each_mistake_in_a_mapping_is_one_sentence(mapping: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        read_mapping(mapping)
    assert str(refused.value).endswith("Nothing was changed.")
