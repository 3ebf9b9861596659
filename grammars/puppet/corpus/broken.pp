class broken::whole {
#             ^ definition.class in=broken
  include broken
#         ^ reference.import
}

class broken::half (
#             ^ definition.class
  String $a = ,
  {
  include broken::whole

class broken::after {
}
