class Whole {
//    ^ definition.class
  int size() { return 1; }
//    ^ definition.method in=Whole
};

static void unfinished(int a) {
//          ^ definition.function
  if (hidden(
