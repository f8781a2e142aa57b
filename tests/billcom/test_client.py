"""The client over the wire, against a server that answers as told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billcom import errors
from billcom.client import Client, Surroundings
from billcom.environment import resolve
from billcom.resources import (
    CREDIT_MEMOS,
    CUSTOMERS,
    EVENTS,
    INVOICE_ATTACHMENTS,
    INVOICES,
    SUBSCRIPTIONS,
)
from billcom.session import Credentials
from billcom.telemetry import Call
from billcom.throttle import LocalThrottle
from billcom.transport import Patience
from tests.billcom.scripted import LOGIN, Reply, Scripted, problem, serving

NOW = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
CREDENTIALS = Credentials("008org", "desk@cascade.example", "not-a-key", "not-a-password")
ONE = Reply(body={"id": "0cu1", "balance": 12})
EMPTY = Reply(body={"results": []})
SESSION_GONE = problem("BDC_1109", "Session is invalid.  Please log in.", 401)


class Waits:
    """Time that passes only by being slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=sum(self.slept))


@contextmanager
def talking(script: Scripted, waits: Waits | None = None, budget: int = 100) -> Iterator[Client]:
    waits = waits or Waits()
    with (
        serving(script),
        Client(
            resolve("sandbox", script.base_url),
            CREDENTIALS,
            LocalThrottle(budget, waits.now),
            Surroundings(clock=waits.now, sleep=waits, chance=lambda: 0.5),
        ) as client,
    ):
        yield client


class DateAsTold(Scripted):
    """Lets a reply bear its own date, and the login none."""

    dates_itself = False


def test_every_call_carries_key_and_session_and_signs_in_once() -> None:
    script = Scripted(ONE)
    with talking(script) as client:
        client.get(CUSTOMERS, "0cu1")
        client.get(CUSTOMERS, "0cu1")
    assert script.logins == 1
    assert {(a.headers["devkey"], a.headers["sessionid"]) for a in script.asked} == {
        ("not-a-key", "session-1")
    }


def test_an_expired_session_is_renewed_once_and_the_call_repeated() -> None:
    script = Scripted(SESSION_GONE, ONE)
    with talking(script) as client:
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"
    assert script.logins == 2


def test_a_session_refused_again_ends_there() -> None:
    script = Scripted(SESSION_GONE)
    with talking(script) as client, pytest.raises(errors.AuthenticationError):
        client.get(CUSTOMERS, "0cu1")
    assert (script.logins, len(script.asked)) == (2, 2)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (problem("BDC_1101", "User name and/or password do not match."), errors.ConfigurationError),
        (problem("BDC_1102", "Developer key is invalid.", 400), errors.ConfigurationError),
        (problem("BDC_1105", "no API access", 403), errors.ConfigurationError),
        (problem("BDC_1361", "Untrusted session.", 403, params={}), errors.PermissionDeniedError),
        (problem(None, "email: must not be blank", 400), errors.ValidationError),
        (problem(None, "Duplicate invoice number for 00e02X."), errors.BusinessError),
        (problem("BDC_1121", "API not supported.", 404), errors.NotFoundError),
        (problem(None, "no such record", 404), errors.NotFoundError),
        (problem("BDC_1144", "Max number reached: 20000."), errors.HourLimitError),
        (Reply(403, {"message": "Forbidden"}), errors.PermissionDeniedError),
        (Reply(302, "", {"location": "https://elsewhere.example"}), errors.ProtocolError),
        (Reply(200, "<html><body>Welcome</body></html>"), errors.ProtocolError),
        (Reply(200, '{"id": "0cu1"'), errors.ProtocolError),
        (Reply(200, [1, 2]), errors.ProtocolError),
        (Reply(200), errors.ProtocolError),
    ],
)
def test_a_failure_is_typed_by_its_code_first(reply: Reply, kind: type[Exception]) -> None:
    waits = Waits()
    with talking(Scripted(reply), waits) as client, pytest.raises(kind):
        client.get(CUSTOMERS, "0cu1")
    assert waits.slept == []


@pytest.mark.parametrize(
    "reply",
    [
        problem("BDC_1001", "System error occurred.", 500),
        Reply(503, "<html>maintenance</html>"),
        Reply(504),
        problem("BDC_1322", "Max number of concurrent requests per organization reached."),
        Reply(429),
        Reply(cut=True),
    ],
)
def test_a_read_is_tried_again_after_a_passing_failure(reply: Reply) -> None:
    waits = Waits()
    with talking(Scripted(reply, reply, ONE), waits) as client:
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"
    assert len(waits.slept) == 2
    assert waits.slept[0] < waits.slept[1]


