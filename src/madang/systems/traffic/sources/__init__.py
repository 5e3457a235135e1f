"""Networks from what cities have: SUMO's files, 표준노드링크, OpenStreetMap, signal centres' files."""
