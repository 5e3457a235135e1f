"""One ONVIF device, spoken to with onvif-zeep-async; what it says is read by local names.

Cameras in the wild put elements into wrong namespaces, answer in another version of SOAP and leave out
what the standard asks for. zeep builds and signs what is asked; of the answer its envelope is taken as it
came, and read without namespaces. The library takes a second and some 50 MB to load: it is imported by the
process that owns the camera, when it first needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.utils.translation import gettext as _

from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.troubles import said_of

WITHIN = 4.0  # seconds for one answer
LARGEST = 16_000_000  # bytes of one answer: a thousand channels say some 5 MB
LOAD_WITHIN = 60.0  # … for reading the definitions of a service, once a process
MEANT = timedelta(seconds=5)  # a clock that is no further off counts as right
TOLD = timedelta(seconds=1)  # to which ONVIF says a clock
UNKNOWN = ("notauthorized", "not authorized", "unauthorized", "failedauth")  # as devices say it
NAMES = {
    "devicemgmt": ("http://www.onvif.org/ver10/device/wsdl", "DeviceBinding"),
    "media": ("http://www.onvif.org/ver10/media/wsdl", "MediaBinding"),
    "media2": ("http://www.onvif.org/ver20/media/wsdl", "Media2Binding"),
    "ptz": ("http://www.onvif.org/ver20/ptz/wsdl", "PTZBinding"),
    "search": ("http://www.onvif.org/ver10/search/wsdl", "SearchBinding"),
    "replay": ("http://www.onvif.org/ver10/replay/wsdl", "ReplayBinding"),
}
OURS = {"media2": Path(__file__).with_name("media2.wsdl")}  # the library has no definition of it
log = structlog.get_logger(__name__)
_heard: ContextVar[list[Any] | None] = ContextVar("heard", default=None)


class OnvifError(CameraError):
    """The device did not do what was asked; the message says why, without its password."""


class RefusedError(OnvifError):
    """The device does not take the user or the password."""


class SilentError(OnvifError):
    """The device does not answer, or answers what is no ONVIF."""


@dataclass
class Device:
    """How a device is reached. skew: by how much its clock is ahead of ours, once it was asked. hosts: what
    it calls itself."""

    address: str
    user: str
    password: str
    skew: timedelta | None = None
    services: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)


class Talk:
    """A conversation with a device: `async with Talk(device) as talk: await talk.ask("ptz", …)`."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._session: Any = None
        self._services: dict[str, Any] = {}
        self._loading = asyncio.Lock()

    async def __aenter__(self) -> Talk:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        for service in self._services.values():
            await service.close()
        self._services = {}
        if self._session is not None:
            await self._session.close()

    async def ask(
        self, service: str, operation: str, words: Mapping[str, Any] | None = None
    ) -> Any:
        """The element in the body of the answer; OnvifError where there is none."""
        if service != "devicemgmt" and service not in self.device.services:
            await self.learn()
        return await self._ask(service, operation, words)

    async def learn(self) -> None:
        """Read the device's clock, that what is signed is fresh to it, and where its services are."""
        with contextlib.suppress(OnvifError):  # some want a password even for this
            answer = await self._ask("devicemgmt", "GetSystemDateAndTime", None, signed=False)
            self.device.skew = _skew(answer)
            if self.device.skew is not None and abs(self.device.skew) > MEANT:
                await self._renew()
        spaces = {space: name for name, (space, _binding) in NAMES.items()}
        try:
            answer = await self._ask("devicemgmt", "GetServices", {"IncludeCapability": False})
            said = [
                (words(one, "Namespace"), words(one, "XAddr")) for one in every(answer, "Service")
            ]
            found = {spaces[space]: at for space, at in said if space in spaces and at}
        except (RefusedError, SilentError):
            raise
        except OnvifError:
            found = {}
        if not {"media", "media2"} & found.keys():
            found.update(await self._capabilities())
        self.device.hosts = {urlsplit(at).hostname or "" for at in found.values()}
        self.device.services = {name: self._reached(at) for name, at in found.items()}

    async def _capabilities(self) -> dict[str, str]:
        """What devices say that know no GetServices."""
        answer = await self._ask("devicemgmt", "GetCapabilities", {"Category": "All"})
        titles = {"Media": "media", "PTZ": "ptz", "Search": "search", "Replay": "replay"}
        said = {name: words(answer, f"{title}/XAddr") for title, name in titles.items()}
        return {name: at for name, at in said.items() if at}

    def _reached(self, said: str) -> str:
        """The address that a device says, by the host we reach it by: behind a router it knows another."""
        ours, theirs = urlsplit(self.device.address), urlsplit(said)
        if theirs.hostname == ours.hostname:
            return said
        return theirs._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()

    async def _ask(
        self,
        service: str,
        operation: str,
        given: Mapping[str, Any] | None,
        *,
        signed: bool = True,
    ) -> Any:
        proxy = await self._service(service)
        call = getattr(proxy, operation if signed else f"authless_{operation}")
        token = _heard.set([])
        try:
            failed = await self._call(call, dict(given or {}))
            heard = _heard.get()
            return _body(heard[-1] if heard else None, operation, failed)
        finally:
            _heard.reset(token)

    async def _call(self, call: Any, given: dict[str, Any]) -> Exception | None:
        """Ask; what zeep made of the answer does not count, only that there was one."""
        import aiohttp

        try:
            async with asyncio.timeout(WITHIN):
                await call(given)
        except TimeoutError:
            raise SilentError(
                _("The device did not answer within %d seconds.") % round(WITHIN)
            ) from None
        except _Elsewhere:
            raise SilentError(
                _("The device leads elsewhere (redirect). Write down the address that it leads to.")
            ) from None
        except aiohttp.ClientPayloadError:
            raise SilentError(_("The device's answer breaks off, or is too large.")) from None
        except aiohttp.ClientError as error:
            log.info("cameras.device_unreached", error=f"{type(error).__name__}: {error}")
            raise SilentError(said_of(error)) from None
        except Exception as error:  # a fault, or an answer that zeep cannot make sense of
            return error
        return None

    async def _service(self, name: str) -> Any:
        async with self._loading:
            if name not in self._services:
                self._services[name] = await self._open(name)
            return self._services[name]

    async def _renew(self) -> None:
        """Sign by the device's clock from now on."""
        for service in self._services.values():
            await service.close()
        self._services = {}

    async def _open(self, name: str) -> Any:
        at = self.device.address if name == "devicemgmt" else self.device.services.get(name)
        if at is None:
            raise OnvifError(_missing(name))
        if self._session is None:
            await asyncio.to_thread(_load)
            self._session = _session(self.device)
        async with asyncio.timeout(LOAD_WITHIN):
            return await _open_service(self._session, self.device, name, at)


