-- Books and who borrowed them.
CREATE SCHEMA IF NOT EXISTS library;
--                          ^ definition.namespace doc="Books and who borrowed them."
CREATE DATABASE shelf_test;
--              ^ definition.namespace
CREATE EXTENSION IF NOT EXISTS pgcrypto;

CREATE TYPE library.state AS ENUM ('open', 'closed');
--                  ^ definition.enum in=library
--                                  ^ definition.enum_member in=library.state
--                                          ^ definition.enum_member in=library.state
CREATE TYPE address AS (street TEXT, city TEXT);
--          ^ definition.type
--                      ^ definition.field in=address
--                                   ^ definition.field in=address

-- What is lent.
CREATE TABLE IF NOT EXISTS library.books (
--                                 ^ definition.struct in=library doc="What is lent."
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
--^ definition.field in=library.books
  "full title" TEXT NOT NULL,
-- ^ definition.field in=library.books
  author_id INTEGER REFERENCES library.authors (id) ON DELETE CASCADE,
--^ definition.field in=library.books
--                                     ^ reference.type
  price NUMERIC(10, 2) DEFAULT 0,
--^ definition.field in=library.books
  state library.state,
--^ definition.field in=library.books
--              ^ reference.type
  CONSTRAINT books_price CHECK (price >= 0),
  FOREIGN KEY (author_id) REFERENCES authors (id)
);

CREATE UNIQUE INDEX books_by_title ON library.books (title);
--                  ^ definition.property in=library.books
--                                            ^ reference.type
CREATE SEQUENCE loan_numbers START 100;
--              ^ definition.variable

CREATE OR REPLACE VIEW open_books AS
--                     ^ definition.struct
SELECT b.id, b.title, count(l.id) AS loans
FROM library.books AS b
LEFT JOIN loans l ON l.book_id = b.id
--        ^ reference.type
WHERE b.price > 0
GROUP BY b.id;

CREATE MATERIALIZED VIEW monthly AS SELECT * FROM open_books;
--                       ^ definition.struct
--                                                ^ reference.type

/* Lends a book. */
CREATE OR REPLACE FUNCTION library.lend(book BIGINT, reader TEXT) RETURNS INTEGER
--                                 ^ definition.function in=library doc="Lends a book."
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO loans (book_id, reader) VALUES (book, reader);
--            ^ reference.write
  RETURN 1;
END;
$$;

CREATE FUNCTION add_one(n INTEGER) RETURNS INTEGER AS 'SELECT n + 1' LANGUAGE sql;
--              ^ definition.function

CREATE TRIGGER books_changed AFTER UPDATE ON books
--             ^ definition.event in=books
FOR EACH ROW EXECUTE FUNCTION note_change();
--                            ^ reference.call

ALTER TABLE library.books ADD COLUMN pages INT;
--                  ^ reference.write
--                                   ^ definition.field in=library.books
WITH recent AS (SELECT id FROM loans WHERE taken > now())
SELECT * FROM recent JOIN library.books USING (id);
--            ^ reference.type
INSERT INTO audit_log (what) SELECT upper(name) FROM readers;
--          ^ reference.write
--                                                   ^ reference.type
UPDATE books SET price = price * 2 WHERE lend(id, 'x') > 0;
--                                       ^ reference.call
DELETE FROM loans WHERE id = 3;
DROP TABLE IF EXISTS old_books;
--                   ^ reference.write
