; PHP.

; Definitions
(namespace_definition name: (namespace_name) @name) @definition.namespace
(namespace_definition name: (namespace_name) @name !body) @definition.namespace @onward
(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.trait
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.enum_member
(function_definition name: (name) @name) @definition.function
(method_declaration name: (name) @name) @definition.method
(method_declaration name: (name) @name (#eq? @name "__construct")) @definition.constructor
(property_declaration (property_element name: (variable_name (name) @name))) @definition.property
(property_promotion_parameter name: (variable_name (name) @name)) @definition.property
(const_declaration (const_element . (name) @name)) @definition.constant
(function_call_expression
  function: (name) @_define
  arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @_define "define")) @definition.constant
(program (expression_statement (assignment_expression left: (variable_name (name) @name)) @definition.variable))

; A class or function that breaks off
(ERROR
  [
    ("class" . (name) @name @definition.class)
    ("interface" . (name) @name @definition.interface)
    ("trait" . (name) @name @definition.trait)
    ("function" . (name) @name @definition.function)
  ])

; Calls; making an object is a call of its class
(function_call_expression
  function: [(name) @reference.call (qualified_name (name) @reference.call)])
(member_call_expression name: (name) @reference.call)
(nullsafe_member_call_expression name: (name) @reference.call)
(scoped_call_expression name: (name) @reference.call)
(scoped_call_expression scope: [(name) @reference.type (qualified_name (name) @reference.type)])
(object_creation_expression [(name) @reference.call (qualified_name (name) @reference.call)])
(attribute [(name) @reference.type (qualified_name (name) @reference.type)])

; Inheritance
(base_clause [(name) @reference.inherit (qualified_name (name) @reference.inherit)])
(class_interface_clause [(name) @reference.inherit (qualified_name (name) @reference.inherit)])
(use_declaration [(name) @reference.inherit (qualified_name (name) @reference.inherit)])

; Types
(named_type
  [(name) @reference.type (qualified_name (name) @reference.type)]
  (#not-any-of? @reference.type "static" "self"))
(class_constant_access_expression . [(name) @reference.type (qualified_name (name) @reference.type)])
(scoped_property_access_expression scope: [(name) @reference.type (qualified_name (name) @reference.type)])
(binary_expression
  operator: "instanceof"
  right: [(name) @reference.type (qualified_name (name) @reference.type)])

; Imports
(namespace_use_clause . [(name) @reference.import (qualified_name (name) @reference.import)])
(include_expression [(string (string_content) @reference.import) (encapsed_string (string_content) @reference.import)])
(include_once_expression [(string (string_content) @reference.import) (encapsed_string (string_content) @reference.import)])
(require_expression [(string (string_content) @reference.import) (encapsed_string (string_content) @reference.import)])
(require_once_expression [(string (string_content) @reference.import) (encapsed_string (string_content) @reference.import)])
(require_once_expression (binary_expression right: (string (string_content) @reference.import)))
(require_expression (binary_expression right: (string (string_content) @reference.import)))

; Writes to properties
(assignment_expression left: (member_access_expression name: (name) @reference.write))
(assignment_expression left: (scoped_property_access_expression name: (variable_name (name) @reference.write)))
