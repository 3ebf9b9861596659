; Java.

; Definitions
(package_declaration [(scoped_identifier) (identifier)] @name) @definition.namespace
(module_declaration name: (_) @name) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.enum_member
(method_declaration name: (identifier) @name) @definition.method
(annotation_type_element_declaration name: (identifier) @name) @definition.method
(constructor_declaration name: (identifier) @name) @definition.constructor
(compact_constructor_declaration name: (identifier) @name) @definition.constructor
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @name) @definition.property))
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field
(field_declaration
  (modifiers "static" "final")
  declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(field_declaration
  (modifiers "final" "static")
  declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant

; A class or method that breaks off
(ERROR
  [
    ("class" . (identifier) @name @definition.class)
    ("interface" . (identifier) @name @definition.interface)
    ("enum" . (identifier) @name @definition.enum)
    ((identifier) @name @definition.method . (formal_parameters))
  ])

; Calls; making an object is a call of its class
(method_invocation name: (identifier) @reference.call)
(method_reference "::" (identifier) @reference.call)
(object_creation_expression
  type: [
    (type_identifier) @reference.call
    (generic_type . (type_identifier) @reference.call)
    (scoped_type_identifier (type_identifier) @reference.call .)
    (generic_type . (scoped_type_identifier (type_identifier) @reference.call .))
  ])
(marker_annotation name: [(identifier) @reference.type (scoped_identifier name: (identifier) @reference.type)])
(annotation name: [(identifier) @reference.type (scoped_identifier name: (identifier) @reference.type)])

; Inheritance
(superclass
  [
    (type_identifier) @reference.inherit
    (generic_type . (type_identifier) @reference.inherit)
    (scoped_type_identifier (type_identifier) @reference.inherit .)
    (generic_type . (scoped_type_identifier (type_identifier) @reference.inherit .))
  ])
(super_interfaces
  (type_list
    [
      (type_identifier) @reference.inherit
      (generic_type . (type_identifier) @reference.inherit)
      (scoped_type_identifier (type_identifier) @reference.inherit .)
      (generic_type . (scoped_type_identifier (type_identifier) @reference.inherit .))
    ]))
(extends_interfaces
  (type_list
    [
      (type_identifier) @reference.inherit
      (generic_type . (type_identifier) @reference.inherit)
      (scoped_type_identifier (type_identifier) @reference.inherit .)
      (generic_type . (scoped_type_identifier (type_identifier) @reference.inherit .))
    ]))

; Types, by the place they stand in
(formal_parameter type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(spread_parameter [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(field_declaration type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(constant_declaration type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(method_declaration type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(local_variable_declaration type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(cast_expression type: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(instanceof_expression right: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(array_type element: [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(type_arguments [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(wildcard (type_identifier) @reference.type)
(type_bound [(type_identifier) @reference.type (generic_type . (type_identifier) @reference.type)])
(class_literal (type_identifier) @reference.type)
(catch_type (type_identifier) @reference.type)
(throws (type_identifier) @reference.type)
(permits (type_list (type_identifier) @reference.type))
(method_invocation object: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Imports: the last name
(import_declaration [(identifier) @reference.import (scoped_identifier name: (identifier) @reference.import)])

; Writes to fields of `this`
(assignment_expression left: (field_access field: (identifier) @reference.write))
