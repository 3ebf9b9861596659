; OCaml. A value with parameters, or whose value is a function, is a function; the tree does not know the types of the
; others. A bare name may be a variable, so only what is applied or piped into is called.

; Definitions
(module_binding (module_name) @name) @definition.module
(module_type_definition (module_type_name) @name) @definition.interface
(type_binding name: (type_constructor) @name) @definition.type
(type_binding name: (type_constructor_path (type_constructor) @name)) @definition.type
(constructor_declaration (constructor_name) @name) @definition.enum_member
(field_declaration (field_name) @name) @definition.field
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.type
(external (value_name) @name) @definition.function
(value_specification (value_name) @name) @definition.function
(compilation_unit (value_definition (let_binding
  pattern: [
    (value_name) @name
    (parenthesized_operator (_) @name)
    (parenthesized_pattern (tuple_pattern (value_name) @name))
  ]
  (#not-eq? @name "_")) @definition.variable))
(structure (value_definition (let_binding
  pattern: [
    (value_name) @name
    (parenthesized_operator (_) @name)
    (parenthesized_pattern (tuple_pattern (value_name) @name))
  ]
  (#not-eq? @name "_")) @definition.variable))
(let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)] . (parameter)) @definition.function
(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  body: [(function_expression) (fun_expression)]) @definition.function
(class_binding (class_name) @name) @definition.class
(class_type_binding (class_type_name) @name) @definition.interface
(method_definition (method_name) @name) @definition.method
(method_specification (method_name) @name) @definition.method
(instance_variable_definition (instance_variable_name) @name) @definition.field

; Calls
(application_expression function: (value_path (value_name) @reference.call))
(infix_expression
  operator: (rel_operator) @_pipe
  right: (value_path (value_name) @reference.call)
  (#eq? @_pipe "|>"))
(infix_expression left: (value_path (value_name) @reference.call) operator: (concat_operator) @_apply (#eq? @_apply "@@"))
(method_invocation method: (method_name) @reference.call)
(new_expression (class_path (class_name) @reference.call))
(constructor_path (constructor_name) @reference.call)
(application_expression argument: (value_path (module_path) (value_name) @reference.read))

; Types
(type_constructor_path (type_constructor) @reference.type)
(module_type_path (module_type_name) @reference.type)
(module_path (module_name) @reference.type)

; Inheritance
(inheritance_definition
  class: [(class_path (class_name) @reference.inherit) (class_application class: (class_path (class_name) @reference.inherit))])
(include_module module: [
  (module_path (module_name) @reference.inherit .)
  (module_application functor: (module_path (module_name) @reference.inherit .))
])
(include_module_type (module_type_path (module_type_name) @reference.inherit))

; Imports
(open_module module: (module_path) @reference.import)

; Writes to fields
(set_expression (field_get_expression field: (field_path (field_name) @reference.write)))
(set_expression (instance_variable_name) @reference.write)
(field_expression (field_path (field_name) @reference.write))
