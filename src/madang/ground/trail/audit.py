"""The check of a whole trail against heads that somebody outside kept. No database, no keys of ours.

Two trees are grown at once: one of the leaf hashes that were kept, one of the leaves that the entries
make today. Where a kept head agrees with the first, every entry that makes another leaf is known by
its place; where it agrees with neither, the places themselves were tampered with, between that head
and the last good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from madang.ground.trail.leaf import commit, leaf_data, personal_data
from madang.ground.trail.merkle import Frontier, leaf_hash
from madang.ground.trail.notes import Head, Key, NoteError, open_note

Kind = Literal["changed", "removed", "tampered", "personal", "head", "cut"]
DESTROYED = "trail.personal.destroyed"
ACTION, DETAIL = 5, 9  # in the fields of an entry

# position, leaf hash kept, entry's fields as leaf_data takes them (detail in JSON) or None,
# salt or None, and name, address, reason, detail in JSON of the personal part
Row = tuple[int, bytes, Sequence[Any] | None, bytes | None, Sequence[str]]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was: positions first to last (both counted), and what is wrong."""

    kind: Kind
    first: int
    last: int
    words: str


@dataclass
class Report:
    """What a check found. sound is whether everything under the heads is what was signed."""

    entries: int = 0
    under_heads: int = 0
    heads: int = 0
    waiting: int = 0
    destroyed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings

    @property
    def not_under_heads(self) -> int:
        """Entries that no head kept outside covers yet: nothing can be said about them."""
        return self.entries - self.under_heads + self.waiting


def check(rows: Iterable[Row], notes: Iterable[str], keys: list[Key], waiting: int = 0) -> Report:
    """Check rows, in order of position, against signed notes; waiting counts entries without a place."""
    audit = _Audit(Report(waiting=waiting))
    audit.take_heads(notes, keys)
    for row in rows:
        audit.take(row)
    audit.finish()
    return audit.report


class _Audit:
    def __init__(self, report: Report) -> None:
        self.report = report
        self._heads: dict[int, Head] = {}
        self._kept = Frontier()
        self._made: Frontier | None = None  # as long as it is the same tree, it is grown once
        self._last_good = 0
        self._told = False  # a head did not fit, so none after it will
        self._holes = False
        self._without_personal: dict[str, int] = {}
        self._destroyed: set[str] = set()
        self._next = 0

    def take_heads(self, notes: Iterable[str], keys: list[Key]) -> None:
        for note in notes:
            try:
                head = open_note(note, keys)
            except NoteError as error:
                self._find("head", 0, 0, str(error))
                continue
            twin = self._heads.setdefault(head.size, head)
            if twin.root != head.root:
                self._find(
                    *("head", head.size, head.size),
                    f"Two different heads of size {head.size} are signed: the trail was forked.",
                )
        self.report.heads = len(self._heads)

    def take(self, row: Row) -> None:
        position, kept, entry, salt, personal = row
        if position != self._next:
            self._hole(position)
        self._next = position + 1
        self.report.entries += 1
        made = kept
        if entry is None:
            self._find("removed", position, position, "The entry is gone; its place is left.")
        else:
            made = leaf_hash(leaf_data(entry[:DETAIL], _object(entry[DETAIL]), entry[-1]))
            if made != kept:
                self._find("changed", position, position, "The entry is not what it was.")
            self._take_personal(position, entry, salt, personal)
        if not self._holes:
            self._grow(kept, made)

    def finish(self) -> None:
        for size in sorted(self._heads):
            if size > self._next:
                words = f"A head of {size} entries was signed; there are only {self._next}."
                self._find("cut", self._next, size - 1, words)
                break
        for entry, position in self._without_personal.items():
            if entry in self._destroyed:
                self.report.destroyed += 1
            else:
                words = "Personal data is gone, and no act says that it was destroyed."
                self._find("personal", position, position, words)
        self.report.findings.sort(key=lambda finding: (finding.first, finding.last))

    def _grow(self, kept: bytes, made: bytes) -> None:
        if self._made is None and made != kept:
            self._made = self._kept.copy()
        self._kept.append(kept)
        if self._made is not None:
            self._made.append(made)
        head = self._heads.get(self._kept.size)
        if head is not None and not self._told:
            self._compare(head)

    def _compare(self, head: Head) -> None:
        if head.root == self._kept.root():
            self._made = None
            self._last_good = self.report.under_heads = head.size
        elif self._made is not None and head.root == self._made.root():
            words = "The entries are what was signed, but the leaf hashes kept of them are not."
            self._find("tampered", self._last_good, head.size - 1, words)
            self._kept, self._made = self._made, None
            self._last_good = self.report.under_heads = head.size
        else:
            self._told = True
            words = (
                f"The entries after {self._last_good} do not make the head of size {head.size}: "
                "some were changed, removed, reordered or inserted, and their places with them."
            )
            self._find("tampered", self._last_good, head.size - 1, words)

    def _hole(self, position: int) -> None:
        if position < self._next:
            self._find("tampered", position, position, "Two entries have the same place.")
            return
        self._holes = True
        words = "Entries and their places are gone; no head after them can be made again."
        self._find("removed", self._next, position - 1, words)

    def _take_personal(
        self, position: int, entry: Sequence[Any], salt: bytes | None, personal: Sequence[str]
    ) -> None:
        if entry[ACTION] == DESTROYED:
            self._destroyed.update(_object(entry[DETAIL]).get("entries", ()))
        if salt is None:
            self._without_personal[entry[0]] = position
        elif commit(salt, personal_data(personal[:3], _object(personal[3]))) != entry[-1]:
            self._find("changed", position, position, "Its personal part is not what it was.")

    def _find(self, kind: Kind, first: int, last: int, words: str) -> None:
        self.report.findings.append(Finding(kind, first, last, words))


_decode = msgspec.json.Decoder(dict[str, Any]).decode


def _object(json: str) -> dict[str, Any]:
    return {} if json == "{}" else _decode(json)
