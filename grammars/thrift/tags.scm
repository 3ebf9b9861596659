; Thrift. `shared.Work` and the dots of a namespace are flat lists of identifiers, of which the last one counts.

; Definitions
(namespace_declaration (namespace_scope) . (namespace) @name .) @definition.namespace
(namespace_declaration (_ "." (_) @name) .) @definition.namespace
(struct_definition type: (identifier) @name) @definition.struct
(union_definition type: (identifier) @name) @definition.union
(exception_definition (identifier) @name) @definition.struct
(enum_definition type: (identifier) @name) @definition.enum
(enum_definition (identifier) @name @definition.enum_member)
(senum_definition type: (identifier) @name) @definition.enum
(enum_definition type: (identifier) @name) @definition.enum
(service_definition "service" . (identifier) @name) @definition.interface
(interaction_definition type: (identifier) @name) @definition.interface
(function_definition (identifier) @name . (parameters)) @definition.method
(field (type) . (identifier) @name) @definition.field
(typedef_definition (typedef_identifier) @name) @definition.type
(const_definition (identifier) @name) @definition.constant

; What breaks off
(ERROR
  [
    ("struct" . (identifier) @name @definition.struct)
    ("enum" . (identifier) @name @definition.enum)
    ("service" . (identifier) @name @definition.interface)
  ])

; References
(type (identifier) @reference.type .)
(definition_type (identifier) @reference.type .)
(service_definition "extends" (identifier) @reference.inherit . "{")
(include_statement (string (string_fragment) @reference.import))
(literal (identifier) @reference.read .)
