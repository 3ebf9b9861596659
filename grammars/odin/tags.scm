; Odin. A procedure type (`Lend :: proc(id: int)`) is a declaration without a body. `@(private)` stands in brackets,
; where no rule of visibility reads.

; Definitions
(package_declaration (identifier) @name) @definition.namespace @onward
(procedure_declaration (identifier) @name . "::") @definition.type
(procedure_declaration (identifier) @name . "::" (procedure (block))) @definition.function
(procedure_declaration (identifier) @name . "::" (procedure (uninitialized))) @definition.function
(overloaded_procedure_declaration (identifier) @name . "::") @definition.function
(struct_declaration (identifier) @name . "::") @definition.struct
(union_declaration (identifier) @name . "::") @definition.union
(enum_declaration "{" (identifier) @name @definition.enum_member)
(enum_declaration (identifier) @name . "::") @definition.enum
(field (identifier) @name) @definition.field
(const_declaration (identifier) @name . "::") @definition.constant
(const_declaration
  (identifier) @name
  .
  "::"
  .
  [(distinct_type) (map_type) (bit_set_type) (array_type) (pointer_type)]) @definition.type
(const_type_declaration (identifier) @name . ":") @definition.constant
(var_declaration (identifier) @name . ":") @definition.variable
(variable_declaration . (identifier) @name) @definition.variable

; What breaks off
(ERROR (identifier) @name @definition.function . "::" . "proc")

; Calls
(call_expression function: (identifier) @reference.call)

; Types; `using` another struct inherits its fields
(type (identifier) @reference.type)
(field_type (identifier) @reference.type .)
(bit_set_type (identifier) @reference.type)
(struct . (identifier) @reference.type)
(field "using" (type [(identifier) @reference.inherit (pointer_type (type (identifier) @reference.inherit))]))
(overloaded_procedure_declaration "{" (identifier) @reference.read)

; Imports, and writes to a field
(import_declaration (string (string_content) @reference.import))
(assignment_statement . (member_expression (identifier) @reference.write .))
(update_statement . (member_expression (identifier) @reference.write .))
