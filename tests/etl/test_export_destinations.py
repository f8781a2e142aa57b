"""Exports through real servers on loopback: storage that checks signatures, and mail under TLS."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from etl.errors import DeliveryError, SettingsError, UsageError
from etl.exports import mail
from etl.exports.mail import by_mail
from etl.exports.parcel import Parcel
from etl.exports.signature import StorageKeys, signed
from etl.exports.storage import checked_endpoint, into_storage
from etl.jobs.run_exports import run_exports
from etl.mail import smtp
from etl.settings import Settings, load_settings
from etl.store import users
from etl.store.tenants import find_tenant
from tests.dashboard.world import World, make_world
from tests.etl.mailbox import mail_server
from tests.etl.test_scheduled_exports import SEVEN, arrange, told

KEYS = StorageKeys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
PARCEL = Parcel("harbor-aging-2025-08-03.csv", b"a,b\r\n", "text/csv", "{}\n", "Harbor: Aging")


# --- Storage ---------------------------------------------------------------------------------


def test_a_request_is_signed_as_in_awss_published_example() -> None:
    headers = signed(
        "PUT",
        "https://examplebucket.s3.amazonaws.com/test%24file.text",
        b"Welcome to Amazon S3.",
        KEYS,
        region="us-east-1",
        at=datetime(2013, 5, 24, tzinfo=UTC),
        headers={
            "Date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
    )
    assert headers["authorization"].endswith(
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


class Storage:
    """A storage that keeps what is signed rightly, and refuses the rest as S3 does."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.endpoint = ""
        self.app = Starlette(routes=[Route("/{path:path}", self.put, methods=["PUT"])])

    async def put(self, request: Request) -> Response:
        content = await request.body()
        if not self._is_signed(request, content):
            return Response(status_code=403)
        self.kept[request.scope["raw_path"].decode()] = content
        return Response()

    def _is_signed(self, request: Request, content: bytes) -> bool:
        """The signature made anew, from what arrived and nothing of ours."""
        said = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            request.headers["authorization"],
        )
        assert said is not None
        key_id, day, region, names, signature = said.groups()
        digest = hashlib.sha256(content).hexdigest()
        if key_id != KEYS.key_id or request.headers["x-amz-content-sha256"] != digest:
            return False
        head = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        path = request.scope["raw_path"].decode()
        canonical = f"PUT\n{path}\n\n{head}\n{names}\n{digest}".encode()
        scope = f"{day}/{region}/s3/aws4_request"
        key = f"AWS4{KEYS.secret}".encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        moment = request.headers["x-amz-date"]
        hashed = hashlib.sha256(canonical).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}".encode()
        return hmac.new(key, to_sign, "sha256").hexdigest() == signature


@pytest.fixture
def storage() -> Iterator[Storage]:
    kept = Storage()
    server = uvicorn.Server(uvicorn.Config(kept.app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        kept.endpoint = f"http://127.0.0.1:{port}"
        yield kept
    finally:
        server.should_exit = True
        thread.join()


def bucket(storage: Storage, **different: str) -> dict[str, str]:
    facts = {"endpoint": storage.endpoint, "bucket": "books", "prefix": "2025/a b", "region": "eu"}
    return facts | different


def test_storage_takes_what_is_signed_with_its_key(storage: Storage) -> None:
    place = into_storage(PARCEL, bucket(storage), KEYS, datetime.now(UTC))
    assert place == "s3://books/2025/a b/harbor-aging-2025-08-03.csv"
    assert storage.kept["/books/2025/a%20b/harbor-aging-2025-08-03.csv"] == PARCEL.content
    assert len(storage.kept) == 2


def test_delivered_twice_it_replaces_itself(storage: Storage) -> None:
    for content in (b"old", b"new"):
        into_storage(replace(PARCEL, content=content), bucket(storage), KEYS, datetime.now(UTC))
    assert len(storage.kept) == 2
    assert storage.kept["/books/2025/a%20b/harbor-aging-2025-08-03.csv"] == b"new"


def test_a_wrong_key_is_told_without_showing_it(storage: Storage) -> None:
    wrong = StorageKeys(KEYS.key_id, "not-the-secret")
    with pytest.raises(DeliveryError, match="answered 403") as refused:
        into_storage(PARCEL, bucket(storage), wrong, datetime.now(UTC))
    assert "not-the-secret" not in str(refused.value) + repr(wrong)
    assert storage.kept == {}


def test_no_storage_there_is_a_sentence() -> None:
    there = {"endpoint": "http://127.0.0.1:1", "bucket": "b", "prefix": "", "region": "eu"}
    with pytest.raises(DeliveryError, match="cannot be reached"):
        into_storage(PARCEL, there, KEYS, datetime.now(UTC))


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.example",
        "ftp://s3.example",
        "s3.example",
        "https://key:secret@s3.example",
        "https://",
    ],
)
def test_an_address_in_the_clear_or_with_keys_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_endpoint(url)
    assert "secret" not in str(refused.value)


