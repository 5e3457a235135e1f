"""The demo's world: one process, one clock, one street; field devices look at it and speak MQTT."""
