"""Who looks at the gateway's pages, and what each may see and do."""

from __future__ import annotations

from dataclasses import dataclass

from smsgate.gateway.states import UserRole

#: What a user of the pages may do.
Role = UserRole


@dataclass(frozen=True, slots=True)
class Who:
    """A user who is logged in, as ``request.state.who``; ``account`` is the id of an owner's."""

    name: str
    role: Role
    account: int | None = None

    def __post_init__(self) -> None:
        if (self.role is Role.OWNER) != (self.account is not None):
            raise ValueError("an owner has an account, and nobody else")

    def sees(self, account: int | None) -> bool:
        """Whether what belongs to an account, or to none, is shown."""
        return self.role is not Role.OWNER or (account is not None and account == self.account)

    def changes(self, account: int | None) -> bool:
        """Whether what belongs to an account, or to none, may be changed."""
        return self.role is not Role.READER and self.sees(account)
