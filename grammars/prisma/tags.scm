; Prisma: models, views and composite types are structs, their columns fields.

; Definitions
(model_declaration . (identifier) @name) @definition.struct
(view_declaration . (identifier) @name) @definition.struct
(type_declaration . (identifier) @name) @definition.struct
(enum_declaration . (identifier) @name) @definition.enum
(enumeral . (identifier) @name) @definition.enum_member
(column_declaration . (identifier) @name) @definition.field
(generator_declaration . (identifier) @name) @definition.section
(datasource_declaration . (identifier) @name) @definition.section

; What breaks off
(ERROR
  [
    ("model" . (identifier) @name @definition.struct)
    ("enum" . (identifier) @name @definition.enum)
  ])

; References: a column's type, and columns and values that an attribute names
(column_type (identifier) @reference.type)
(arguments (identifier) @reference.read)
(array (identifier) @reference.read)
