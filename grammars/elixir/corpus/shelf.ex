defmodule Library.Shelf do
#         ^ definition.module doc="Lends books."
  @moduledoc """
  Lends books.
  """
  use GenServer, restart: :temporary
# ^ !reference
#     ^ reference.import
  import Ecto.Query, only: [from: 2]
#        ^ reference.import
  alias Library.{Book, Reader}
#                ^ reference.import
#                      ^ reference.import
  @behaviour Storage
#            ^ reference.inherit

  @limit 8
#  ^ definition.constant in=Library.Shelf
  @type t :: %Book{title: String.t()}
#       ^ definition.type in=Library.Shelf public
#             ^ reference.type
#                         ^ reference.type
  @typep state :: atom
#        ^ definition.type in=Library.Shelf private
  @callback open(term) :: :ok
#           ^ definition.method in=Library.Shelf
  defstruct [:title, :pages]
#            ^ definition.field in=Library.Shelf
#                    ^ definition.field in=Library.Shelf

  @doc "Lends a book."
  @spec lend(Book.t(), integer) :: :ok
#       ^ reference.call
#            ^ reference.type
  def lend(book, days \\ 2)
#     ^ definition.function in=Library.Shelf public doc="Lends a book."
  def lend(%Book{} = book, days) when days > @limit do
#     ^ definition.function in=Library.Shelf doc=""
#           ^ reference.type
    check(book)
#   ^ reference.call
    Logger.info("lent")
#   ^ reference.type
#          ^ reference.call
    book |> Reader.loans() |> sort
#                  ^ reference.call
#                             ^ reference.call
    Enum.each(books, &note/1)
#                     ^ reference.read
  end

  # Counts.
  defp count(_), do: :ok
#      ^ definition.function in=Library.Shelf private doc="Counts."
  def a + b, do: join(a, b)
#       ^ definition.function in=Library.Shelf
#                ^ reference.call
  def empty?, do: true
#     ^ definition.function
  defmacro loan(x) do
#          ^ definition.macro public
    quote do: unquote(x)
  end
  defguardp is_late(n) when n > 3
#           ^ definition.macro private
  defdelegate size(x), to: Other
#             ^ definition.function
#                          ^ reference.type

  defmodule Inner do
#           ^ definition.module in=Library.Shelf
  end
end

defprotocol Weighed do
#           ^ definition.interface
  def weight(x)
#     ^ definition.method in=Weighed
end

defimpl Weighed, for: Library.Book do
#       ^ reference.inherit
  def weight(book), do: book.pages
#     ^ definition.function in=Library.Book
end

defmodule ShelfTest do
#         ^ definition.module
  test "lends a book", %{shelf: shelf} do
#       ^ definition.function in=ShelfTest
    assert Shelf.lend(shelf) == :ok
#   ^ !reference
#                ^ reference.call
  end
end
