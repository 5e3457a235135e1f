"""The traffic twin's computation: networks, signals, routes and the kernel. No Django, no files, no clock."""
