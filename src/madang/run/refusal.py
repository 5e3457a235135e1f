"""Errors whose message is meant for the person at the terminal: what is wrong, where, what to do."""


class Refusal(Exception):
    """The command cannot do its work; the message alone is shown, without a traceback."""
