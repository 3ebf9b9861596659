; Zig. A container is the value of a constant, which names it. A function that returns one (`fn List(comptime T: type)
; type`) is a function that holds methods and fields; the constants in it count as its locals.
; `x = 1;` is a variable_declaration without `const` or `var`.

; Definitions
(function_declaration name: (identifier) @name) @definition.function
(struct_declaration (function_declaration name: (identifier) @name) @definition.method)
(variable_declaration "const" (identifier) @name) @definition.constant
(variable_declaration "var" (identifier) @name) @definition.variable
(variable_declaration (identifier) @name (struct_declaration)) @definition.struct
(variable_declaration (identifier) @name (opaque_declaration)) @definition.struct
(variable_declaration (identifier) @name (union_declaration)) @definition.union
(variable_declaration (identifier) @name (enum_declaration)) @definition.enum
(variable_declaration (identifier) @name (error_set_declaration)) @definition.enum
(container_field name: (identifier) @name type: (_)) @definition.field
(union_declaration (container_field name: (identifier) @name !type) @definition.field)
(enum_declaration (container_field name: (identifier) @name !type) @definition.enum_member)
(error_set_declaration (identifier) @name @definition.enum_member)
(test_declaration [(string (string_content) @name) (identifier) @name]) @definition.function

; What breaks off, and what follows it
(ERROR "fn" . (identifier) @name @definition.function)
(struct_initializer (function_signature name: (identifier) @name)) @definition.function

; Calls
(call_expression function: [(identifier) @reference.call (field_expression member: (identifier) @reference.call)])

; Types, by the place they stand in; an argument that is written like a type is one
(parameter type: [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(container_field type: [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(variable_declaration type: [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(function_declaration type: [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(function_declaration
  type: (error_union_type
    [
      ok: [(identifier) @reference.type (field_expression member: (identifier) @reference.type)]
      error: (identifier) @reference.type
    ]))
(pointer_type [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(nullable_type [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(slice_type [(identifier) @reference.type (field_expression member: (identifier) @reference.type)])
(struct_initializer (identifier) @reference.type)
(call_expression (identifier) @reference.type (#match? @reference.type "^[A-Z]"))
(field_expression object: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Inheritance and imports
(using_namespace_declaration
  [(identifier) @reference.inherit (field_expression member: (identifier) @reference.inherit)])
(builtin_function
  (builtin_identifier) @_import
  (arguments (string (string_content) @reference.import))
  (#any-of? @_import "@import" "@cImport" "@embedFile" "@cInclude"))

; Writes to a field
(variable_declaration . (field_expression member: (identifier) @reference.write))
(assignment_expression left: (field_expression member: (identifier) @reference.write))
