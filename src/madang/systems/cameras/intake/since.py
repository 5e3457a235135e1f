"""What came of each stream since its last key frame: whoever comes begins with it, at once."""

from __future__ import annotations

from uuid import UUID

from madang.systems.cameras.messages import Piece

MOST_KEPT = 300  # pictures since a key frame

Stream = tuple[UUID, str]


class Since:
    """Of every stream that a process pulls; the thread of a pull is the only one that adds to its own."""

    def __init__(self) -> None:
        self._kept: dict[Stream, list[Piece]] = {}

    def remember(self, stream: Stream, piece: Piece) -> None:
        """Nothing is kept of what cannot be shown: before a key frame, or far behind one."""
        kept = self._kept.get(stream)
        if piece.key:
            self._kept[stream] = [piece]
        elif kept and not piece.why and piece.source == kept[0].source and len(kept) < MOST_KEPT:
            kept.append(piece)
        else:
            self.forget(stream)

    def forget(self, stream: Stream) -> None:
        self._kept.pop(stream, None)

    def of(self, stream: Stream) -> Piece | None:
        """All of it as one piece, which a browser takes up in one go."""
        kept = list(self._kept.get(stream, ()))
        if not kept:
            return None
        key, data = kept[0], b"".join(one.data for one in kept)
        return Piece(key.source, True, key.mime, key.init, data)
