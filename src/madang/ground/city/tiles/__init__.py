"""Mapbox vector tiles (version 2.1), made here from the city's tables."""