def test_a_read_that_keeps_failing_gives_up_after_five_tries() -> None:
    script = Scripted(Reply(503))
    with talking(script) as client, pytest.raises(errors.ServerError):
        client.get(CUSTOMERS, "0cu1")
    assert len(script.asked) == 5


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(cut=True), problem("BDC_1001", "System error occurred.", 500)]
)
def test_a_write_without_an_answer_is_never_sent_twice(reply: Reply) -> None:
    script = Scripted(reply)
    with talking(script) as client, pytest.raises(errors.OutcomeUnknownError):
        client.do(CUSTOMERS, "create", body={"name": "Harlow Carriers"})
    assert len(script.asked) == 1


def test_a_write_that_a_limit_rejected_is_sent_again() -> None:
    busy = problem("BDC_1322", "Max number of concurrent requests per organization reached.")
    script = Scripted(busy, Reply(201, {"id": "0cu2"}))
    with talking(script) as client:
        assert client.do(CUSTOMERS, "create", body={"name": "Harlow Carriers"})["id"] == "0cu2"


def test_an_hourly_limit_names_the_next_full_hour() -> None:
    reply = problem("BDC_1144", "Max number of allowed requests per hour reached: 18000.")
    with talking(Scripted(reply)) as client, pytest.raises(errors.HourLimitError) as caught:
        client.get(CUSTOMERS, "0cu1")
    assert caught.value.retry_at == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_a_retry_after_is_honoured() -> None:
    waits = Waits()
    with talking(Scripted(Reply(429, headers={"retry-after": "7"}), ONE), waits) as client:
        client.get(CUSTOMERS, "0cu1")
    assert waits.slept == [7.0]


def test_the_budget_of_the_hour_stops_calls_before_they_go_out() -> None:
    script = Scripted(ONE)
    with talking(script, budget=3) as client:
        client.get(CUSTOMERS, "0cu1")
        client.get(CUSTOMERS, "0cu1")
        with pytest.raises(errors.BudgetSpentError, match="renewed at 11:00 UTC"):
            client.get(CUSTOMERS, "0cu1")
    assert len(script.asked) == 2


def test_a_list_ends_where_no_next_page_is_named() -> None:
    script = Scripted(
        Reply(body={"results": [{"id": "a"}], "nextPage": "p2"}),
        Reply(body={"results": [], "nextPage": "p3"}),
        Reply(body={"results": [{"id": "b"}], "nextPage": ""}),
    )
    with talking(script) as client:
        pages = list(client.pages(INVOICES, sort="updatedTime:asc", filters=["archived:eq:false"]))
    assert [r["id"] for page in pages for r in page.records] == ["a", "b"]
    assert [a.query.get("page") for a in script.asked] == [None, ["p2"], ["p3"]]
    assert {
        (a.query["max"][0], a.query["sort"][0], a.query["filters"][0]) for a in script.asked
    } == {("100", "updatedTime:asc", "archived:eq:false")}


def test_a_cursor_that_comes_twice_is_refused() -> None:
    script = Scripted(Reply(body={"results": [{"id": "a"}], "nextPage": "same"}))
    with talking(script) as client, pytest.raises(errors.ProtocolError, match="same cursor twice"):
        list(client.pages(INVOICES))
    assert len(script.asked) == 2


@pytest.mark.parametrize("body", [{"results": None}, {"results": [{}]}, {"nextPage": "x"}, []])
def test_a_list_of_another_shape_is_refused(body: object) -> None:
    with talking(Scripted(Reply(body=body))) as client, pytest.raises(errors.ProtocolError):
        list(client.pages(INVOICES))


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_page_size_that_bill_refuses_is_not_sent(size: int) -> None:
    script = Scripted(EMPTY)
    with talking(script) as client, pytest.raises(errors.ValidationError, match=f"not of {size}"):
        list(client.pages(INVOICES, page_size=size))
    assert script.asked == []


def test_money_stays_exact_both_ways() -> None:
    amount = "12345678901234567.89"
    script = Scripted(Reply(body=f'{{"id": "00e1", "totalAmount": {amount}}}'))
    with talking(script) as client:
        found = client.do(
            INVOICES, "create", body={"lines": [{"price": Decimal(amount)}], "n": 1.5}
        )
    assert found["totalAmount"] == Decimal(amount)
    assert script.asked[0].body == b'{"lines":[{"price":12345678901234567.89}],"n":1.5}'