def _missing(service: str) -> str:
    return {
        "ptz": _("The device has no service to turn it (PTZ)."),
        "search": _("The device has no service to look into its recordings (search)."),
        "replay": _("The device has no service to play its recordings (replay)."),
    }.get(service, _("The device has no service for its streams (media)."))


def _load() -> None:
    """Load the library: in a thread, for it takes a second."""
    import onvif.client  # noqa: F401

    logging.getLogger("onvif").setLevel(logging.WARNING)


def _session(device: Device) -> Any:
    """One connection pool for a device, that answers too where it asks for a digest by HTTP instead."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=WITHIN, connect=WITHIN, sock_read=WITHIN)
    digest = (aiohttp.DigestAuthMiddleware(device.user, device.password),) if device.user else ()
    connector = aiohttp.TCPConnector(ssl=False, limit=4)
    return aiohttp.ClientSession(
        timeout=timeout, middlewares=(_bounded, *digest), connector=connector
    )


class _Elsewhere(Exception):
    """A redirect."""


async def _bounded(request: Any, go_on: Any) -> Any:
    """An answer of LARGEST bytes at most, unpacked: what goes on for ever does not fill our memory."""
    import aiohttp

    answer = await go_on(request)
    if 300 <= answer.status < 400:  # to whom would our password be shown?
        answer.close()
        raise _Elsewhere
    body = bytearray()
    async for part in answer.content.iter_chunked(65_536):
        body += part
        if len(body) > LARGEST:
            answer.close()
            raise aiohttp.ClientPayloadError
    answer._body = bytes(body)  # as read() would have left it
    return answer


async def _open_service(session: Any, device: Device, name: str, at: str) -> Any:
    from onvif.client import _WSDL_PATH, AsyncTransportProtocolErrorHandler, ONVIFService

    space, binding = NAMES[name]
    service = ONVIFService(
        at,
        device.user or None,
        device.password or None,
        str(OURS.get(name) or f"{_WSDL_PATH}/{name}.wsdl"),
        no_cache=True,
        dt_diff=device.skew,
        binding_name=f"{{{space}}}{binding}",
        binding_key=name,
    )
    await service._session.close()
    service.transport = AsyncTransportProtocolErrorHandler(session=session, verify_ssl=False)
    await service.setup()
    for client in (service.zeep_client, service.zeep_client_authless):
        client.plugins.append(_Ear())
    return service


class _Ear:
    """Takes the envelope of an answer as it came, for the task that asked."""

    def ingress(self, envelope: Any, headers: Any, operation: Any) -> tuple[Any, Any]:
        heard = _heard.get()
        if heard is not None:
            heard.append(envelope)
        return envelope, headers

    def egress(self, envelope: Any, headers: Any, operation: Any, options: Any) -> tuple[Any, Any]:
        return envelope, headers


def _body(envelope: Any, operation: str, failed: Exception | None) -> Any:
    if envelope is None:
        if failed is not None and getattr(failed, "status_code", 0) in (401, 403):
            raise RefusedError(_("The device refuses the user or the password."))
        raise SilentError(_("What answers there is no ONVIF device."))
    if fault := first(envelope, "Fault"):
        raise _fault(fault[0])
    body = first(envelope, f"{operation}Response")
    if not body:
        raise SilentError(_("The device answered something else than it was asked."))
    return body[0]


def _fault(fault: Any) -> OnvifError:
    said = " ".join(
        part.text.strip()
        for name in ("Text", "faultstring")
        for part in every(fault, name)
        if part.text
    )
    codes = " ".join(one.text or "" for one in every(fault, "Value") + every(fault, "faultcode"))
    if any(word in f"{codes} {said}".lower() for word in UNKNOWN):
        return RefusedError(_("The device refuses the user or the password."))
    return OnvifError(_("The device refuses: %s") % (said or codes or "?")[:200])


def every(element: Any, name: str) -> list[Any]:
    """Every element below this one of that local name."""
    return list(element.xpath(".//*[local-name()=$name]", name=name))


def first(element: Any, path: str) -> list[Any]:
    """The first element below this one at a path of local names, in a list; none where there is none."""
    steps = "/".join(f"*[local-name()='{one}']" for one in path.split("/"))
    return list(element.xpath(f"(.//{steps})[1]"))


def words(element: Any, path: str) -> str:
    """The text there; "" where there is none."""
    found = first(element, path)
    return (found[0].text or "").strip() if found else ""


def number(element: Any, path: str, name: str) -> float | None:
    """An attribute there as a number; None where there is none."""
    found = first(element, path)
    try:
        return float(found[0].get(name)) if found else None
    except (TypeError, ValueError):
        return None


def _skew(answer: Any) -> timedelta | None:
    parts = [
        words(answer, f"UTCDateTime/{one}")
        for one in (
            "Date/Year",
            "Date/Month",
            "Date/Day",
            "Time/Hour",
            "Time/Minute",
            "Time/Second",
        )
    ]
    try:
        at = datetime(*(int(one) for one in parts), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except (ValueError, TypeError):
        return None
    skew = at + TOLD / 2 - datetime.now(UTC)
    return timedelta() if abs(skew) <= TOLD else skew
