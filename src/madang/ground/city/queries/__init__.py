"""Reads of the city, shaped for pages, API, commands and other rooms."""
