"""How Django takes uploaded files in: into a file without a name, and of one that is too large only the size.

The limit holds while reading: nothing beyond it is ever written. A file without a name is gone after a crash.
"""

import os
import tempfile
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from vardvag.files.rules import LARGEST

_ALL_TOGETHER = 10 * LARGEST + 1024 * 1024  # bytes of one request, whatever it holds


class UploadHandler(FileUploadHandler):
    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._file: IO[bytes] | None = None
        self._size = self._all = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file, self._size = tempfile.TemporaryFile(), 0  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._size += len(raw_data)
        self._all += len(raw_data)
        if self._all > _ALL_TOGETHER:
            raise StopUpload(connection_reset=True)
        if self._file is not None and self._size <= LARGEST + 1:
            self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """`size` is what came; beyond the limit the content is cut, so upload() looks at the size first."""
        if self._file is None:
            return None
        self._file.seek(0, os.SEEK_SET)
        return UploadedFile(
            file=self._file,
            name=self.file_name,
            content_type=self.content_type,
            size=self._size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
