"""python -m tests.docs [--write]

Says which pages and examples differ from what the code makes; `--write` writes them.
"""

import sys
import tempfile
from pathlib import Path

from tests.docs import parts, specimens
from tests.world import World


def main(write: bool) -> int:
    """How many files differ."""
    with tempfile.TemporaryDirectory() as folder:
        differing = _examples(Path(folder), write) + _pages(Path(folder), write)
    sys.stdout.writelines(f"{path}\n" for path in differing)
    return 0 if write else len(differing)


def _examples(folder: Path, write: bool) -> list[Path]:
    """All of them, as soon as one has other members than a new run's."""
    fresh = {parts.EXAMPLES / name: value for name, value in specimens.specimens(folder).items()}
    same = all(path.exists() and specimens.same_members(specimens.read(path), value) for path, value in fresh.items())
    if write and not same:
        for path, value in fresh.items():
            path.write_text(specimens.written(value), "utf-8")
    return [] if same else list(fresh)


def _pages(folder: Path, write: bool) -> list[Path]:
    made = parts.parts(World(folder / "world").office)
    differing = []
    for page in parts.PAGES:
        text = page.read_text("utf-8")
        if (filled := parts.filled(text, made)) != text:
            differing.append(page)
            if write:
                page.write_text(filled, "utf-8")
    return differing


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
