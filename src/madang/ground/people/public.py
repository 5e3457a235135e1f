"""What other rooms and systems may call."""

from madang.ground.people.camera_rights import CameraFacts, CameraRights, read_camera_rights
from madang.ground.people.domain.accounts import create_account, set_password
from madang.ground.people.domain.demo import DemoAccount, demo_accounts
from madang.ground.people.domain.memberships import end_role, give_role
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.domain.reasons import (
    Looking,
    Reason,
    choose_reason,
    note_looking,
    reason_of,
)
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import RightAuth, acting, public_page, requires
from madang.ground.people.grant_sources import Choice, register_cameras, register_incidents
from madang.ground.people.queries import camera_users
from madang.ground.people.rights import (
    Asked,
    Rights,
    allow,
    demo_keeper,
    everybody,
    is_declared,
    may,
    read_rights,
    role,
    signed_in,
    steward,
    title_of,
    visible_kinds,
)
from madang.ground.people.rights_book import RightsBook
from madang.ground.people.roles import Role
from madang.ground.people.roles import register as register_role
from madang.ground.people.signals import glass_broken, rights_changed

__all__ = [
    "Asked",
    "CameraFacts",
    "CameraRights",
    "Choice",
    "DemoAccount",
    "Looking",
    "PeopleError",
    "Reason",
    "RightAuth",
    "Rights",
    "RightsBook",
    "Role",
    "acting",
    "allow",
    "camera_users",
    "choose_reason",
    "create_account",
    "create_organisation",
    "demo_accounts",
    "demo_keeper",
    "end_role",
    "everybody",
    "give_role",
    "glass_broken",
    "is_declared",
    "may",
    "note_looking",
    "public_page",
    "read_camera_rights",
    "read_rights",
    "reason_of",
    "register_cameras",
    "register_incidents",
    "register_role",
    "requires",
    "rights_changed",
    "role",
    "set_password",
    "signed_in",
    "steward",
    "title_of",
    "visible_kinds",
]
