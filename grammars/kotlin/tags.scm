; Kotlin. An extension's parent is the type that it extends. A companion object without a name lends none. In a member
; call with type arguments (`it.read<T>(id)`) the grammar sees two comparisons; a primary constructor on a line of its
; own with modifiers (`internal actual constructor(`) is an error to it, and most of such a class is lost.

; Definitions
(package_header (qualified_identifier) @name) @definition.namespace
(class_declaration name: (identifier) @name) @definition.class
(class_declaration "interface" name: (identifier) @name) @definition.interface
(class_declaration name: (identifier) @name (enum_class_body)) @definition.enum
(object_declaration name: (identifier) @name) @definition.class
(companion_object name: (identifier) @name) @definition.class
(enum_entry . (modifiers)? . (identifier) @name) @definition.enum_member
(type_alias type: (identifier) @name) @definition.type
(function_declaration name: (identifier) @name) @definition.function
(function_declaration
  [
    (user_type (identifier) @parent .)
    (user_type (identifier) @parent (type_arguments) .)
    (nullable_type (user_type (identifier) @parent . (type_arguments)? .))
  ]
  .
  "."
  .
  name: (identifier) @name) @definition.method
(secondary_constructor "constructor" @name) @definition.constructor
(property_declaration (variable_declaration . (identifier) @name)) @definition.variable
(property_declaration
  (modifiers (property_modifier))
  (variable_declaration . (identifier) @name)) @definition.constant
(class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(class_body
  (property_declaration
    (modifiers (property_modifier))
    (variable_declaration . (identifier) @name)) @definition.constant)
(enum_class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(class_parameter ["val" "var"] . (identifier) @name) @definition.property

; What breaks off
(ERROR
  [
    ("class" . (identifier) @name @definition.class)
    ("interface" . (identifier) @name @definition.interface)
    ("fun" . (identifier) @name @definition.function)
  ])

; Calls
(call_expression . (identifier) @reference.call)
(call_expression . (navigation_expression (identifier) @reference.call .))
(callable_reference (identifier) @reference.read .)

; Types
(user_type (identifier) @reference.type .)
(user_type (identifier) @reference.type . (type_arguments) .)

; Inheritance
(delegation_specifier
  [
    (user_type (identifier) @reference.inherit . (type_arguments)? .)
    (constructor_invocation (user_type (identifier) @reference.inherit . (type_arguments)? .))
    (explicit_delegation (user_type (identifier) @reference.inherit . (type_arguments)? .))
  ])

; Imports
(import (qualified_identifier (identifier) @reference.import .))

; Writes
(assignment left: (identifier) @reference.write)
(assignment left: (navigation_expression (identifier) @reference.write .))
