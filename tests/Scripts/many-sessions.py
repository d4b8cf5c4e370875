#!/usr/bin/env python3
"""Fills the coordinator's journal of a data directory with ended sessions, to see that a start does not depend on history.

Usage: many-sessions.py DATA COUNT
The rows are not sealed and are no sessions that could be read: a start must not read them.
"""
import sqlite3
import sys

data, count = sys.argv[1], int(sys.argv[2])
journal = sqlite3.connect(f"{data}/coordinator/journal.db", isolation_level=None)
journal.execute("BEGIN")
last, epoch = journal.execute("SELECT last_ordering, key_epoch FROM journal_head").fetchone()
group = "0" * 64
for number in range(1, count + 1):
    entity = f"roast/{group}/filled-{number}"
    ordering = last + number
    journal.execute(
        "INSERT INTO journal (ordering, persistence_id, sequence_number, manifest, message, writer_uuid, created, key_epoch) VALUES (?, ?, 1, 'roast.filled.v1', ?, ?, 0, 0)",
        (ordering, entity, bytes(100), "00000000-0000-0000-0000-000000000000"))
    journal.execute(
        "INSERT INTO entity (first_ordering, persistence_id, kind, version, is_open) VALUES (?, ?, 'roast', 1, 0)", (ordering, entity))
journal.execute("UPDATE journal_head SET last_ordering = ?", (last + count,))
journal.execute("COMMIT")
