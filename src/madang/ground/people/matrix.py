"""Which role has which right, worked out by asking the rules themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from madang.ground.people import roles
from madang.ground.people.rights import Held, Right, Rights, allows, rights

HERE = UUID(int=1)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY, ANYBODY = "visitor", "signed_in"


@dataclass(frozen=True)
class RoleRights:
    """A role and every right it has."""

    role: roles.Role
    rights: list[Right]


def holder(key: str) -> Rights:
    """Somebody who holds only the role key (those above cities too), in the city HERE."""
    if key == NOBODY:
        return Rights()
    held = (Held(HERE, HERE, key, ALWAYS, None),) if roles.find(key) else ()
    return Rights(
        UUID(int=2),
        steward=key == roles.STEWARD,
        demo_keeper=key == roles.DEMO_KEEPER,
        second_factor=True,
        held=held,
    )


def may_by_role(key: str, right: str) -> bool:
    """Whether the role key alone gives right in its city."""
    return allows(holder(key), right, HERE)


def all_keys() -> list[str]:
    """Everything that somebody can be, from nobody to the installation's steward."""
    return [NOBODY, ANYBODY, *(role.key for role in roles.roles()), *roles.ABOVE_CITIES]


def roles_with(right: str) -> list[str]:
    """The names of the roles that give right, in the active language."""
    return [roles.title(key) for key in all_keys()[2:] if may_by_role(key, right)]


def rights_of_roles() -> list[RoleRights]:
    """Every role with its rights, less those that everybody who signs in has."""
    common = {right.name for right in rights() if may_by_role(ANYBODY, right.name)}
    return [
        RoleRights(
            role,
            [
                right
                for right in rights()
                if right.name not in common and may_by_role(role.key, right.name)
            ],
        )
        for role in roles.roles()
    ]
