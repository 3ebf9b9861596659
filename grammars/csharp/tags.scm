; C#.

; Definitions
(namespace_declaration name: (_) @name) @definition.namespace
(file_scoped_namespace_declaration name: (_) @name) @definition.namespace @onward
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(record_declaration "struct" name: (identifier) @name) @definition.struct
(struct_declaration name: (identifier) @name) @definition.struct
(interface_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.enum_member
(delegate_declaration name: (identifier) @name) @definition.type
(method_declaration name: (identifier) @name) @definition.method
(local_function_statement name: (identifier) @name (#not-eq? @name "if")) @definition.function
(constructor_declaration name: (identifier) @name) @definition.constructor
(destructor_declaration name: (identifier) @name) @definition.method
(operator_declaration operator: _ @name) @definition.method
(property_declaration name: (identifier) @name) @definition.property
(indexer_declaration "this" @name) @definition.property
(record_declaration (parameter_list (parameter name: (identifier) @name) @definition.property))
(record_declaration (parameter_list) @open)
(event_declaration name: (identifier) @name) @definition.event
(event_field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.event
(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(field_declaration
  (modifier "const")
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.constant

; A class or method that breaks off
(ERROR
  [
    ("class" . (identifier) @name @definition.class)
    ("interface" . (identifier) @name @definition.interface)
    ("struct" . (identifier) @name @definition.struct)
    ("enum" . (identifier) @name @definition.enum)
    ((identifier) @name @definition.method . (parameter_list))
  ]
  (#not-any-of? @name "if" "for" "while" "switch" "catch" "nameof"))

; Calls; making an object is a call of its class
(invocation_expression
  function: [
    (identifier) @reference.call
    (generic_name . (identifier) @reference.call)
    (member_access_expression
      name: [(identifier) @reference.call (generic_name . (identifier) @reference.call)])
    (conditional_access_expression
      (member_binding_expression
        name: [(identifier) @reference.call (generic_name . (identifier) @reference.call)]))
  ])
(object_creation_expression
  type: [
    (identifier) @reference.call
    (generic_name . (identifier) @reference.call)
    (qualified_name name: [(identifier) @reference.call (generic_name . (identifier) @reference.call)])
  ])
(attribute name: [(identifier) @reference.type (qualified_name name: (identifier) @reference.type)])

; Inheritance
(base_list
  [
    (identifier) @reference.inherit
    (generic_name . (identifier) @reference.inherit)
    (qualified_name name: [(identifier) @reference.inherit (generic_name . (identifier) @reference.inherit)])
    (primary_constructor_base_type type: (identifier) @reference.inherit)
  ])

; Types, by the place they stand in
(parameter type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(variable_declaration type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(property_declaration type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(event_declaration type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(method_declaration returns: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(delegate_declaration type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(cast_expression type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(as_expression right: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(nullable_type type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(array_type type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(type_argument_list [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(type_parameter_constraint type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(typeof_expression type: [(identifier) @reference.type (generic_name . (identifier) @reference.type)])
(catch_declaration type: (identifier) @reference.type)
(member_access_expression expression: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Imports: the whole name
(using_directive [(identifier) (qualified_name)] @reference.import .)

; Writes to fields and properties of something
(assignment_expression left: (member_access_expression name: (identifier) @reference.write))
