"""Who may see notices: everybody their own."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, signed_in

allow("notify.read", _("Read what one is told"), signed_in)
