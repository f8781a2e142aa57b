"""The one place that touches the network: certificates, trickling answers, bytes."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from billcom import errors
from billcom.environment import Environment, World, resolve
from billcom.protocol import Host, Request
from billcom.transport import Patience, Transport

HASTY = Patience(connect_s=0.5, read_s=0.3, whole_s=0.6)
GET = Request("GET", "/v3/customers")
POST = Request("POST", "/v3/customers", body={"name": "x"})
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@contextmanager
def raw_server(*pieces: bytes, pause_s: float = 0.0) -> Iterator[str]:
    """Answers every connection with these bytes, a pause before each, and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                for piece in pieces:
                    if over.wait(pause_s):
                        return
                    try:
                        connection.sendall(piece)
                    except OSError:
                        break

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/connect"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def sent(base_url: str, request: Request, patience: Patience = HASTY) -> object:
    transport = Transport(resolve("sandbox", base_url), patience)
    try:
        return transport.transmit(request, {})
    finally:
        transport.close()


def test_a_whole_answer_is_read_and_measured() -> None:
    with raw_server(HEAD + b"content-length: 2\r\n\r\n{}") as url:
        answer = sent(url, GET)
    assert (answer.status, answer.text, answer.size_bytes) == (200, "{}", 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("request_", "kind"), [(GET, errors.AnswerLostError), (POST, errors.OutcomeUnknownError)]
)
@pytest.mark.parametrize(
    ("pieces", "pause_s", "why"),
    [
        ((b"",), 0.0, "connection lost"),
        ((HEAD + b"content-length: 50\r\n\r\n{",), 0.0, "connection lost"),
        ((HEAD, b"content-length: 2\r\n\r\n{}"), 0.5, "timed out"),
        ((HEAD + b"content-length: 50\r\n\r\n", *[b" "] * 30), 0.1, "timed out"),
        ((HEAD + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",), 0.0, "lost"),
    ],
)
def test_an_answer_that_does_not_come_whole_is_lost(
    request_: Request, kind: type[Exception], pieces: tuple[bytes, ...], pause_s: float, why: str
) -> None:
    with raw_server(*pieces, pause_s=pause_s) as url, pytest.raises(kind, match=why):
        sent(url, request_)


def test_an_answer_larger_than_any_of_bills_is_not_read_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("billcom.transport.LARGEST_ANSWER_BYTES", 1000)
    with (
        raw_server(HEAD + b"content-length: 5000\r\n\r\n" + b" " * 5000) as url,
        pytest.raises(errors.AnswerLostError, match="larger than any answer"),
    ):
        sent(url, GET)


@pytest.mark.parametrize("request_", [GET, POST])
def test_nobody_there_is_told_apart_from_a_lost_answer(request_: Request) -> None:
    with pytest.raises(errors.UnreachableError, match=r"refused.*Nothing was sent"):
        sent("http://127.0.0.1:9/connect", request_)
    with pytest.raises(errors.UnreachableError, match="no such host"):
        sent("https://bill.invalid/connect", request_)


def certificate(folder: Path) -> Path:
    """One that nobody trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "pair.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return file


@contextmanager
def tls_server(pair: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}/connect"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("request_", [GET, POST])
def test_a_host_that_does_not_prove_to_be_bill_gets_nothing(
    request_: Request, tmp_path: Path
) -> None:
    with (
        tls_server(certificate(tmp_path)) as url,
        pytest.raises(errors.UntrustedHostError, match=r"certificate.*Nothing was sent") as caught,
    ):
        sent(url, request_)
    assert not caught.value.transient


def test_a_host_that_speaks_no_tls_gets_nothing() -> None:
    with (
        raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url,
        pytest.raises(errors.UntrustedHostError, match="does not speak TLS"),
    ):
        sent(url.replace("http:", "https:"), GET)


def test_bytes_are_sent_as_they_are_and_webhooks_go_to_their_own_address() -> None:
    environment = Environment(World.SANDBOX, "https://gateway.stage.bill.com/connect")
    assert environment.address_of(Host.CONNECT) == "https://gateway.stage.bill.com/connect"
    assert environment.address_of(Host.EVENTS) == "https://gateway.stage.bill.com/connect-events"
