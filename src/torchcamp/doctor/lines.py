"""Which line of the user's is running."""

import os
import sys
from pathlib import Path
from types import FrameType

from torchcamp.doctor.recording import Where


class UserLines:
    """Finds the innermost line of the user's files on the stack.

    Args:
        folder: where the user's files are.
    """

    def __init__(self, folder: Path) -> None:
        self._inside = str(folder) + os.sep
        self._is_user: dict[str, bool] = {}

    def here(self, depth: int = 1, *, outside: object = None) -> Where | None:
        """The line that is running; None where no file of the user's is on the stack.

        Args:
            outside: not within a method of this object, as `super().__init__()` of its class is.
        """
        frame: FrameType | None = sys._getframe(depth)
        known = self._is_user
        while frame is not None:
            file = frame.f_code.co_filename
            is_user = known.get(file)
            if is_user is None:
                is_user = known[file] = (
                    file.startswith(self._inside) and f"{os.sep}site-packages{os.sep}" not in file
                )
            if is_user and (outside is None or not _is_method_of(frame, outside)):
                return Where(file, frame.f_lineno)
            frame = frame.f_back
        return None


def _is_method_of(frame: FrameType, owner: object) -> bool:
    code = frame.f_code
    return code.co_argcount > 0 and frame.f_locals.get(code.co_varnames[0]) is owner
