; Scala 2 and 3. A secondary constructor is the method `this`. What stands in an extension has no parent.

; Definitions
(package_clause name: (_) @name) @definition.namespace
(class_definition name: (identifier) @name) @definition.class
(object_definition name: (identifier) @name) @definition.class
(package_object name: (identifier) @name) @definition.module
(trait_definition name: (identifier) @name) @definition.trait
(enum_definition name: (identifier) @name) @definition.enum
(simple_enum_case name: (identifier) @name) @definition.enum_member
(full_enum_case name: (identifier) @name) @definition.enum_member
(type_definition name: (type_identifier) @name) @definition.type
(function_definition name: (_) @name) @definition.function
(function_declaration name: (_) @name) @definition.function
(given_definition name: (identifier) @name) @definition.variable
(val_definition pattern: (identifier) @name) @definition.variable
(var_definition pattern: (identifier) @name) @definition.variable
(val_declaration name: (identifier) @name) @definition.variable
(var_declaration name: (identifier) @name) @definition.variable
(class_definition
  class_parameters: (class_parameters (class_parameter name: (identifier) @name) @definition.field))

; Calls; making an object is a call of its class
(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (identifier) @reference.call))
(call_expression function: (generic_function function: (identifier) @reference.call))
(call_expression
  function: (generic_function function: (field_expression field: (identifier) @reference.call)))
(instance_expression (type_identifier) @reference.call)
(instance_expression (generic_type type: (type_identifier) @reference.call))
(infix_expression operator: (identifier) @reference.call)

; Types
(type_identifier) @reference.type

; Inheritance
(extends_clause (type_identifier) @reference.inherit)
(extends_clause (generic_type type: (type_identifier) @reference.inherit))

; Imports
(import_declaration (identifier) @reference.import .)
(import_declaration (namespace_selectors (identifier) @reference.import))
(arrow_renamed_identifier name: (identifier) @reference.import)

; Writes
(assignment_expression left: (identifier) @reference.write)
(assignment_expression left: (field_expression field: (identifier) @reference.write))
