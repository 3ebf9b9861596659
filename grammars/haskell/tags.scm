; Haskell. Each equation of a function is a definition of its own, as the tree does not join them; the type signature
; before the first is its doc. What a module exports stands in its header only, so there is no visibility.

; Definitions
(header module: (module) @name) @definition.module @onward
(data_type name: (name) @name) @definition.type
(newtype name: (name) @name) @definition.type
(type_synomym name: (name) @name) @definition.type
(type_family name: (name) @name) @definition.type
(data_family name: (name) @name) @definition.type
(class name: (name) @name) @definition.trait
(instance
  patterns: (type_patterns [(name) @name (parens (apply constructor: (name) @name)) (list) @name (parens (name) @name)])) @scope
(data_constructor (_ name: (constructor) @name)) @definition.constructor
(newtype_constructor name: (constructor) @name) @definition.constructor
(gadt_constructor name: (constructor) @name) @definition.constructor
(pattern_synonym (equation synonym: [(constructor) @name (apply function: (constructor) @name)])) @definition.constructor
(field name: (field_name (variable) @name)) @definition.field
(class_declarations (signature name: (variable) @name) @definition.method)
(class_declarations (signature name: (prefix_id (operator) @name)) @definition.method)
(declarations (bind name: (variable) @name) @definition.function)
(instance_declarations (bind name: (variable) @name) @definition.method)
(declarations (function name: (variable) @name) @definition.function)
(local_binds (function name: (variable) @name) @definition.function)
(instance_declarations (function name: [(variable) @name (prefix_id (operator) @name)]) @definition.method)
(declarations
  (function [name: (prefix_id (operator) @name) (infix operator: [(operator) @name (infix_id (variable) @name)])])
  @definition.function)
(instance_declarations
  (function (infix operator: [(operator) @name (infix_id (variable) @name)])) @definition.method)
(foreign_import signature: (signature name: (variable) @name)) @definition.function
((signature) @doc . (function name: (variable) @name) @definition.function)
((signature) @doc . (bind name: (variable) @name) @definition.function)

; Calls
(apply function: [(variable) @reference.call (qualified id: (variable) @reference.call)])
(exp [(variable) @reference.call (qualified id: (variable) @reference.call)])
(infix
  left_operand: [(variable) @reference.call (qualified id: (variable) @reference.call)]
  operator: (operator) @_apply
  (#any-of? @_apply "$" "$!" "." "<$>" "=<<"))
(infix operator: (infix_id [(variable) @reference.call (qualified id: (variable) @reference.call)]))
(constructor) @reference.call

; Types
(name) @reference.type

; Inheritance
(instance name: (name) @reference.inherit)
(deriving_instance name: (name) @reference.inherit)
(deriving classes: [(name) @reference.inherit (tuple (name) @reference.inherit)])
(class context: (context context: [(apply constructor: (name) @reference.inherit)
  (parens (apply constructor: (name) @reference.inherit)) (tuple (apply constructor: (name) @reference.inherit))]))

; Imports
(import module: (module) @reference.import)

; Writes to fields
(field_update field: (field_name (variable) @reference.write))
