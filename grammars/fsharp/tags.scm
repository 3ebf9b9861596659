; F#. The tree takes `type Name = other` for a union of one case, and an interface without attribute for a class.

; Definitions
(namespace name: (long_identifier) @name) @definition.namespace
(named_module name: (long_identifier) @name) @definition.module
(module_defn (identifier) @name) @definition.module
(record_type_defn (type_name type_name: (_) @name)) @definition.struct
(union_type_defn (type_name type_name: (_) @name)) @definition.type
(enum_type_defn (type_name type_name: (_) @name)) @definition.enum
(anon_type_defn (type_name type_name: (_) @name)) @definition.class
(interface_type_defn (type_name type_name: (_) @name)) @definition.interface
(delegate_type_defn (type_name type_name: (_) @name)) @definition.type
(type_abbrev_defn (type_name type_name: (_) @name)) @definition.type
(type_extension (type_name type_name: (_) @name)) @scope
(exception_definition exception_name: (long_identifier) @name) @definition.type
(record_field . (identifier) @name) @definition.field
(union_type_case (identifier) @name (#match? @name "^[A-Z]")) @definition.enum_member
(enum_type_case (identifier) @name) @definition.enum_member
(module_defn (declaration_expression
  (function_or_value_defn
    (value_declaration_left (identifier_pattern . (long_identifier_or_op (identifier) @name)))) @definition.variable))
(named_module (declaration_expression
  (function_or_value_defn
    (value_declaration_left (identifier_pattern . (long_identifier_or_op (identifier) @name)))) @definition.variable))
(type_extension_elements
  (function_or_value_defn
    (value_declaration_left (identifier_pattern . (long_identifier_or_op (identifier) @name)))) @definition.field)
(function_or_value_defn
  (function_declaration_left
    [(identifier) @name (op_identifier) @name (active_pattern) @name])) @definition.function
(function_or_value_defn
  (value_declaration_left (identifier_pattern . (long_identifier_or_op (identifier) @name)))
  body: (fun_expression)) @definition.function
(member_defn
  (method_or_prop_defn name: (property_or_ident [method: (identifier) @name (op_identifier) @name]))) @definition.property
(member_defn (method_or_prop_defn name: (property_or_ident . (identifier) @name .))) @definition.property
(member_defn
  (method_or_prop_defn
    name: (property_or_ident [method: (identifier) @name (op_identifier) @name])
    args: (_))) @definition.method
(member_defn (method_or_prop_defn name: (property_or_ident . (identifier) @name .) args: (_))) @definition.method
(member_defn (member_signature (identifier) @name)) @definition.method
(member_defn (property_or_ident (identifier) @name)) @definition.property

; Calls: what is applied, and what is piped into
(application_expression
  .
  [
    (long_identifier_or_op (identifier) @reference.call)
    (long_identifier_or_op (long_identifier (identifier) @reference.call .))
    (infix_expression
      (infix_op)
      .
      [
        (long_identifier_or_op (identifier) @reference.call)
        (long_identifier_or_op (long_identifier (identifier) @reference.call .))
      ])
  ])
(infix_expression
  (infix_op) @_pipe
  .
  [
    (long_identifier_or_op (identifier) @reference.call)
    (long_identifier_or_op (long_identifier (identifier) @reference.call .))
  ]
  (#any-of? @_pipe "|>" ">>" "<|" ">=>" ">>="))
(dot_expression field: (long_identifier_or_op (identifier) @reference.call))
(identifier_pattern . (long_identifier_or_op (identifier) @reference.call) . (_))

; Types
(simple_type (long_identifier (identifier) @reference.type .))
(generic_type . (long_identifier (identifier) @reference.type .))

; Inheritance
(class_inherits_decl (simple_type (long_identifier (identifier) @reference.inherit .)))
(interface_implementation (simple_type (long_identifier (identifier) @reference.inherit .)))

; Imports
(import_decl (long_identifier) @reference.import)

; Writes to fields
(mutate_expression assignee: (long_identifier_or_op (long_identifier (identifier) @reference.write .)))
(field_initializer field: (long_identifier (identifier) @reference.write .))
