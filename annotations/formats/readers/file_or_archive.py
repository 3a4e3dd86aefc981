"""Reading a format whose files come alone or in an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from annotations.formats.archive.folder import Folder
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core.foreign_document import rejected_record, shown
from annotations.formats.core.interfaces import ParsedRecord, Readable

#: Called with a file, the stem of its name ("" for one that comes alone), and the number of the last line.
FileReader = Callable[[Readable, str, int], Iterator[ParsedRecord]]


def read_file_or_archive(
    stream: Readable, read_file: FileReader, *, endings: tuple[str, ...], absent: str
) -> Iterator[ParsedRecord]:
    """Yield the lines of a file, or of the files of an archive; ``absent`` refuses an archive without any."""
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    if not is_archive(head):
        yield from read_file(whole, "", 0)
        return
    folder = Folder(whole)
    try:
        number = 0
        unread = [shown(name) for name in folder.names if not name.endswith(endings)]
        for name in folder.names:
            if name.endswith(endings):
                with folder.open(name) as file:
                    for line in read_file(file, name.rpartition(".")[0], number):
                        number = line.number
                        yield line._replace(losses=[*line.losses, ("files", unread)]) if unread else line
                        unread = []
        if not number:
            yield rejected_record(1, "required", absent)
    finally:
        folder.close()
