"""An OpenID Connect provider on this machine: everybody who comes is `email`, as it says."""

import base64
import hashlib
import json
import time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _signed(claims: dict[str, Any]) -> str:
    head = {"alg": "RS256", "kid": "one", "typ": "JWT"}
    body = ".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
    return f"{body}.{_b64(KEY.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Provider:
    """Its pages; `email` and `is_verified` are what it says of whoever comes next."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        self.url, self.client_id, self.secret = url, client_id, secret
        self.email, self.is_verified = "", True
        self._asked: dict[str, dict[str, str]] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/jwks", self._jwks),
            ]
        )

    async def _metadata(self, _: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> RedirectResponse:
        code = f"code-{len(self._asked)}"
        self._asked[code] = dict(request.query_params)
        back, state = request.query_params["redirect_uri"], request.query_params["state"]
        return RedirectResponse(f"{back}?code={code}&state={state}")

    async def _token(self, request: Request) -> JSONResponse:
        form = await request.form()
        basic = f"{self.client_id}:{self.secret}".encode()
        assert request.headers["authorization"] == f"Basic {base64.b64encode(basic).decode()}"
        asked = self._asked.pop(str(form["code"]))
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert asked["code_challenge"] == _b64(proof)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": self.email,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 3600,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": self.is_verified,
        }
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": _signed(claims)}
        )

    async def _jwks(self, _: Request) -> JSONResponse:
        public = KEY.public_key().public_numbers()
        key = {"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256"}
        return JSONResponse({"keys": [key | {"n": _number(public.n), "e": _number(public.e)}]})
