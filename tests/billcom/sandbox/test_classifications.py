import pytest

from billcom.sandbox.classifications import DIMENSIONS
from tests.billcom.sandbox.caller import Caller, Json, messages, money, parsed

BODIES: dict[str, Json] = {
    "accounting-classes": {"name": "Reefer"},
    "chart-of-accounts": {"name": "Freight", "account": {"type": "INCOME", "number": "4000"}},
    "departments": {"name": "Dispatch"},
    "employees": {"firstName": "Ilse", "lastName": "Varga"},
    "items": {"name": "Line haul", "type": "SERVICE", "price": 2},
    "jobs": {"name": "Job 7"},
    "locations": {"name": "Boise yard"},
}


def test_all_seven_are_tried_here() -> None:
    assert set(BODIES) == set(DIMENSIONS)


@pytest.mark.parametrize("name", BODIES)
def test_a_record_is_made_changed_listed_and_archived(
    alder: Caller, birch: Caller, name: str
) -> None:
    path = f"/classifications/{name}"
    made = alder.create(path, BODIES[name])
    assert made.items() >= BODIES[name].items()
    assert made["archived"] is False
    given = {"description": "d"}
    changed = parsed(alder.patch(f"{path}/{made['id']}", given), 200)
    assert changed["description"] == "d"
    assert alder.read(f"{path}/{made['id']}") == changed
    assert alder.act(f"{path}/{made['id']}/archive")["archived"] is True
    assert alder.all(path, filters="archived:eq:false") == []
    assert alder.act(f"{path}/{made['id']}/restore")["archived"] is False
    assert birch.all(path) == []
    assert birch.get(f"{path}/{made['id']}").status_code == 404


@pytest.mark.parametrize("name", BODIES)
def test_several_go_in_one_call(alder: Caller, name: str) -> None:
    path, array = f"/classifications/{name}", DIMENSIONS[name].array
    made = alder.create(f"{path}/bulk", [BODIES[name]] * 3)[array]
    assert len(alder.all(path, max=2)) == 3
    bodies = [{"id": record["id"], "description": "d"} for record in made]
    changed = parsed(alder.patch(f"{path}/bulk", bodies), 200)[array]
    assert [record["description"] for record in changed] == ["d"] * 3
    ids = ",".join(record["id"] for record in made)
    assert len(alder.act(f"{path}/bulk/archive?ids={ids}")[array]) == 3
    assert alder.act(f"{path}/bulk/restore?ids={ids}")[array][0]["archived"] is False


@pytest.mark.parametrize("name", BODIES)
def test_what_is_required_is_named(alder: Caller, name: str) -> None:
    found = messages(alder.post(f"/classifications/{name}", {}), 400)
    assert {message.partition(":")[0] for message in found} == set(DIMENSIONS[name].required)


def test_types_are_closed_sets_and_parents_must_be_there(alder: Caller) -> None:
    item = {"name": "x", "type": "THING", "parentId": "0ii"}
    assert len(messages(alder.post("/classifications/items", item), 400)) == 2
    account = {"name": "x", "account": {"type": "MONEY"}}
    assert alder.post("/classifications/chart-of-accounts", account).status_code == 400


def test_a_sales_tax_item_taxes_invoices(alder: Caller) -> None:
    tax = {"type": "SALES_TAX", "name": "Idaho", "percentage": 6}
    item = alder.create("/classifications/items", tax)
    line = {"quantity": 1, "price": 100, "taxable": True}
    body = {
        "customer": {"id": alder.customer()["id"]},
        "invoiceLineItems": [line],
        "salesTaxItemId": item["id"],
    }
    invoice = alder.create("/invoices", body)
    assert (invoice["salesTaxTotal"], invoice["totalAmount"]) == (money("6.00"), 106)
    alder.patch(f"/classifications/items/{item['id']}", {"percentage": 7})
    assert alder.read(f"/invoices/{invoice['id']}")["totalAmount"] == 106
    assert alder.create("/invoices", body)["totalAmount"] == 107
    other = alder.create("/classifications/items", BODIES["items"])
    assert alder.post("/invoices", {**body, "salesTaxItemId": other["id"]}).status_code == 400
