defmodule Whole do
#         ^ definition.module
  def one(x), do: call_me(x)
#     ^ definition.function
  def two(x), do: call_me(x)
#     ^ definition.function
  def three(x do
