"""The names of `typing` that are needed at run time. To import `typing` takes as long as all other imports."""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import final as final
else:

    def final(item):
        return item
