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
    user_id: str
    name: str
    good_until: datetime


class SecondFactors:
    """The phones and devices of all users of a sandbox. `user_id` is whose session calls."""

    def __init__(self, clock: Clock) -> None:
        """Nobody has set anything up."""
        self._clock = clock
        self._phones: dict[str, list[Record]] = {}
        self._setups: dict[str, tuple[str, Record]] = {}
        self._challenges: dict[str, str] = {}
        self._devices: dict[str, _Device] = {}

    def phones(self, user_id: str) -> Record:
        """GET /mfa/phones."""
        return {"results": self._phones.get(user_id, [])}

    def set_up(self, user_id: str, body: object) -> Record:
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
        self._setups[setup_id] = (user_id, shown)
        return {"setupId": setup_id}

    def confirm(self, user_id: str, body: object) -> Record:
        """POST /mfa/setup/validate: the phone is the user's from now on."""
        fields = Fields(body)
        setup_id = fields.text("setupId", required=True) or ""
        fields.choice("type", ("TEXT",), required=True)
        code = fields.text("token", required=True)
        fields.check()
        owner, phone = self._setups.get(setup_id, ("", {}))
        _demand_code(code, holds=owner == user_id)
        del self._setups[setup_id]
        # There is one phone: secondary ones exist no more.
        self._phones[user_id] = [phone]
        return {"status": "SUCCESS"}

    def challenge(self, user_id: str, body: object) -> Record:
        """POST /mfa/challenge."""
        Fields(body).check()
        if user_id not in self._phones:
            raise BusinessRuleError("No phone has been set up.")
        challenge_id = secrets.token_hex(10)
        self._challenges[challenge_id] = user_id
        return {"challengeId": challenge_id}

    def answer(self, user_id: str, body: object) -> Record:
        """POST /mfa/challenge/validate: the device is remembered."""
        fields = Fields(body)
        challenge_id = fields.text("challengeId", required=True) or ""
        code = fields.text("token", required=True)
        device = fields.text("device", required=True) or ""
        fields.text("machineName")
        fields.flag("rememberMe")
        fields.check()
        _demand_code(code, holds=self._challenges.get(challenge_id) == user_id)
        del self._challenges[challenge_id]
        remember_me_id = secrets.token_hex(16)
        until = self._clock() + REMEMBERED
        self._devices[remember_me_id] = _Device(user_id, device, until)
        return {"rememberMeId": remember_me_id}

    def is_remembered(self, user_id: str, remember_me_id: str | None, device: str | None) -> bool:
        """Whether this device of the user has answered a challenge within thirty days."""
        known = self._devices.get(remember_me_id or "")
        if known is None or (known.user_id, known.name) != (user_id, device):
            return False
        return self._clock() < known.good_until


def _demand_code(code: str | None, *, holds: bool) -> None:
    is_code = code is not None and len(code) == 6 and code.isascii() and code.isdecimal()
    if not (holds and is_code and code != _WRONG_CODE):
        raise BadCodeError
