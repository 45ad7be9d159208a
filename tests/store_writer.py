"""A process that writes rows and says what was acknowledged, until it is killed.

Usage: python store_writer.py KIND FOLDER FIRST. Round i adds three rows of product ``p<i>``, then
deletes product ``p<i-2>``; each line out is what has just returned.
"""

import sys
from pathlib import Path

from shoplens.store.base import open_store
from store_rows import DIMS, plain_row


def say(word: str, i: int) -> None:
    sys.stdout.write(f"{word} {i}\n")
    sys.stdout.flush()


def main(kind: str, folder: Path, first: int) -> None:
    store = open_store(kind, folder, DIMS)
    store.declare({"round": "number"})
    for i in range(first, first + 10_000):
        ids = [i * 4 + position for position in range(3)]
        store.upsert([plain_row(j, product_id=f"p{i}", kept={"round": float(i)}) for j in ids])
        say("kept", i)
        store.delete([f"p{i - 2}"])
        say("gone", i - 2)
        if i % 7 == 0:
            store.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
