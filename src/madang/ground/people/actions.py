from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("people.signed_in", _("Signed in"), "sign_in")
declare("people.signed_out", _("Signed out"), "sign_in")
declare("people.sign_in_failed", _("Sign-in failed"), "sign_in")
declare("people.account.created", _("Account created"))
declare("people.account.activated", _("Account switched on"))
declare("people.account.deactivated", _("Account switched off"))
declare("people.password.set", _("Password set by another"))
declare("people.steward.made", _("Made steward of the installation"))
declare("people.organisation.created", _("Organisation created"))
declare("people.organisation.moved", _("Organisation moved"))
declare("people.role.given", _("Role given"))
declare("people.role.ended", _("Role ended"))
