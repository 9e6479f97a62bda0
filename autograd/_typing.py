"""What the engine takes from `typing` at run time, without the import, which takes as long as all the others."""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import final as final
else:

    def final(item):
        return item
