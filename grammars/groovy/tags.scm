; Groovy. An enum inside of a class looks like a field of the type `enum`, and its members are lost.

; Definitions
(class_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(trait_declaration name: (identifier) @name) @definition.trait
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.enum_member
(constructor_declaration name: (identifier) @name) @definition.constructor
(method_declaration name: (_) @name) @definition.method
(source_file (method_declaration name: (_) @name) @definition.function)
(field_declaration (variable_declarator name: (identifier) @name)) @definition.field
(field_declaration
  type: (type_identifier) @_enum
  (variable_declarator name: (identifier) @name)
  (#eq? @_enum "enum")) @definition.enum
(source_file (local_variable_declaration (variable_declarator name: (identifier) @name)) @definition.variable)
(source_file (local_variable_declaration name: (identifier) @name) @definition.variable)
; `task build { … }`, `task build(…) { … }`
(source_file
  (expression_statement (identifier) @_task)
  .
  [
    (expression_statement (method_invocation function: (identifier) @name))
    (command_chain receiver: (identifier) @name)
  ] @definition.function
  (#eq? @_task "task"))

; Calls; what a closure follows without brackets is a statement of its own
(method_invocation function: [(identifier) @reference.call (_ field: (identifier) @reference.call)])
(command_chain receiver: [(identifier) @reference.call (field_access field: (identifier) @reference.call)])
(expression_statement (field_access field: (identifier) @reference.call))
(object_creation_expression
  type: [(type_identifier) @reference.call (generic_type base: (type_identifier) @reference.call)])
(field_access object: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Types
(type_identifier) @reference.type
(annotation name: (qualified_name (identifier) @reference.type .))

; Inheritance
(superclass [(type_identifier) @reference.inherit (generic_type base: (type_identifier) @reference.inherit)])
(super_interfaces [(type_identifier) @reference.inherit (generic_type base: (type_identifier) @reference.inherit)])

; Imports
(import_declaration name: (qualified_name) @reference.import)

; Writes to fields
(assignment_expression left: (field_access field: (identifier) @reference.write))
