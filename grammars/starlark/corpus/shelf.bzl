"""Rules that build shelves."""

load("//shelf/private:limits.bzl", "MAX_LOANS", renamed = "other_limit")
#     ^ reference.import
#                                   ^ reference.import
#                                                          ^ reference.import

_PREFIX = "shelf_"
# <- definition.constant private
SHELF_TAGS = ["manual"]
# <- definition.constant public

default_toolchain, extra_toolchain = ["a", "b"]
# <- definition.variable public
#                  ^ definition.variable public

# What a shelf hands on.
ShelfInfo = provider(
# <- definition.struct public doc="What a shelf hands on."
    doc = "A shelf.",
    fields = {"books": "The books."},
)

def _shelf_impl(ctx, limit = MAX_LOANS, **kwargs):
#   ^ definition.function private doc="Builds one shelf."
    """Builds one shelf.

    Args:
      ctx: the context.
    """
    books = [dep[ShelfInfo].books for dep in ctx.attr.deps]
#                ^ reference.type
    info = ctx.attr.parent[ShelfInfo]
    ctx.actions.run(
#               ^ reference.call
        outputs = [ctx.outputs.out],
        executable = _tool(ctx),
#                    ^ reference.call
    )
    return [ShelfInfo(books = depset(books)), info]
#           ^ reference.call

def _tool(ctx):
#   ^ definition.function private
    return ctx.executable._tool

shelf = rule(
# <- definition.function public
    implementation = _shelf_impl,
#                    ^ reference.read
    attrs = {"deps": attr.label_list()},
#                         ^ reference.call
)

twice = lambda n: n * 2
# <- definition.function public

def shelf_macro(name, books):
#   ^ definition.function public
    if books:
        shelf(name = name + "_lib", deps = books)
#       ^ reference.call
#                                          ^ reference.read
