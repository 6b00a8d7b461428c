"""/api/auth: register, log in, who am I."""

from typing import Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.params import JSONBody
from litestar.security.jwt import Token

from arena.api.passwords import Passwords
from arena.api.registrar import Registrar
from arena.api.tokens import AccessToken, Identity, Tokens
from arena.store import accounts


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and a password."""

    name: str
    password: str


class AuthController(Controller):
    """Who somebody is."""

    path = "/auth"
    tags = ("accounts",)

    @post("/register", exclude_from_auth=True)
    async def register(
        self,
        data: JSONBody[Login],
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        tokens: NamedDependency[Tokens],
    ) -> AccessToken:
        """Make a user, and log in."""
        return tokens.issue(await registrar.create_user(data.name, await passwords.hash(data.password)))

    @post("/login", exclude_from_auth=True, status_code=200)
    async def login(
        self,
        data: JSONBody[Login],
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        tokens: NamedDependency[Tokens],
    ) -> AccessToken:
        """Get an access token for 15 minutes."""
        async with registrar.database.begin() as connection:
            found = await accounts.find_password(connection, data.name)
        user, stored = found or (None, None)
        right, stronger = await passwords.check(data.password, stored)
        if user is None or not right:
            raise NotAuthorizedException("no user of this name has this password")
        if stronger:
            async with registrar.database.begin() as connection:
                await accounts.set_password(connection, user.id, stronger)
        return tokens.issue(user)

    @get("/me")
    async def me(self, request: Request[Identity, Token, Any]) -> Identity:
        """Who the token says you are."""
        return request.user
