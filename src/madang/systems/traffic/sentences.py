"""What was mended in a network and why one was refused, said to a person."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

REPAIRS: dict[str, str | Promise] = {
    "node-repeated": _("A node came twice; the first one was kept"),
    "node-without-place": _("A node had no usable coordinates; they were taken from its road"),
    "node-missing": _("A node that roads end at was missing; it was put at their end"),
    "node-alone": _("A node without roads was left out"),
    "edge-repeated": _("A road came twice; the first one was kept"),
    "edge-without-place": _("A road that cannot be placed was left out"),
    "self-loop": _("A road from a node to itself was left out"),
    "line-reversed": _("A road was drawn against its direction; the line was turned around"),
    "length-from-line": _("A length that cannot be was measured along the line"),
    "length-raised": _("A length below one metre was raised to one metre"),
    "speed-from-rank": _("A speed was missing; that of the road's rank was assumed"),
    "speed-absurd": _("A speed that cannot be was replaced by that of the road's rank"),
    "speeds-in-kmh": _("Speeds were given in km/h and were converted"),
    "lanes-from-rank": _("A number of lanes was missing; that of the road's rank was assumed"),
    "lanes-cut": _("More lanes than can be were cut"),
    "saturation-unknown": _("A saturation flow that cannot be was left out"),
    "pocket-length-assumed": _("The length of a turning pocket was missing; one was assumed"),
    "link-without-edge": _("A turn between roads that are not there was left out"),
    "link-apart": _("A turn between roads that do not meet was left out"),
    "link-without-lane": _("A turn on a lane that is not there was left out"),
    "ban-nowhere": _("A turn ban between roads that do not meet was left out"),
    "dangling-end": _("A road ends at a node from which none leads on"),
    "part-unreachable": _("Roads that cannot be reached from the largest part, or not left"),
    "controller-nowhere": _("A controller stands at no node of the network"),
    "controller-dropped": _("A controller without a plan that can run was left out"),
    "links-without-signal": _("Turns watched a controller that cannot run; they give way instead"),
    "plan-repeated": _("A plan came twice; the first one was kept"),
    "plan-without-time": _("A plan whose times cannot be was left out"),
    "plan-unknown-light": _("A plan with unknown lights was left out"),
    "plan-does-not-fit": _("A plan with fewer lights than its crossing has turns was left out"),
    "plan-lights-unused": _("Plans have more lights than their crossing has turns"),
    "plan-rings-part": _("A plan whose rings do not end together was left out"),
    "plan-without-green": _("A plan never gives some turns green; they give way instead"),
    "phase-bounds": _("Bounds of a green that cannot be were left out"),
    "offset-wrapped": _("An offset outside its cycle was brought into it"),
    "turnover-nowhere": _("A time of day without a plan of its own was left out"),
    "plans-without-crossing": _("Plans of a crossing that the network does not have"),
    "signal-without-plans": _("A crossing with signals for which there are no plans"),
}
REFUSALS: dict[str, str | Promise] = {
    "broken-xml": _("%(file)s cannot be read to its end: %(detail)s. Fetch it again."),
    "xml-with-dtd": _("%(file)s declares entities; such files are not opened."),
    "file-too-large": _("%(file)s is larger than %(limit)s."),
    "not-a-net": _("%(file)s is not a SUMO network (.net.xml)."),
    "no-streets": _("%(file)s has no street that cars may use."),
    "unknown-place": _("The network lies in a projection that is not known: %(detail)s"),
    "part-missing": _(
        "A network in parts needs its nodes and edges beside it, in one folder or .zip;"
        " missing: %(parts)s"
    ),
    "no-sumo": _("SUMO is not installed: pip install eclipse-sumo"),
    "conversion-too-slow": _(
        "SUMO's netconvert took more than %(seconds)s s and was stopped. Send a smaller area."
    ),
    "conversion-failed": _("SUMO's netconvert could not convert it: %(detail)s"),
    "no-links": _("The city has no road links. Import its standard node-link network first."),
}


def repair_note(kind: str) -> str:
    """The code under which an import's notes count repairs of this kind."""
    return f"traffic-{kind}"


def notes() -> dict[str, str | Promise]:
    """All of these for the reports of imports, repairs with how many there were."""
    counted = {repair_note(kind): _with_count(kind) for kind in REPAIRS}
    return counted | {f"traffic-{code}": words for code, words in REFUSALS.items()}


def _with_count(kind: str) -> Promise:
    return format_lazy("{words}: %(count)s", words=REPAIRS[kind])


WINDOWS: dict[str, str | Promise] = {
    "no-network": _("The city has no street network yet. Import one first."),
    "no-extent": _("It is not known where this city lies. Import its districts first."),
    "no-streets": _("There is no crossing within 400 m of this point. Point nearer to one."),
    "too-large": _("%(edges)d roads lie within 400 m; a window takes at most %(most)d."),
    "nothing-measured": _(
        "No detector of the city counted in the last 15 minutes, so nobody knows what comes in here."
    ),
    "too-many-windows": _(
        "%(most)d microscopic windows are open already, which is as many as may be "
        "(MADANG_TRAFFIC_WINDOWS). Try again when one has ended."
    ),
    "no-window": _("This window has ended. Open it again."),
    "away": _("The process that simulates traffic does not answer. Try again in a moment."),
    "store-away": _("The database did not answer. Open the window again in a moment."),
    "unreadable": _("The request cannot be read: %(detail)s"),
    "no-sumo": _(
        "SUMO is not installed here. Whoever runs Madang installs the package eclipse-sumo."
    ),
    "no-export": _("These streets could not be handed to SUMO: %(detail)s"),
    "sumo-ended": _("SUMO ended before its time (%(detail)s). Open the window again."),
    "failed": _("The window failed (%(detail)s); the log says why. Open it again."),
    "closed": _("The window was closed."),
    "unwatched": _("Nobody looked at the window any more, so it ended."),
    "longest": _("The window ran for as long as one may. Open it again from the state of now."),
    "plans-changed": _(
        "Signals change their plans now. Open the window again from the state of now."
    ),
}


def window_said(code: str, words: dict[str, Any]) -> str:
    """Why a window is refused or ended, in the language of now."""
    return str(WINDOWS[code]) % words if words else str(WINDOWS[code])