def test_a_schedule_to_storage_opens_its_sealed_keys(world: World, storage: Storage) -> None:
    secret = world.office.box.seal(json.dumps([KEYS.key_id, KEYS.secret]))
    assert KEYS.secret not in secret
    arrange(world, kind="s3", target=bucket(storage), secret=secret, format="parquet")
    assert run_exports(replace(world.office, clock=lambda: SEVEN)) == 1
    (row,) = told(world)
    content = storage.kept["/books/2025/a%20b/harbor-aging-2025-08-03.parquet"]
    assert hashlib.sha256(content).hexdigest() == row["sha256"]


# --- Mail ------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "data")
    yield made
    made.office.store.engine.dispose()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def settings(url: str) -> Settings:
    return load_settings(
        {"TIEOUT_SMTP_URL": url, "TIEOUT_SMTP_FROM": "Tieout <tieout@books.example>"}
    )


def send(url: str, parcel: Parcel = PARCEL) -> str:
    return by_mail(parcel, ["bob@harbor.example"], settings(url), SEVEN)


@pytest.mark.parametrize(
    ("form", "url"),
    [
        ("smtps", "smtps://localhost:{}"),
        ("starttls", "smtp://us%40r:p%2Fw@localhost:{}"),
    ],
)
def test_mail_goes_encrypted_with_the_file_as_it_is(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, form: str, url: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate, form) as (box, port):
        send(url.format(port))
    ((recipients, message, is_safe),) = box.taken
    assert recipients == ["bob@harbor.example"]
    assert is_safe
    attached = {part.get_filename(): part for part in message.iter_attachments()}
    assert attached[PARCEL.name].get_payload(decode=True) == PARCEL.content
    assert set(attached) == {PARCEL.name, f"{PARCEL.name}.facts.json"}
    assert message["Message-ID"] == f"<{PARCEL.name}@books.example>"


@pytest.mark.parametrize(
    ("form", "url"), [("smtps", "smtps://localhost:{}"), ("starttls", "smtp://localhost:{}")]
)
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    certificate: Path, form: str, url: str
) -> None:
    refused = pytest.raises(DeliveryError, match="SSLCertVerificationError")
    with mail_server(certificate, form) as (box, port), refused:
        send(url.format(port))
    assert box.taken == []


def test_a_wrong_password_is_told_without_showing_it(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        mail_server(certificate, "starttls") as (box, port),
        pytest.raises(DeliveryError, match="535") as refused,
    ):
        send(f"smtp://us%40r:wrong-one@localhost:{port}")
    assert "wrong-one" not in str(refused.value)
    assert box.taken == []


def test_in_the_clear_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as (box, port):
        send(f"smtp://localhost:{port}")
        monkeypatch.setattr(smtp, "LOOPBACK", ())
        with pytest.raises(DeliveryError, match="SMTPNotSupportedError"):
            send(f"smtp://localhost:{port}")
    assert len(box.taken) == 1


def test_a_file_too_large_for_mail_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MOST_BYTES", 4)
    with pytest.raises(DeliveryError, match="more than mail takes"):
        send("smtp://localhost:1")


def test_without_a_server_the_sentence_names_the_settings() -> None:
    with pytest.raises(DeliveryError, match="TIEOUT_SMTP_URL"):
        by_mail(PARCEL, ["bob@harbor.example"], load_settings({}), SEVEN)


@pytest.mark.parametrize(
    "url", ["localhost", "http://x", "smtp://", "smtp://u:secret/x@y", "smtp://u:secret@a@b"]
)
def test_an_address_of_a_server_that_is_none_is_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="TIEOUT_SMTP_URL") as refused:
        load_settings({"TIEOUT_SMTP_URL": url})
    assert "secret" not in str(refused.value)


def test_mail_goes_to_members_as_long_as_they_are(world: World) -> None:
    arrange(world, kind="email", target={"recipients": ["bob@harbor.example"]})
    with mail_server() as (box, port):
        office = replace(
            world.office,
            settings=replace(
                world.settings, smtp_url=f"smtp://localhost:{port}", smtp_from="t@books.example"
            ),
        )
        assert run_exports(replace(office, clock=lambda: SEVEN)) == 1
        with office.store.begin() as session:
            harbor = find_tenant(session, "harbor")
            users.remove_membership(session, "bob@harbor.example", harbor, at=SEVEN, actor="test")
        assert run_exports(replace(office, clock=lambda: SEVEN + timedelta(days=1))) == 0
    assert len(box.taken) == 1
    assert "bob@harbor.example may not read harbor any more" in told(world)[0]["said"]
