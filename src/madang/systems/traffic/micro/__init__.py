"""The microscopic window: a district around a point, driven by SUMO in real time, each vehicle drawn."""
