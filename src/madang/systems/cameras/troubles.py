"""What is wrong where a camera, a recorder or a disk does not do its part, and what to do about it.

A process notes a trouble as its kind and the words it came with, `refused: Connection refused`: that is what
logs and the database keep, and processes say to each other. Whoever shows it says it by `in_words`, in the
viewer's language. KINDS is the one table from exceptions to kinds, WORDS the one from kinds to words.
"""

from __future__ import annotations

import errno
import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST = 200
PASSWORD = re.compile(r"://[^@/\s]*@")
NOTED = re.compile(r"([a-z]+(?:-[a-z]+)*): (.*)", re.DOTALL)

WORDS: dict[str, Promise] = {
    "refused": _(
        "It refuses connections. See whether it is switched on and the port in its address is right."
    ),
    "silent": _("It does not answer. See whether it has power and the network to it works."),
    "away": _(
        "It cannot be reached. See whether its address is right and this server reaches its network."
    ),
    "nameless": _(
        "The network does not know its name. See whether the host in its address is right."
    ),
    "denied": _("It refuses the user or the password. Record them as they are at the device now."),
    "missing": _("It has no stream at this address. See whether the path in its address is right."),
    "busy": _(
        "It is there and gives no stream. See whether it serves too many others, or start it again."
    ),
    "mute": _(
        "What answers there is no video stream. See whether its address and port are right and it has"
        " finished starting."
    ),
    "broken": _("The connection broke off. If it goes on so, look at its power and network."),
    "secure": _("No secure connection (TLS) comes about. See how encryption is set up at it."),
    "ended": _("It ended the stream. If it goes on so, look at its settings or start it again."),
    "still": _(
        "It answers and sends no picture. Start it again, and look at its stream's settings."
    ),
    "packets": _("Some of its packets arrive broken. Look at the network to it."),
    "no-picture": _("It offers no picture at this address. See whether its address is right."),
    "codec": _("It sends neither H.264 nor H.265. Set its stream to one of them."),
    "undescribed": _(
        "It does not say what its picture is. Start it again, or set its stream's codec anew."
    ),
    "unregistered": _("It is not in the register any more."),
    "unaddressed": _("No address of this stream is recorded. Record it in the register."),
    "sealed": _("The camera's password cannot be opened with this server's key. Enter it again."),
    "changed": _("What is hidden of this camera has changed; look again."),
    "unpainted": _("It could not be painted over, and so is not shown. Try another moment."),
    "disk-full": _("The disk is full. Make room on it, or keep footage for fewer days."),
    "disk": _("The disk takes no more. See whether it is there and may be written to."),
    "other": _("Something went wrong. What was said of it stands in the server's log."),
}

# By the names of classes, for the libraries that they come from are not loaded everywhere. An exception is
# of the kind of its nearest class that stands here.
KINDS = {
    "ConnectionRefusedError": "refused",
    "TimeoutError": "silent",
    "ExitError": "silent",
    "gaierror": "nameless",
    "ClientConnectorDNSError": "nameless",
    "InvalidURL": "nameless",
    "SSLError": "secure",
    "ClientSSLError": "secure",
    "HTTPUnauthorizedError": "denied",
    "HTTPForbiddenError": "denied",
    "HTTPNotFoundError": "missing",
    "HTTPError": "busy",
    "HTTPClientError": "busy",
    "InvalidDataError": "mute",
    "ConnectionError": "broken",
    "ServerDisconnectedError": "broken",
    "ClientPayloadError": "broken",
    "EOFError": "broken",
    "error": "mute",  # struct's
    "ValueError": "mute",
}
NUMBERS = {
    errno.EHOSTUNREACH: "away",
    errno.ENETUNREACH: "away",
    errno.EHOSTDOWN: "away",
    errno.EADDRNOTAVAIL: "away",
    errno.EIO: "away",  # FFmpeg's, where a host has no address
}
FULL = (errno.ENOSPC, errno.EDQUOT)


def noted(error: BaseException) -> str:
    """The kind of error and its words, without the address: it carries a password. An error that is said
    to people already (a CameraError without a kind) stays as it is."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if getattr(error, "kind", None) == "":
        return str(said)
    return note(kind_of(error), str(said))


def noted_of_disk(error: OSError) -> str:
    """The same of a disk, of which a number means something else."""
    kind = "disk-full" if error.errno in FULL else "disk"
    return note(kind, error.strerror or str(error))


def note(kind: str, said: str) -> str:
    """As it is kept and told."""
    return f"{kind}: {PASSWORD.sub('://', said)}"[:LONGEST]


def kind_of(error: BaseException) -> str:
    """One of WORDS: as the error says itself, else by its number or its class."""
    own = getattr(error, "kind", None)
    if own in WORDS:
        return str(own)
    cause = getattr(error, "os_error", None)  # what aiohttp met
    names = [one.__name__ for one in type(error).__mro__]
    if isinstance(cause, OSError) and not {"ClientConnectorDNSError", "ClientSSLError"} & {*names}:
        return kind_of(cause)
    found = NUMBERS.get(getattr(error, "errno", None) or 0)
    return found or next((KINDS[name] for name in names if name in KINDS), "other")


def in_words(noted: str) -> str:
    """What people read of what was noted, in the active language; words of no kind as they are."""
    kind, _said = parts(noted)
    return str(WORDS[kind]) if kind else noted


def parts(noted: str) -> tuple[str, str]:
    """The kind ("": none that is known) and the words it came with."""
    found = NOTED.fullmatch(noted)
    if found is None or found[1] not in WORDS:
        return "", noted
    return found[1], found[2]


def said_of(error: BaseException) -> str:
    """What people read of error, in the active language."""
    return in_words(noted(error))
