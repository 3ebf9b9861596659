; PowerShell. Parameters and local variables are no definitions.

; Definitions
(function_statement (function_name) @name) @definition.function
(class_statement . (simple_name) @name) @definition.class
(enum_statement . (simple_name) @name) @definition.enum
(enum_member . (simple_name) @name) @definition.enum_member
(class_method_definition (simple_name) @name) @definition.method
(class_property_definition (variable) @name) @definition.property

; What breaks off
(ERROR (function_name) @name @definition.function)

; Calls
(command command_name: (command_name) @reference.call)
(invokation_expression (member_name (simple_name) @reference.call))

; Types
(type_name (type_identifier) @reference.type)

; Inheritance
(class_statement ":" (simple_name) @reference.inherit)

; Imports
(command
  command_name: (command_name) @_import
  command_elements: (command_elements (generic_token) @reference.import)
  (#any-of? @_import "Import-Module" "import-module"))
