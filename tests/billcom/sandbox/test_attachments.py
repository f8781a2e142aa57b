from datetime import timedelta

import httpx
import pytest

from billcom.sandbox.attachments import MOST_BYTES
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, messages, parsed

CONTENT = b"%PDF-1.4 proof of delivery \x00\xff"


@pytest.fixture
def invoice(alder: Caller) -> Json:
    return alder.invoice(alder.customer()["id"], 100)


def upload(caller: Caller, path: str, content: bytes = CONTENT, **params: str) -> httpx.Response:
    given = {"name": "pod.pdf", **params}
    return caller.http.post(f"/attachments/{path}", params=given, content=content)


def test_an_upload_appears_after_a_while_and_can_be_fetched(
    alder: Caller, invoice: Json, clock: SettableClock
) -> None:
    path = f"invoices/{invoice['id']}"
    made = parsed(upload(alder, path), 200)
    assert made["name"] == "pod.pdf"
    assert alder.get(f"/attachments/{made['id']}").status_code == 404
    assert alder.read(f"/attachments/{path}")["results"] == []
    clock.advance(timedelta(minutes=2))
    assert alder.read(f"/attachments/{made['id']}") == made
    assert alder.read(f"/attachments/{path}")["results"] == [made]
    fetched = httpx.get(made["downloadLink"], verify=False)
    assert (fetched.status_code, fetched.content) == (200, CONTENT)
    assert fetched.headers["content-type"] == "application/pdf"


def test_a_customer_has_attachments_too(alder: Caller, clock: SettableClock) -> None:
    path = f"customers/{alder.customer()['id']}"
    names = [f"{n}.pdf" for n in range(5)]
    for name in names:
        upload(alder, path, name=name)
    clock.advance(timedelta(minutes=2))
    assert [a["name"] for a in alder.all(f"/attachments/{path}", max=2, sort="name")] == names


def test_a_deleted_attachment_is_gone(alder: Caller, invoice: Json, clock: SettableClock) -> None:
    made = parsed(upload(alder, f"invoices/{invoice['id']}"), 200)
    clock.advance(timedelta(minutes=2))
    path = f"/attachments/{made['id']}"
    assert parsed(alder.http.delete(path), 200) == {"status": "SUCCESS"}
    assert alder.get(path).status_code == alder.http.delete(path).status_code == 404
    assert alder.read(f"/attachments/invoices/{invoice['id']}")["results"] == []
    assert httpx.get(made["downloadLink"], verify=False).status_code == 404


def test_a_link_with_another_key_or_tenant_gives_nothing(
    alder: Caller, birch: Caller, invoice: Json, clock: SettableClock
) -> None:
    link = parsed(upload(alder, f"invoices/{invoice['id']}"), 200)["downloadLink"]
    clock.advance(timedelta(minutes=2))
    foreign = link.replace(alder.tenant.organization_id, birch.tenant.organization_id)
    for bad in (link[:-1] + "~", foreign, link.replace("008", "009")):
        assert httpx.get(bad, verify=False).status_code == 404


def test_nobody_sees_the_attachment_of_another(
    alder: Caller, birch: Caller, invoice: Json, clock: SettableClock
) -> None:
    made = parsed(upload(alder, f"invoices/{invoice['id']}"), 200)
    clock.advance(timedelta(minutes=2))
    assert birch.get(f"/attachments/{made['id']}").status_code == 404
    assert upload(birch, f"invoices/{invoice['id']}").status_code == 404
    assert birch.get(f"/attachments/invoices/{invoice['id']}").status_code == 404


def test_six_megabytes_are_the_most(alder: Caller, invoice: Json) -> None:
    path = f"invoices/{invoice['id']}"
    assert upload(alder, path, b"x" * MOST_BYTES).status_code == 200
    assert messages(upload(alder, path, b"x" * (MOST_BYTES + 1)), 400) == [
        f"body: must be at most {MOST_BYTES} bytes"
    ]
    assert messages(upload(alder, path, b"", name=""), 400) == [
        "body: must not be empty",
        "name: must be a file name",
    ]


def test_an_invoices_pdf_appears_after_a_while_and_can_be_fetched(
    alder: Caller, invoice: Json, clock: SettableClock
) -> None:
    path = f"/invoices/{invoice['id']}"
    assert "invoicePdfId" not in alder.read(path)
    clock.advance(timedelta(minutes=2))
    printed = alder.read(path)
    assert printed["updatedTime"] == invoice["updatedTime"]
    shown = alder.read(f"/attachments/{printed['invoicePdfId']}")
    assert shown["name"] == f"Invoice_{invoice['invoiceNumber']}.pdf"
    pdf = httpx.get(shown["downloadLink"], verify=False).content
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(b"%%EOF\n")
    assert b"Total 100.00 USD" in pdf
    assert alder.http.delete(f"/attachments/{printed['invoicePdfId']}").status_code == 422


def test_the_pdfs_table_points_at_its_objects(
    alder: Caller, world: World, invoice: Json, clock: SettableClock
) -> None:
    clock.advance(timedelta(minutes=2))
    pdf_id = alder.read(f"/invoices/{invoice['id']}")["invoicePdfId"]
    link = alder.read(f"/attachments/{pdf_id}")["downloadLink"]
    pdf = httpx.get(link, verify=False).content
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    entries = pdf[start:].split(b"\n")[3:8]
    for number, entry in enumerate(entries, start=1):
        assert pdf[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_an_upload_can_take_the_place_of_the_pdf(
    alder: Caller, invoice: Json, clock: SettableClock
) -> None:
    made = parsed(upload(alder, f"invoices/{invoice['id']}", replaceInvoicePdf="true"), 200)
    clock.advance(timedelta(minutes=5))
    assert alder.read(f"/invoices/{invoice['id']}")["invoicePdfId"] == made["id"]