def test_an_archive_is_sent_without_a_body() -> None:
    script = Scripted(ONE)
    with talking(script) as client:
        client.do(INVOICES, "archive", id="00e/1")
        with pytest.raises(errors.ValidationError):
            client.do(INVOICES, "delete", id="00e1")
    assert (script.asked[0].path, script.asked[0].body) == (
        "/connect/v3/invoices/00e%2F1/archive",
        b"",
    )
    assert "content-type" not in script.asked[0].headers


def test_an_address_nobody_answers_at_is_told_in_one_sentence() -> None:
    waits = Waits()
    with (
        Client(
            resolve("sandbox", "http://127.0.0.1:9/connect"),
            CREDENTIALS,
            LocalThrottle(100, waits.now),
            Surroundings(clock=waits.now, sleep=waits),
        ) as client,
        pytest.raises(errors.NetworkError, match=r"connection refused.*Nothing was sent"),
    ):
        client.sign_in()


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        (problem("BDC_1101", "do not match our records.", 401), errors.ConfigurationError),
        (problem("BDC_1102", "Developer key is invalid.", 401), errors.ConfigurationError),
        (Reply(200, "<html>captive portal</html>"), errors.ProtocolError),
        (Reply(200, {"hello": "world"}), errors.ProtocolError),
        (Reply(401, {"message": "Unauthorized"}), errors.ConfigurationError),
        (Reply(401, [{"code": None, "message": "no"}]), errors.ConfigurationError),
        (Reply(400, [{"message": "username: unknown"}]), errors.ConfigurationError),
        (Reply(403), errors.ConfigurationError),
        (Reply(404), errors.ConfigurationError),
        (Reply(422, [{"code": "BDC_1103", "message": "no"}]), errors.ConfigurationError),
    ],
)
def test_a_refused_sign_in_is_tried_once_only(login: Reply, kind: type[Exception]) -> None:
    script = Scripted(ONE, login=login)
    with talking(script) as client, pytest.raises(kind):
        client.sign_in()
    assert (script.logins, script.asked) == (1, [])


def test_what_a_failure_says_holds_no_secret() -> None:
    replies: list[Callable[[], AbstractContextManager[Client]]] = [
        lambda: talking(Scripted(problem("BDC_1102", "Developer key is invalid."))),
        lambda: talking(Scripted(Reply(500, "not-a-password not-a-key session-1"))),
        lambda: talking(Scripted(ONE, login=problem("BDC_1101", "no match"))),
    ]
    for start in replies:
        with start() as client, pytest.raises(errors.BillError) as caught:
            client.do(CUSTOMERS, "create", body={"name": "x", "accountNumber": "000123456789"})
        said = f"{caught.value!r} {caught.value} {caught.value.facts} {CREDENTIALS} {LOGIN}"
        for secret in ("not-a-key", "not-a-password", "000123456789"):
            assert secret not in said


def test_a_message_said_twice_is_told_once_and_placeholders_are_dropped() -> None:
    twice = Reply(
        422,
        [
            {"code": "BDC_1152", "message": "Invalid Process Date : ${paramName0}."},
            {"code": "BDC_1152", "message": "00e1 : Invalid Process Date : ${paramName0}."},
        ],
    )
    with talking(Scripted(twice)) as client, pytest.raises(errors.BusinessError) as caught:
        client.get(CUSTOMERS, "0cu1")
    assert str(caught.value) == "BILL declines: Invalid Process Date."
    assert caught.value.facts.codes == ("BDC_1152",)


def test_a_bulk_answer_and_a_catalog_come_in_their_shapes() -> None:
    script = Scripted(
        Reply(201, {"creditMemos": [{"id": "ccr1"}]}), Reply(200, [{"type": "invoice.created"}])
    )
    with talking(script) as client:
        made = client.do(CREDIT_MEMOS, "bulk_create", body=[{"referenceNumber": "1"}])
        catalog = client.do(EVENTS, "catalog")
    assert made == {"creditMemos": [{"id": "ccr1"}]}
    assert catalog == [{"type": "invoice.created"}]
    assert [asked.path for asked in script.asked] == [
        "/connect/v3/credit-memos/bulk",
        "/connect-events/v3/events/catalog",
    ]


def test_a_file_is_sent_as_its_bytes() -> None:
    script = Scripted(Reply(200, {"id": "att1"}))
    with talking(script) as client:
        client.do(
            INVOICE_ATTACHMENTS,
            "upload",
            body=b"%PDF-1.7",
            params={"name": "load.pdf"},
            invoice_id="00e1",
        )
    (asked,) = script.asked
    assert (asked.body, asked.query) == (b"%PDF-1.7", {"name": ["load.pdf"]})
    assert asked.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "reply", [Reply(201, "<html>"), Reply(201, [1]), Reply(201), Reply(302, "elsewhere")]
)
def test_a_write_answered_in_another_language_is_unknown_not_failed(reply: Reply) -> None:
    with talking(Scripted(reply)) as client, pytest.raises(errors.OutcomeUnknownError):
        client.do(INVOICES, "create", body={})


