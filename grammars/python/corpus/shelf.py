"""Lends books."""
from __future__ import annotations

import os.path as osp
#         ^ reference.import
from typing import Any, Generic, TypeVar
#    ^ reference.import
#                  ^ reference.import
#                       ^ reference.import
#                                ^ reference.import
from .store import Entry as StoreEntry
#     ^ reference.import
#                  ^ reference.import

MAX_LOANS = 5
# <- definition.constant public
_default: Shelf | None = None
# <- definition.variable private
#         ^ reference.type
first, last = 0, 1
# <- definition.variable public
#      ^ definition.variable public
square = lambda x: x * x
# <- definition.function public

try:
    import json
#          ^ reference.import
except ImportError:
#      ^ reference.type
    json = None
#   ^ definition.variable public
finally:
    loaded = True
#   ^ definition.variable public

if MAX_LOANS > 3:
    generous = True
#   ^ definition.variable public
elif MAX_LOANS > 1:
    generous = False
#   ^ definition.variable public
else:
    with open("rules") as rules:
        generous = rules.read() == ""
#       ^ definition.variable public

(left, right) = 0, 1
#^ definition.variable public
#      ^ definition.variable public
LOW = HIGH = 3
# <- definition.constant public
#     ^ definition.constant in= public
one = other = third = 1
# <- definition.variable public
#     ^ definition.variable in= public
#             ^ definition.variable in= public

type Titles = list[str]
#    ^ definition.type public
#             ^ reference.type


# A book is what is lent.
class Book(StoreEntry, abc.Base, Generic[T]):
#     ^ definition.class public doc="A book is what is lent."
#          ^ reference.inherit
#                          ^ reference.inherit
#                                ^ reference.inherit
    title: str = ""
#   ^ definition.field in=Book public
    _loans = []
#   ^ definition.field in=Book private
    key = lambda self: self.title
#   ^ definition.method in=Book public

    def __init__(self, title: str, author: Optional[Author] = None) -> None:
#       ^ definition.constructor in=Book public doc="Makes a book."
#                                          ^ reference.type
#                                                   ^ reference.type
        """Makes a book.

        It is not lent yet.
        """
        self.title = title
#            ^ reference.write
        self.shelf, self.row = None, 1
#            ^ reference.write
#                        ^ reference.write

        def helper() -> int:
#           ^ definition.function in=Book.__init__ public
            return len(title)

        helper()
#       ^ reference.call

    @property
#    ^ reference.call
    def holder(self) -> dict[str, Reader] | None:
#       ^ definition.method in=Book public
#                       ^ reference.type
#                                 ^ reference.type
        return self._find(key=by_name)
#                   ^ reference.call
#                             ^ reference.read

    @staticmethod
#    ^ reference.call
    @cached(maxsize=3)
#    ^ reference.call
    def _find(key):
#       ^ definition.method in=Book private doc="Finds one."
        'Finds one.'
        global _default
#              ^ reference.write
        _default = Book("x")
#                  ^ reference.call
        return sorted([], key=key)
#              ^ reference.call
#                             ^ reference.read

    class Meta:
#         ^ definition.class in=Book public
        ordering = ["title"]
#       ^ definition.field in=Book.Meta public
        width, height = 1, 2
#       ^ definition.field in=Book.Meta public
#              ^ definition.field in=Book.Meta public
        E = F = 3
#       ^ definition.field in=Book.Meta public
#           ^ definition.field in=Book.Meta public
        if MAX_LOANS > 3:
            indexes = []
#           ^ definition.field in=Book.Meta public
        else:
            indexes = ordering
#           ^ definition.field in=Book.Meta public

    async def lend(self, *, to: "Reader") -> None:
#             ^ definition.method in=Book public
        try:
            await to.take(self)
#                    ^ reference.call
        except (LendError, OSError) as error:
#               ^ reference.type
#                          ^ reference.type
            raise TypeError from error
        self.count += 1
#            ^ reference.write


@dataclass
#^ reference.call
class Reader:
#     ^ definition.class public doc="Somebody who reads."
    """Somebody who reads."""

    name: str
#   ^ definition.field in=Reader public


@app.route("/")
#    ^ reference.call
def constructor(__proto__: Any) -> Reader:
#   ^ definition.function public
#                          ^ reference.type
#                                  ^ reference.type
    local = 1
    if local:
        branch = other = 2
    return Reader(name=local)
#          ^ reference.call
#                      ^ reference.read


def ünïcode(größe): return größe
#   ^ definition.function public
