# Where the state lies.
bucket = "shelf-state"
# <- definition.property doc="Where the state lies."

variable "whole" {
#         ^ definition.variable
  type = string
}

resource "a" "half" {
#             ^ definition.struct in=a
  count = [1, 2
}

output "after" {
#       ^ definition.variable
  value = 1
}
