import sys

# nats-py loads aiohttp where it is installed, for WebSockets that nothing here uses: a third of a second
# and 14 MB of every process. It does without where it finds none.
if "aiohttp" not in sys.modules:
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    import nats.aio.transport  # noqa: F401

    del sys.modules["aiohttp"]
