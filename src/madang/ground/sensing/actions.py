from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("sensing.devices_registered", _("Devices registered"))
declare("sensing.credential_renewed", _("Credential of a device renewed"))
declare("sensing.credentials_set", _("Credentials of devices set"))
declare("sensing.device_withdrawn", _("Device withdrawn"))
declare("sensing.device_returned", _("Device returned"))
