class Whole {
  int whole() => 1;
//    ^ definition.method public
  int half(int n {
    call(n
  }
}

int after() => 2;
