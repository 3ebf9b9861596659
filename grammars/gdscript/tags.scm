; GDScript. `class_name` makes the file its class.

; Definitions
(class_name_statement name: (name) @name) @definition.class @onward
(class_definition name: (name) @name) @definition.class
(function_definition name: (name) @name) @definition.function
(constructor_definition "_init" @name) @definition.constructor
(signal_statement name: (name) @name) @definition.event
(enum_definition name: (name) @name) @definition.enum
(enumerator left: (identifier) @name) @definition.enum_member
(const_statement name: (name) @name) @definition.constant
(variable_statement name: (name) @name) @definition.variable
(export_variable_statement name: (name) @name) @definition.variable
(onready_variable_statement name: (name) @name) @definition.variable

; What breaks off
(ERROR "func" . (name) @name @definition.function)
(ERROR "class" . (name) @name @definition.class)

; Calls, and methods that are handed over to be called
(call . (identifier) @reference.call)
(attribute_call . (identifier) @reference.call)
(base_call . (identifier) @reference.call)
(arguments (identifier) @reference.read (#match? @reference.read "^_"))

; Types, inheritance, imports
(type
  [
    (identifier) @reference.type
    (attribute (identifier) @reference.type .)
    (subscript
      (identifier) @reference.type
      (subscript_arguments (identifier) @reference.type))
  ])
(attribute . (identifier) @reference.type (#match? @reference.type "^[A-Z].*[a-z]"))
(binary_operator op: ["as" "is"] right: (identifier) @reference.type)
(extends_statement (type (identifier) @reference.inherit))
(extends_statement (string) @reference.import)
(call
  (identifier) @_load
  (arguments . (string) @reference.import)
  (#any-of? @_load "preload" "load"))

; Writes to a member of something
(assignment left: (attribute (identifier) @reference.write .))
(augmented_assignment left: (attribute (identifier) @reference.write .))
