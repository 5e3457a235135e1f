from madang.ground.people.models.accounts import Account, AccountManager
from madang.ground.people.models.cameras import (
    BreakGlass,
    CameraAct,
    CameraScope,
    ControlDomain,
    Grant,
    LawBasis,
)
from madang.ground.people.models.joining import DutyShift, Invitation
from madang.ground.people.models.organisations import Membership, Organisation, OrganisationKind
from madang.ground.people.models.reasons import ChosenReason, ReasonKind

__all__ = [
    "Account",
    "AccountManager",
    "BreakGlass",
    "CameraAct",
    "CameraScope",
    "ChosenReason",
    "ControlDomain",
    "DutyShift",
    "Grant",
    "Invitation",
    "LawBasis",
    "Membership",
    "Organisation",
    "OrganisationKind",
    "ReasonKind",
]
