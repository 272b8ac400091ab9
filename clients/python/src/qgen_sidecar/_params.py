"""What of a method's keyword arguments is sent.

An argument that is None is not sent: to the sidecar, null is as good as absent. Where
the two differ (None is the unoptimised program), the argument's default is ABSENT, and
None is sent as null.
"""

from __future__ import annotations

import enum
from typing import Any, Final, Literal

NULL_MEANS_SOMETHING: Final = frozenset({"program", "baseline"})


class _Absent(enum.Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent.ABSENT
Absent = Literal[_Absent.ABSENT]


def given(**arguments: Any) -> dict[str, Any]:
    """The parameters to send."""
    return {
        name: value
        for name, value in arguments.items()
        if value is not ABSENT and (value is not None or name in NULL_MEANS_SOMETHING)
    }
