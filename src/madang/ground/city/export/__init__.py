"""The city's rows as files: CSV, GeoJSON, and the rows an import rejected."""
