/** What the books need. */
module org.example.books {
//     ^ definition.module internal
    requires java.base;
}
