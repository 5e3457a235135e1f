from __future__ import annotations


class PeopleError(Exception):
    """What was asked cannot be done; the message tells the person why and what to do."""
