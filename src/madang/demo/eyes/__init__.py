"""The demo city's cameras: what they would see of the world, drawn and encoded, behind real RTSP."""
