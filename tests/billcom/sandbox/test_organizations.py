import pytest

from tests.billcom.sandbox.caller import Caller, Json, messages, parsed


@pytest.fixture
def path(alder: Caller) -> str:
    return f"/organizations/{alder.tenant.organization_id}"


def test_an_organization_shows_and_changes_itself(alder: Caller, birch: Caller, path: str) -> None:
    organization = alder.read(path)
    assert organization["name"] == "Alder"
    assert not {"currency", "timeZone", "taxId"} & set(organization)
    changed = parsed(alder.patch(path, {"address": {"zipOrPostalCode": "95002"}}), 200)
    assert changed["address"] == {**organization["address"], "zipOrPostalCode": "95002"}
    assert birch.get(path).status_code == birch.patch(path, {"name": "x"}).status_code == 404
    assert alder.patch(path, {"name": ""}).status_code == 400
    assert alder.get("/organizations").status_code == 404


def test_terms_are_listed_under_the_organization(alder: Caller, birch: Caller, path: str) -> None:
    term = alder.create(f"{path}/payment-terms", {"name": "Net 30", "daysDue": 30})
    assert alder.read(f"{path}/payment-terms/{term['id']}") == term
    assert alder.all(f"{path}/payment-terms") == [term]
    assert birch.get(f"{path}/payment-terms").status_code == 404
    own = f"/organizations/{birch.tenant.organization_id}/payment-terms"
    assert birch.all(own) == []
    assert alder.post(f"{path}/payment-terms/{term['id']}/archive").status_code == 404


def test_no_two_terms_give_the_same_days(alder: Caller, path: str) -> None:
    terms = f"{path}/payment-terms"
    first = alder.create(terms, {"name": "Net 30", "daysDue": 30})
    assert messages(alder.post(terms, {"name": "Month", "daysDue": 30}), 422) == [
        f"Payment term {first['id']} is due in 30 days already."
    ]
    for days in (-1, 1000, 1.5, None):
        assert alder.post(terms, {"name": "Odd", "daysDue": days}).status_code == 400


def test_a_term_gives_the_due_date(alder: Caller, path: str) -> None:
    term = alder.create(f"{path}/payment-terms", {"name": "Net 10", "daysDue": 10})
    customer = alder.customer(paymentTermId=term["id"])
    invoice = alder.invoice(customer["id"], 1, paymentTermId=term["id"], invoiceDate="2026-09-01")
    assert (invoice["dueDate"], invoice["paymentTermId"]) == ("2026-09-11", term["id"])


def test_the_organizations_bank_account_is_found_by_its_odd_filter(alder: Caller) -> None:
    (bank,) = alder.all("/funding-accounts/banks")
    assert bank["id"].startswith("bac02")
    assert bank["accountNumber"].startswith("****")
    found = alder.all("/funding-accounts/banks", filters=f"bankAccountId:eq:{bank['id']}")
    assert found == [bank]
    assert alder.all("/funding-accounts/banks", filters="bankAccountId:ne:" + bank["id"]) == []
    assert alder.read(f"/funding-accounts/banks/{bank['id']}") == bank


@pytest.fixture
def given(alder: Caller) -> Json:
    member = next(r for r in alder.all("/roles") if r["type"] == "MEMBER")
    names = {"firstName": "Mara", "lastName": "Vance", "email": "mara@alder.example"}
    return {**names, "roleId": member["id"], "acceptTermsOfService": True}


def test_the_caller_is_a_user(alder: Caller) -> None:
    (user,) = alder.all("/users")
    assert user["id"] == alder.read("/login/session")["userId"]
    assert (user["email"], user["role"]["type"]) == (alder.tenant.username, "ADMINISTRATOR")


def test_a_user_is_made_changed_and_archived(alder: Caller, birch: Caller, given: Json) -> None:
    user = alder.create("/users", given)
    assert user["role"]["type"] == "MEMBER"
    assert "roleId" not in user
    path = f"/users/{user['id']}"
    assert parsed(alder.patch(path, {"lastName": "Billson"}), 200)["lastName"] == "Billson"
    assert alder.act(f"{path}/archive")["archived"] is True
    assert alder.act(f"{path}/restore")["archived"] is False
    assert len(alder.all("/users")) == 2
    assert birch.get(path).status_code == 404


def test_a_wrong_user_is_refused(alder: Caller, given: Json) -> None:
    wrong = {**given, "roleId": "rol", "email": "nobody", "acceptTermsOfService": False}
    assert messages(alder.post("/users", wrong), 400) == [
        "acceptTermsOfService: must be true",
        "email: must be a well-formed email address",
        "roleId: is not a role of the organization",
    ]
    alder.create("/users", given)
    assert alder.post("/users", given).status_code == 422
