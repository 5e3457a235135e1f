"""The ready roles: what a person can be in an organisation, in the words of a city's centre.

A role is a name that rules speak of; what it may do is written in each system's rules.py. A system
with roles of its own registers them when its rules are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Role:
    """One role. second_factor: its rights sleep until the account has a passkey or one-time codes, as do
    those of everybody who works here; a citizen may do without."""

    key: str
    title: Text
    summary: Text
    second_factor: bool = False
    organisations: frozenset[str] = frozenset()
    apart_from: frozenset[str] = frozenset()  # roles nobody may hold beside it in one organisation

    def fits(self, kind: str) -> bool:
        """Whether an organisation of this kind may have people in this role."""
        return not self.organisations or kind in self.organisations


_roles: dict[str, Role] = {}


def register(role: Role) -> None:
    """Add a role; two different roles under one key are a mistake."""
    if _roles.setdefault(role.key, role) != role:
        raise ValueError(f"the role {role.key!r} is registered twice, differently")


def find(key: str) -> Role | None:
    return _roles.get(key)


def roles() -> Iterable[Role]:
    """Every role that can be given by a membership, in the order they were registered."""
    return _roles.values()


_CITY = frozenset({"city", "department"})
_CENTRE = _CITY | {"contractor"}

for _role in (
    Role(
        "operator",
        _("Operator"),
        _("Watches the city, acknowledges alarms and opens incidents."),
        True,
        _CENTRE,
    ),
    Role(
        "shift_leader",
        _("Shift leader"),
        _("Leads a shift, closes incidents, opens and ends grants to other agencies."),
        True,
        _CITY,
    ),
    Role(
        "traffic_engineer",
        _("Traffic engineer"),
        _("Runs the traffic twin and drafts signal plans."),
        True,
        _CENTRE,
    ),
    Role(
        "dispatcher",
        _("Dispatcher"),
        _("Sends emergency vehicles and asks for green waves."),
        True,
        frozenset({"city", "department", "fire", "police"}),
    ),
    Role(
        "seconded_police",
        _("Seconded police officer"),
        _("A police officer at the centre; sees what a grant names, and approves signal plans."),
        True,
        frozenset({"police"}),
    ),
    Role(
        "seconded_fire",
        _("Seconded fire officer"),
        _("A fire officer at the centre; sees what a grant names, and emergency vehicles."),
        True,
        frozenset({"fire"}),
    ),
    Role(
        "privacy_officer",
        _("Privacy officer"),
        _("Answers for personal data: reviews the trail, breaches and break-glass access."),
        True,
        _CITY,
    ),
    Role(
        "footage_officer",
        _("Footage officer"),
        _("Decides on viewing, giving and export of footage."),
        True,
        _CITY,
    ),
    Role(
        "administrator",
        _("Administrator"),
        _("Gives people their accounts and roles and sets the city up; sees no camera."),
        True,
        _CITY,
    ),
    Role(
        "planner",
        _("Planner"),
        _("Works with plans, carbon and heat, and answers citizens' proposals."),
        True,
        _CENTRE | {"institution"},
    ),
    Role(
        "budget_officer",
        _("Budget officer"),
        _("Compiles and allots the budget."),
        True,
        _CITY | {"institution"},
    ),
    Role(
        "spending_officer",
        _("Spending officer"),
        _("Makes contracts and other commitments; may not also pay."),
        True,
        _CITY | {"institution"},
        frozenset({"paying_officer"}),  # 지방회계법, 지방공기업법 시행령 §35①
    ),
    Role(
        "paying_officer",
        _("Paying officer"),
        _("Checks and pays what was committed; may not also commit."),
        True,
        _CITY | {"institution"},
        frozenset({"spending_officer"}),
    ),
    Role(
        "accountant",
        _("Accountant"),
        _("Keeps the ledgers and draws up the accounts."),
        True,
        _CITY | {"institution"},
    ),
    Role(
        "auditor",
        _("Auditor"),
        _("Reads everything of money and of the trail, and changes nothing."),
        True,
        _CITY | {"institution"},
    ),
    Role(
        "agent",
        _("Call centre agent"),
        _("Answers citizens' calls and writes their complaints."),
        True,
        _CENTRE | {"institution"},
    ),
    Role(
        "citizen",
        _("Citizen"),
        _("Proposes, supports, discusses and votes."),
        False,
        frozenset({"public"}),
    ),
):
    register(_role)

VISITOR = "visitor"  # everybody, signed in or not; never given by a membership
SIGNED_IN = "signed_in"  # everybody who signed in; never given by a membership
STEWARD = "steward"  # whoever keeps the installation, above its cities; set on the account
# The administrator of a simulated city, where no other city is there: keeps the platform, too.
DEMO_KEEPER = "demo_keeper"
ABOVE_CITIES: dict[str, Text] = {
    STEWARD: _("Steward of the installation"),
    DEMO_KEEPER: _("Administrator of a demo installation"),
}


def title(key: str) -> str:
    """What people call the role key, in the active language."""
    role = find(key)
    return str(role.title if role else ABOVE_CITIES.get(key, key))
