CREATE TABLE whole (
--           ^ definition.struct
  id INTEGER
--^ definition.field in=whole
);

CREATE TABLE half (
--           ^ definition.struct
  id INTEGER,
--^ definition.field in=half
  name TEXT,,
--^ definition.field in=half
);

CREATE FUNCTION lend_all(INOUT limit_of INT, VARIADIC rest) RETURNS DANGER AS $$
--              ^ definition.function
BEGIN
  PERFORM lend(1, 'x';
END
$$;

CREATE TABLE after_it (id INTEGER);
--           ^ definition.struct
--                     ^ definition.field in=after_it
