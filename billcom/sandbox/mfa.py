"""Second factors: phones set up, codes asked for, devices remembered for thirty days."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from billcom.sandbox.clock import Clock
from billcom.sandbox.errors import BadCodeError, BusinessRuleError
from billcom.sandbox.fields import Fields
from billcom.sandbox.wire import Record

REMEMBERED = timedelta(days=30)
# No text message is sent: any code of six digits is the right one, but for this.
_WRONG_CODE = "000000"


@dataclass(frozen=True)
class _Device:
    name: str
    good_until: datetime


class SecondFactors:
    """The phone and the devices of the one user a book's credentials are for."""

    def __init__(self, clock: Clock) -> None:
        """Nothing is set up."""
        self._clock = clock
        # One at most: there are no secondary phones any more.
        self._phones: list[Record] = []
        self._setups: dict[str, Record] = {}
        self._challenges: set[str] = set()
        self._devices: dict[str, _Device] = {}

    def phones(self) -> Record:
        """GET /mfa/phones."""
        return {"results": self._phones}

    def set_up(self, body: object) -> Record:
        """POST /mfa/setup."""
        fields = Fields(body)
        phone = fields.text("phone", required=True, longest=20) or ""
        fields.choice("type", ("TEXT",), required=True)
        if fields.flag("primary") is False:
            fields.problem("primary", "must be true")
        digits = "".join(c for c in phone if c.isdecimal())
        if phone and len(digits) < 10:
            fields.problem("phone", "must be a telephone number")
        fields.check()
        setup_id = secrets.token_hex(10)
        shown = {"type": "MOBILE", "last4digits": digits[-4:], "primary": True}
        self._setups[setup_id] = shown
        return {"setupId": setup_id}

    def confirm(self, body: object) -> Record:
        """POST /mfa/setup/validate: the phone is the user's from now on."""
        fields = Fields(body)
        setup_id = fields.text("setupId", required=True) or ""
        fields.choice("type", ("TEXT",), required=True)
        code = fields.text("token", required=True)
        fields.check()
        _demand_code(code, holds=setup_id in self._setups)
        self._phones = [self._setups.pop(setup_id)]
        return {"status": "SUCCESS"}

    def challenge(self, body: object) -> Record:
        """POST /mfa/challenge."""
        Fields(body).check()
        if not self._phones:
            raise BusinessRuleError("No phone has been set up.")
        challenge_id = secrets.token_hex(10)
        self._challenges.add(challenge_id)
        return {"challengeId": challenge_id}

    def answer(self, body: object) -> Record:
        """POST /mfa/challenge/validate: the device is remembered."""
        fields = Fields(body)
        challenge_id = fields.text("challengeId", required=True) or ""
        code = fields.text("token", required=True)
        device = fields.text("device", required=True) or ""
        fields.text("machineName")
        fields.flag("rememberMe")
        fields.check()
        _demand_code(code, holds=challenge_id in self._challenges)
        self._challenges.discard(challenge_id)
        remember_me_id = secrets.token_hex(16)
        until = self._clock() + REMEMBERED
        self._devices[remember_me_id] = _Device(device, until)
        return {"rememberMeId": remember_me_id}

    def is_remembered(self, remember_me_id: str | None, device: str | None) -> bool:
        """Whether this device has answered a challenge within thirty days."""
        known = self._devices.get(remember_me_id or "")
        if known is None or known.name != device:
            return False
        return self._clock() < known.good_until


def _demand_code(code: str | None, *, holds: bool) -> None:
    is_code = code is not None and len(code) == 6 and code.isascii() and code.isdecimal()
    if not (holds and is_code and code != _WRONG_CODE):
        raise BadCodeError