def test_a_write_with_an_idempotency_key_is_sent_again_with_the_same_key() -> None:
    script = Scripted(Reply(503), Reply(200, {"id": "s1"}))
    with talking(script) as client:
        client.do(SUBSCRIPTIONS, "create", body={"name": "AR"})
    first, second = (asked.headers["x-idempotent-key"] for asked in script.asked)
    assert first == second


def test_a_sign_in_limit_is_its_own_error() -> None:
    spent = problem("BDC_1144", "Max number of allowed requests per hour reached: 200.")
    with (
        talking(Scripted(ONE, login=spent)) as client,
        pytest.raises(errors.LoginLimitError, match="sign-ins"),
    ):
        client.sign_in()


def test_a_key_of_the_other_world_is_told_with_both_worlds() -> None:
    refused = problem("BDC_1102", "Developer key is invalid.", 401)
    with (
        talking(Scripted(ONE, login=refused)) as client,
        pytest.raises(
            errors.ConfigurationError,
            match=r"BILL's sandbox does not accept this developer key.*--environment production",
        ),
    ):
        client.sign_in()


def test_other_refusals_of_a_sign_in_are_told_as_they_are() -> None:
    refused = problem("BDC_1105", "no API access", 403)
    with (
        talking(Scripted(ONE, login=refused)) as client,
        pytest.raises(errors.ConfigurationError, match="has no API access"),
    ):
        client.sign_in()


def test_writes_that_nobody_enabled_do_not_leave_the_house() -> None:
    script = Scripted(ONE)
    around = Surroundings(refuse_writes="Enable it first.")
    with (
        serving(script),
        Client(
            resolve("production", script.base_url),
            CREDENTIALS,
            LocalThrottle(9, Waits().now),
            around,
        ) as client,
    ):
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"
        with pytest.raises(errors.WritesNotEnabledError, match="Enable it first"):
            client.do(CUSTOMERS, "update", id="0cu1", body={"name": "x"})
    assert [asked.method for asked in script.asked] == ["GET"]


def test_an_open_circuit_fails_at_once_and_one_call_finds_out() -> None:
    waits = Waits()
    script = Scripted(*[Reply(503)] * 5, ONE)
    with talking(script, waits) as client:
        with pytest.raises(errors.ServerError):
            client.get(CUSTOMERS, "0cu1")
        slept = list(waits.slept)
        with pytest.raises(errors.CircuitOpenError, match="tried again at"):
            client.get(CUSTOMERS, "0cu1")
        assert waits.slept == slept
        assert len(script.asked) == 5
        waits(60)
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"


def test_everything_is_told_of_a_call_but_what_is_secret() -> None:
    heard: list[Call] = []
    script = Scripted(Reply(503), problem("BDC_1121", "API not supported.", 404))
    waits = Waits()
    around = Surroundings(clock=waits.now, sleep=waits, chance=lambda: 0.5, observe=heard.append)
    with (
        serving(script),
        Client(
            resolve("sandbox", script.base_url), CREDENTIALS, LocalThrottle(9, waits.now), around
        ) as client,
        pytest.raises(errors.NotFoundError),
    ):
        client.get(CUSTOMERS, "0cu1")
    told = [(c.endpoint, c.status, c.codes, c.error, c.attempt) for c in heard]
    assert told == [
        ("POST /v3/login", 200, (), "", 1),
        ("GET /v3/customers/{id}", 503, (), "ServerError", 1),
        ("GET /v3/customers/{id}", 404, ("BDC_1121",), "NotFoundError", 2),
    ]
    assert all(c.size_bytes >= 0 and c.taken_s > 0 for c in heard)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([{"code": None, "message": None, "params": {}}], "HTTP 400 at /v3/customers/0cu1"),
        ([], "HTTP 400"),
        ("", "HTTP 400"),
        ('[{"message": "cut', "HTTP 400"),
        ([{"message": "email: must not be blank"}, "odd", 7], "email: must not be blank"),
        ({"message": "Unauthorized"}, "Unauthorized"),
    ],
)
def test_any_body_of_a_refusal_is_survived(body: object, said: str) -> None:
    with (
        talking(Scripted(Reply(400, body))) as client,
        pytest.raises(errors.ValidationError, match=said),
    ):
        client.get(CUSTOMERS, "0cu1")


