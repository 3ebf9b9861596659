class Broken
#     ^ definition.class
  def whole; 1; end
#     ^ definition.method

  def half(n)
#     ^ definition.method
    call_me(n
