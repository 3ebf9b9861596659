{
  whole = 1;
# ^ definition.field
  half = [ 1;
# ^ definition.field
  after = double 2;
# ^ definition.field
#         ^ reference.call
}
