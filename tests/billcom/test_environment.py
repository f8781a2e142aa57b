"""Where BILL may be."""

import pytest

from billcom.environment import resolve
from billcom.errors import ConfigurationError


@pytest.mark.parametrize(
    ("world", "address"),
    [
        ("sandbox", "https://gateway.stage.bill.com/connect"),
        ("production", "https://gateway.prod.bill.com/connect"),
    ],
)
def test_a_world_has_its_own_address(world: str, address: str) -> None:
    assert resolve(world).base_url == address


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000/connect/", "http://localhost/connect", "http://[::1]:9/connect"],
)
def test_plain_http_reaches_this_machine(address: str) -> None:
    assert resolve("sandbox", address).base_url == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://gateway.stage.bill.com/connect",
        "http://10.0.0.8/connect",
        "http://localhost.example.com/connect",
        "http://127.0.0.1.example.com/connect",
        "ftp://127.0.0.1/connect",
        "gateway.stage.bill.com",
        "https://user:secret@host/connect",
        "https://host/connect?x=1",
        "https://[::1/connect",
        "https://host:notaport/connect",
        " ",
    ],
)
def test_any_other_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve("sandbox", address)
    assert "secret" not in str(caught.value)


def test_an_unknown_world_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="choose sandbox or production"):
        resolve("staging")


@pytest.mark.parametrize(
    "address",
    [
        "https://gateway.prod.bill.com/connect",
        "https://GATEWAY.prod.bill.com:443/connect/",
        "https://gateway.prod.bill.com./connect",
    ],
)
def test_the_production_gateway_is_no_sandbox(address: str) -> None:
    with pytest.raises(ConfigurationError, match="is BILL's production"):
        resolve("sandbox", address)


@pytest.mark.parametrize(
    "address",
    [
        "https://gateway.stage.bill.com/connect",
        "https://gateway.bill.com/connect",
        "https://gateway.prod.bill.com.example.com/connect",
    ],
)
def test_no_other_host_is_production(address: str) -> None:
    with pytest.raises(ConfigurationError, match="is not BILL's production"):
        resolve("production", address)


@pytest.mark.parametrize(
    "address", ["https://gateway.prod.bill.com/connect", "http://127.0.0.1:8000/connect"]
)
def test_production_is_its_gateway_or_stands_on_this_machine(address: str) -> None:
    assert resolve("production", address).base_url == address
