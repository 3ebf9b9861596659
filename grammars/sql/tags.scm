; SQL. Tables and views are structs, columns their fields, triggers events and indexes properties of a table.
; The grammar has no CREATE PROCEDURE, and loses its way in some bodies of functions (PL/pgSQL, T-SQL).

; Definitions
(create_schema (identifier) @name) @definition.namespace
(create_database (identifier) @name) @definition.namespace
(create_table
  (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.struct
(create_view
  (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.struct
(create_materialized_view
  (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.struct
(create_type (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.type
(create_type
  (object_reference schema: (identifier)? @parent name: (identifier) @name)
  (enum_elements)) @definition.enum
(enum_elements enum_element: (_) @name @definition.enum_member)
(create_function
  (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.function
(create_sequence
  (object_reference schema: (identifier)? @parent name: (identifier) @name)) @definition.variable
(create_trigger
  (keyword_trigger)
  .
  (object_reference schema: (identifier)? @parent name: (identifier) @name)
  (keyword_on)
  .
  (object_reference) @parent) @definition.event
(create_index column: (identifier) @name (object_reference) @parent) @definition.property
(column_definition name: (_) @name) @definition.field
(alter_table (object_reference) @parent (add_column (column_definition name: (_) @name) @definition.field))

; Where the grammar loses its way
(ERROR (keyword_table) (object_reference name: (identifier) @name) @definition.struct)
(ERROR
  (keyword_create)
  (keyword_function)
  .
  (object_reference schema: (identifier)? @parent name: (identifier) @name) @definition.function)

; Calls
(invocation (object_reference name: (identifier) @reference.call))
(create_trigger
  [(keyword_function) (keyword_procedure)]
  .
  (object_reference name: (identifier) @reference.call))

; Tables and types that are read
(relation (object_reference name: (identifier) @reference.type))
(column_definition (object_reference name: (identifier) @reference.type))
(constraint (object_reference name: (identifier) @reference.type))
(create_index (object_reference name: (identifier) @reference.type))
(create_trigger (keyword_on) . (object_reference name: (identifier) @reference.type))

; Tables that are changed
(insert (object_reference name: (identifier) @reference.write))
(update (relation (object_reference name: (identifier) @reference.write)))
(from (object_reference name: (identifier) @reference.write))
(alter_table (object_reference name: (identifier) @reference.write))
(drop_table (object_reference name: (identifier) @reference.write))
