"""Ways in and out: passwords, second factors, providers, links, sessions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from billcom.environment import resolve
from billcom.session import Credentials
from etl.account import Account
from etl.back_office import BackOffice
from etl.desk import Desk, SignedIn
from etl.entrance import BAD_LINK, OVER, UNVERIFIED, WRONG_CODE, Entrance
from etl.entry import TOO_LATE, Doorway, HalfWay, Need
from etl.errors import NotAllowedError, SignedOutError, UsageError
from etl.settings import Settings
from etl.store import second_factors, tenants, users
from etl.store.access import Permission, authorize
from etl.store.models import AuditEntry, RecoveryCode, Visit
from etl.store.one_time_codes import step_of, tidy
from etl.store.visits import Browser

pytestmark = pytest.mark.both_databases
START = datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC)
ALICE, PASSWORD, NEW = "alice@harbor.example", "a-long-password", "another-long-one"
BROWSER = Browser("mark-of-a-browser", "Firefox")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class House:
    """Alice operates Harbor and reads Quay; Bob reads Harbor."""

    office: BackOffice
    clock: Clock

    def door(self, **settings: Any) -> Doorway:
        changed: Settings = replace(self.office.settings, **settings)
        return Doorway(changed, self.office.store, self.office.box, self.clock)

    def entrance(self, **settings: Any) -> Entrance:
        return Entrance(self.door(**settings))

    def desk(self) -> Desk:
        return Desk(self.office.settings, self.office.store, self.clock)

    def sign_in(self, password: str = PASSWORD, **settings: Any) -> SignedIn | HalfWay | str:
        return self.entrance(**settings).sign_in(ALICE, password, BROWSER)

    def told(self) -> list[str]:
        with self.office.store.read() as session:
            return [entry.what for entry in session.query(AuditEntry).order_by(AuditEntry.id)]

    def enrolled(self) -> str:
        """Alice's authenticator's secret, of a moment ago."""
        account, who = Account(self.door()), person(self.sign_in())
        secret, _ = account.begin_enrolment(who)
        assert account.confirm_enrolment(who, code(secret, self.clock.now))
        self.clock.passes(seconds=30)
        return secret

    def require(self) -> None:
        changes = {"second_factor": "required"}
        with self.office.store.begin() as session:
            tenants.prefer(session, "harbor", changes, at=START, actor="test")


@pytest.fixture
def house(office: BackOffice) -> House:
    with office.store.begin() as session:
        for slug in ("harbor", "quay"):
            new = tenants.NewTenant(
                slug,
                slug.title(),
                resolve("sandbox"),
                Credentials(f"008{slug}", "user", "key", "password"),
                "UTC",
                "USD",
            )
            tenants.add_tenant(session, office.box, new, at=START, actor="test")
        for email, slug, role in (
            (ALICE, "harbor", "operator"),
            (ALICE, "quay", "viewer"),
            ("bob@harbor.example", "harbor", "viewer"),
        ):
            tenant = tenants.find_tenant(session, slug)
            users.add_membership(
                session, email, tenant, role, password=PASSWORD, at=START, actor="test"
            )
    return House(office, Clock())


def person(found: object) -> SignedIn:
    assert isinstance(found, SignedIn), found
    return found


def half(found: object, need: Need) -> HalfWay:
    assert isinstance(found, HalfWay), found
    assert found.needs == need
    return found


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


# RFC 6238, appendix B: the SHA-1 rows.
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, expected: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(seconds, UTC)
    assert step_of(secret, expected, at, after=0, digits=8) == seconds // 30
    assert step_of(secret, expected, at, after=seconds // 30, digits=8) is None
    assert step_of(secret, expected, at + timedelta(seconds=30), after=0, digits=8)
    assert step_of(secret, expected, at + timedelta(seconds=60), after=0, digits=8) is None


@pytest.mark.parametrize(
    ("typed", "taken"),
    [(" 123 456 ", "123456"), ("abcde fghjk", "ABCDE-FGHJK"), ("2345623456", "23456-23456")],
)
def test_a_code_is_taken_however_it_was_typed(typed: str, taken: str) -> None:
    assert tidy(typed) in {taken, taken.replace("-", "")}


@pytest.mark.parametrize(
    "password",
    [
        "short",
        ALICE,
        "Password1234!",
        "P@ssw0rd12345",
        "aaaaaaaaaaaaaaa",
        "123456789012",
        "x" * 2000,
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(house: House, password: str) -> None:
    with house.office.store.begin() as session, pytest.raises(UsageError):
        users.set_password(session, ALICE, password, at=START, actor="test")


def test_the_cookie_is_fetched_once_by_the_browser_that_signed_in(house: House) -> None:
    entrance, who = house.entrance(), person(house.sign_in())
    assert entrance.claim("another browser", None) is None
    cookie = entrance.claim("mark-of-a-browser", None)
    assert cookie
    assert entrance.claim("mark-of-a-browser", None) is None
    assert entrance.resume(cookie) == who
    with house.office.store.read() as session:
        kept = session.query(Visit).one()
        assert cookie not in {kept.token_hash, kept.browser_hash, kept.device}


def test_a_cookie_that_nobody_fetched_is_not_given_later(house: House) -> None:
    house.sign_in()
    house.clock.passes(minutes=3)
    assert house.entrance().claim("mark-of-a-browser", None) is None


def test_a_visit_ends_unused_and_at_its_longest(house: House) -> None:
    who = person(house.sign_in())
    for _ in range(3):
        house.clock.passes(hours=3)
        assert house.entrance().goes_on(who)
    house.clock.passes(hours=3)
    assert not house.entrance().goes_on(who)
    who = person(house.sign_in())
    house.clock.passes(hours=4)
    assert not house.entrance().goes_on(who)
    with pytest.raises(SignedOutError):
        house.desk().today(who.user_id, "harbor")


def test_a_page_waits_for_no_writer_to_learn_that_its_visit_goes_on(house: House) -> None:
    who = person(house.sign_in())
    house.clock.passes(seconds=50)
    with house.office.store.begin() as session:
        users.must_find(session, ALICE).failed_sign_ins = 1
        session.flush()
        assert house.entrance().goes_on(who)
    house.clock.passes(seconds=10)
    assert house.entrance().goes_on(who)
    with house.office.store.read() as session:
        assert session.query(Visit).one().used_at == START + timedelta(seconds=60)


def test_another_person_in_the_same_browser_ends_the_first_ones_visit(house: House) -> None:
    entrance, alice = house.entrance(), person(house.sign_in())
    old = entrance.claim("mark-of-a-browser", None)
    bob = person(entrance.sign_in("bob@harbor.example", PASSWORD, Browser("second mark")))
    assert entrance.claim("second mark", old)
    assert not entrance.goes_on(alice)
    assert entrance.goes_on(bob)


def signs_out(house: House, who: SignedIn) -> None:
    house.entrance().sign_out(who)


def gets_another_password(house: House, who: SignedIn) -> None:
    with house.office.store.begin() as session:
        users.set_password(session, who.email, NEW, at=house.clock(), actor="test")


def is_removed(house: House, who: SignedIn) -> None:
    with house.office.store.begin() as session:
        users.remove_user(session, who.email, at=house.clock(), actor="test")


@pytest.mark.parametrize("ends", [signs_out, gets_another_password, is_removed])
def test_a_visit_is_ended_for_the_cookie_and_for_the_desk(
    house: House, ends: Callable[[House, SignedIn], None]
) -> None:
    who = person(house.sign_in())
    cookie = house.entrance().claim("mark-of-a-browser", None) or ""
    house.clock.passes(seconds=1)
    ends(house, who)
    assert house.entrance().resume(cookie) == OVER
    with pytest.raises(SignedOutError):
        house.desk().grants(who.user_id)


def test_a_changed_password_ends_the_other_visits_alone(house: House) -> None:
    here, there = person(house.sign_in()), person(house.sign_in())
    account = Account(house.door())
    assert (
        account.change_password(here, "not-the-password", NEW) == "The present password is wrong."
    )
    assert account.change_password(here, PASSWORD, "short") is not None
    assert account.change_password(here, PASSWORD, NEW) is None
    assert house.entrance().goes_on(here)
    assert not house.entrance().goes_on(there)
    assert isinstance(house.sign_in(), str)


def test_an_old_password_has_to_be_renewed_and_cannot_be_kept(house: House) -> None:
    house.clock.passes(days=91)
    step = half(house.sign_in(password_days=90), Need.NEW_PASSWORD)
    entrance = house.entrance(password_days=90)
    assert isinstance(entrance.renew_password(step, PASSWORD, BROWSER), str)
    house.clock.passes(seconds=1)
    assert person(entrance.renew_password(step, NEW, BROWSER))
    assert person(house.sign_in(NEW, password_days=90))
    assert entrance.renew_password(step, "a-third-long-one", BROWSER) == TOO_LATE


def test_each_code_of_the_second_factor_is_taken_once(house: House) -> None:
    secret = house.enrolled()
    step, now = half(house.sign_in(), Need.CODE), code(secret, house.clock.now)
    assert house.entrance().give_code(step, "000000", BROWSER) == WRONG_CODE
    assert person(house.entrance().give_code(step, now, BROWSER))
    again = half(house.sign_in(), Need.CODE)
    assert house.entrance().give_code(again, now, BROWSER) == WRONG_CODE
    with house.office.store.read() as session:
        assert secret not in str([vars(row) for row in session.query(AuditEntry)])


def test_a_recovery_code_stands_in_once(house: House) -> None:
    account, who = Account(house.door()), person(house.sign_in())
    secret, address = account.begin_enrolment(who)
    assert address.startswith("otpauth://totp/Tieout:alice%40harbor.example?")
    assert account.confirm_enrolment(who, "000000") is None
    codes = account.confirm_enrolment(who, code(secret, house.clock.now)) or ()
    assert len(set(codes)) == 10
    with house.office.store.read() as session:
        assert not {row.code_hash for row in session.query(RecoveryCode)} & set(codes)
    given = codes[3].lower().replace("-", " ")
    assert person(house.entrance().give_code(half(house.sign_in(), Need.CODE), given, BROWSER))
    again = half(house.sign_in(), Need.CODE)
    assert house.entrance().give_code(again, given, BROWSER) == WRONG_CODE
    assert account.standing(who).codes_left == 9


def test_wrong_codes_lock_out_and_the_password_does_not_forgive_them(house: House) -> None:
    secret = house.enrolled()
    for _ in range(5):
        step = half(house.sign_in(), Need.CODE)
        assert house.entrance().give_code(step, "000000", BROWSER) == WRONG_CODE
    assert "Too many wrong" in str(house.sign_in())
    right = code(secret, house.clock.now)
    assert "Too many wrong" in str(house.entrance().give_code(step, right, BROWSER))
    assert "user.locked" in house.told()


def test_a_step_that_was_begun_long_ago_or_is_another_is_refused(house: House) -> None:
    secret = house.enrolled()
    step = half(house.sign_in(), Need.CODE)
    skipped = replace(step, needs=Need.NEW_PASSWORD)
    assert house.entrance().give_code(skipped, code(secret, house.clock.now), BROWSER) == TOO_LATE
    house.clock.passes(minutes=11)
    assert house.entrance().give_code(step, code(secret, house.clock.now), BROWSER) == TOO_LATE


def test_a_tenant_that_requires_it_lets_nobody_in_before_they_enrolled(house: House) -> None:
    house.require()
    step, entrance = half(house.sign_in(), Need.ENROLMENT), house.entrance()
    begun = entrance.begin_enrolment(step)
    assert not isinstance(begun, str)
    assert entrance.confirm_enrolment(step, "000000", BROWSER) == WRONG_CODE
    confirmed = entrance.confirm_enrolment(step, code(begun[0], house.clock.now), BROWSER)
    assert not isinstance(confirmed, str)
    assert person(confirmed[0])
    assert len(confirmed[1]) == 10
    with house.office.store.begin() as session:
        alice = users.must_find(session, ALICE)
        assert second_factors.reset(session, alice, at=house.clock(), actor="test")
    half(house.sign_in(), Need.ENROLMENT)
    told = [what for what in house.told() if what.startswith(("second", "user"))]
    assert told == ["second_factor.enrolled", "user.signed_in", "second_factor.reset"]


def claims(house: House, **said: object) -> dict[str, object]:
    usual = {"iss": "https://id.example", "sub": "7", "email": "Alice@Harbor.example"}
    return {**usual, "email_verified": True, "iat": house.clock.now.timestamp(), **said}


def test_a_provider_lets_an_existing_user_in_once(house: House) -> None:
    said = claims(house)
    who = person(house.entrance().sign_in_by_provider(said, BROWSER))
    assert who.email == ALICE
    assert house.entrance().sign_in_by_provider(said, BROWSER) == OVER
    old = claims(house, iat=house.clock.now.timestamp() - 301)
    assert house.entrance().sign_in_by_provider(old, BROWSER) == OVER


def test_a_provider_lets_no_stranger_and_nobody_unverified_in(house: House) -> None:
    for verified in (False, None, "false"):
        said = claims(house, email_verified=verified)
        assert house.entrance().sign_in_by_provider(said, BROWSER) == UNVERIFIED
    stranger = claims(house, email="eve@elsewhere.example")
    assert "is no user here" in str(house.entrance().sign_in_by_provider(stranger, BROWSER))
    assert house.told()[-1] == "user.refused"


def test_no_password_is_taken_where_only_the_provider_counts(house: House) -> None:
    assert "switched off" in str(house.sign_in(sign_in_by="provider"))


def link(house: House, slug: str, role: str, minutes: int = 5) -> str:
    address = house.entrance().make_link(ALICE, slug, role, minutes, actor="test")
    return address.partition("token=")[2]


def test_a_link_is_good_once_and_for_minutes(house: House) -> None:
    token = link(house, "harbor", "viewer")
    assert person(house.entrance().sign_in_by_link(token, BROWSER))
    assert house.entrance().sign_in_by_link(token, BROWSER) == BAD_LINK
    late = link(house, "harbor", "viewer")
    house.clock.passes(minutes=5)
    assert house.entrance().sign_in_by_link(late, BROWSER) == BAD_LINK
    assert house.entrance().sign_in_by_link("no such token", BROWSER) == BAD_LINK


def test_a_link_reaches_one_tenant_and_no_further_than_its_role(house: House) -> None:
    who = person(house.entrance().sign_in_by_link(link(house, "harbor", "viewer"), BROWSER))
    assert [(g.tenant, g.role) for g in house.desk().grants(who.user_id)] == [("harbor", "viewer")]
    with pytest.raises(NotAllowedError):
        house.desk().preview(who.user_id, "harbor", "invoice.archive", {"id": "I1"})
    with pytest.raises(Exception, match="no such tenant among yours"):
        house.desk().today(who.user_id, "quay")
    with pytest.raises(NotAllowedError, match="by a link"):
        Account(house.door()).change_password(who, PASSWORD, NEW)


def test_a_link_falls_with_its_users_role(house: House) -> None:
    who = person(house.entrance().sign_in_by_link(link(house, "harbor", "operator"), BROWSER))
    with house.office.store.begin() as session:
        harbor = tenants.find_tenant(session, "harbor")
        users.add_membership(
            session, ALICE, harbor, "viewer", password=None, at=START, actor="test"
        )
        assert not authorize(
            session, who.user_id, "harbor", Permission.READ, at=house.clock()
        ).allows(Permission.ACT)
        users.remove_membership(session, ALICE, harbor, at=START, actor="test")
    assert house.desk().grants(who.user_id) == []


@pytest.mark.parametrize(
    ("slug", "role", "minutes"),
    [
        ("harbor", "admin", 5),
        ("harbor", "viewer", 6),
        ("quay", "operator", 5),
        ("none", "viewer", 5),
    ],
)
def test_a_link_that_reaches_too_far_is_not_made(
    house: House, slug: str, role: str, minutes: int
) -> None:
    with pytest.raises(Exception, match=r"is for one of|minutes|may not do this|no such tenant"):
        link(house, slug, role, minutes)