def test_the_fields_a_refusal_names_are_told_one_by_one() -> None:
    body = [{"message": "email: must not be blank; really"}, {"message": "name: too long"}]
    with (
        talking(Scripted(Reply(400, body))) as client,
        pytest.raises(errors.ValidationError) as caught,
    ):
        client.do(CUSTOMERS, "create", body={})
    assert caught.value.reasons == ("email: must not be blank; really", "name: too long")


def subclasses(kind: type[errors.BillError]) -> set[type[errors.BillError]]:
    return {kind}.union(*(subclasses(each) for each in kind.__subclasses__()))


def test_every_error_says_what_to_do_and_whether_it_passes() -> None:
    kinds = subclasses(errors.BillError)
    assert {kind.__name__ for kind in kinds} == set(errors.__all__)
    for kind in kinds - {errors.BillError}:
        assert kind.advice != errors.BillError.advice
        assert isinstance(kind.transient, bool)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 23 Nov 2026 10:42:00 GMT", 0.5),
        ("Mon, 23 Nov 2026 10:43:30 GMT", 90.5),
        ("Mon, 23 Nov 2026 10:41:00 -0000", -59.5),
        ("yesterday", None),
        (" ", None),
        ("Mon, 99 Nov 2026 10:42:00 GMT", None),
    ],
)
def test_the_clocks_are_compared_by_every_answer(date: str, seconds: float | None) -> None:
    script = DateAsTold(Reply(body={"id": "0cu1"}, headers={"date": date}))
    with talking(script) as client:
        assert client.clock_offset is None
        client.get(CUSTOMERS, "0cu1")
    offset = client.clock_offset
    assert (offset and round(offset.total_seconds(), 1)) == seconds


def test_who_is_in_a_hurry_tries_less_often() -> None:
    waits = Waits()
    around = Surroundings(clock=waits.now, sleep=waits, patience=Patience(tries=2))
    with (
        serving(Scripted(Reply(503))) as script,
        Client(
            resolve("sandbox", script.base_url), CREDENTIALS, LocalThrottle(9, waits.now), around
        ) as client,
        pytest.raises(errors.ServerError),
    ):
        client.get(CUSTOMERS, "0cu1")
    assert len(script.asked) == 2


def test_what_bill_quotes_of_a_request_is_taken_out() -> None:
    quoted = Reply(
        400,
        [{"message": "accountNumber: 000123456789 of ap@harlow.example is not like 9876543"}],
    )
    body = {"accountNumber": "000123456789", "items": [{"password": "not-a-password"}]}
    with talking(Scripted(quoted)) as client, pytest.raises(errors.ValidationError) as caught:
        client.do(CUSTOMERS, "create", body=body)
    assert caught.value.reasons == ("accountNumber: … of … is not like …",)
    login = Reply(400, [{"message": 'Cannot parse {"password":"not-a-password"}'}])
    with talking(Scripted(ONE, login=login)) as client, pytest.raises(errors.BillError) as refused:
        client.sign_in()
    assert "not-a-password" not in f"{refused.value} {refused.value!r}"


def test_trouble_with_webhooks_leaves_the_records_alone() -> None:
    script = Scripted(*[Reply(503)] * 5, ONE)
    with talking(script) as client:
        with pytest.raises(errors.ServerError):
            client.do(EVENTS, "catalog")
        with pytest.raises(errors.CircuitOpenError):
            client.do(EVENTS, "catalog")
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"


@pytest.mark.parametrize("status", [405, 409, 410, 413, 415])
def test_any_other_refusal_is_a_no_and_not_a_fault(status: int) -> None:
    script = Scripted(*[Reply(status)] * 6, ONE)
    with talking(script) as client:
        for _ in range(6):
            with pytest.raises(errors.BusinessError):
                client.do(CUSTOMERS, "create", body={})
        assert client.get(CUSTOMERS, "0cu1")["id"] == "0cu1"


@pytest.mark.parametrize("after", ["7", "Mon, 23 Nov 2026 10:42:07 GMT"])
def test_a_retry_after_of_a_fault_is_honoured_too(after: str) -> None:
    waits = Waits()
    with talking(Scripted(Reply(503, headers={"retry-after": after}), ONE), waits) as client:
        client.get(CUSTOMERS, "0cu1")
    assert waits.slept == [7.0]


def test_a_fault_that_lasts_longer_than_anybody_waits_is_told_at_once() -> None:
    script = Scripted(Reply(503, headers={"retry-after": "3600"}))
    with talking(script) as client, pytest.raises(errors.ServerError):
        client.get(CUSTOMERS, "0cu1")
    assert len(script.asked) == 1
