class Broken {
//    ^ definition.class internal
    int whole() { return 1; }
//      ^ definition.method internal

    String half(int n) {
//         ^ definition.method internal
        return call(n
