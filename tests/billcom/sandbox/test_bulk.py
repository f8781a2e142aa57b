import pytest

from tests.billcom.sandbox.caller import Caller, Json, messages, parsed


@pytest.fixture
def customer_id(alder: Caller) -> str:
    return str(alder.customer()["id"])


def memo(customer_id: str, number: str = "CM-1", price: float = 50) -> Json:
    return {
        "customerId": customer_id,
        "referenceNumber": number,
        "creditDate": "2026-09-01",
        "creditMemoLineItems": [{"price": price, "quantity": 1}],
    }


def made(caller: Caller, customer_id: str, count: int = 2) -> list[Json]:
    bodies = [memo(customer_id, f"CM-{n}") for n in range(count)]
    found: list[Json] = caller.create("/credit-memos/bulk", bodies)["creditMemos"]
    return found


def test_several_memos_are_made_in_one_call(alder: Caller, customer_id: str) -> None:
    memos = made(alder, customer_id)
    assert [m["referenceNumber"] for m in memos] == ["CM-0", "CM-1"]
    assert "usage" not in memos[0]
    assert {m["id"] for m in alder.all("/credit-memos")} == {m["id"] for m in memos}


def test_one_bad_memo_stops_them_all(alder: Caller, customer_id: str) -> None:
    bodies = [memo(customer_id), {**memo(customer_id), "referenceNumber": ""}]
    assert messages(alder.post("/credit-memos/bulk", bodies), 400) == [
        "[1].referenceNumber: must not be blank"
    ]
    assert alder.post("/credit-memos/bulk", [memo(customer_id), memo("0cu")]).status_code == 404
    assert alder.all("/credit-memos") == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_several_memos_are_changed_in_one_call(
    alder: Caller, customer_id: str, method: str
) -> None:
    first, second = made(alder, customer_id)
    bodies = [
        {**memo(customer_id, "N-1"), "id": first["id"]},
        {**memo(customer_id, "N-2"), "id": second["id"]},
    ]
    if method == "PATCH":
        bodies = [{"id": b["id"], "referenceNumber": b["referenceNumber"]} for b in bodies]
    response = alder.http.request(method, "/credit-memos/bulk", json=bodies)
    changed = parsed(response, 200)["creditMemos"]
    assert [(m["id"], m["referenceNumber"]) for m in changed] == [
        (first["id"], "N-1"),
        (second["id"], "N-2"),
    ]


def test_a_change_of_one_that_is_not_there_changes_none(alder: Caller, customer_id: str) -> None:
    first, _ = made(alder, customer_id)
    for other in ({"id": "ccr"}, {"id": first["id"]}, {}):
        bodies = [{"id": first["id"], "description": "x"}, {**other, "description": "y"}]
        assert alder.patch("/credit-memos/bulk", bodies).status_code in (400, 404)
    assert "description" not in alder.read(f"/credit-memos/{first['id']}")


def test_several_memos_are_archived_and_restored_by_id(alder: Caller, customer_id: str) -> None:
    ids = [m["id"] for m in made(alder, customer_id)]
    path = "/credit-memos/bulk/{}?ids=" + ",".join(ids)
    archived = parsed(alder.http.post(path.format("archive")), 200)["creditMemos"]
    assert [(m["id"], m["archived"]) for m in archived] == [(i, True) for i in ids]
    assert alder.http.post(f"{path.format('restore')},ccr").status_code == 404
    assert all(m["archived"] for m in alder.all("/credit-memos"))
    restored = parsed(alder.http.post(path.format("restore")), 200)["creditMemos"]
    assert not any(m["archived"] for m in restored)


def test_fifty_are_the_most(alder: Caller, customer_id: str) -> None:
    ids = [m["id"] for m in made(alder, customer_id, 50)]
    bodies = [memo(customer_id)] * 51
    assert messages(alder.post("/credit-memos/bulk", bodies), 400) == [
        "body: must hold 1 to 50 records"
    ]
    assert alder.post("/credit-memos/bulk", []).status_code == 400
    assert alder.post("/credit-memos/bulk", memo(customer_id)).status_code == 400
    path = "/credit-memos/bulk/archive?ids="
    assert alder.http.post(path + ",".join(ids)).status_code == 200
    assert alder.http.post(path + ",".join([*ids, ids[0]])).status_code == 400
    assert alder.http.post(path).status_code == 400
