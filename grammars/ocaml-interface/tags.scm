; OCaml's interface files, which have a grammar of their own.

; Definitions
(value_specification (value_name) @name) @definition.function
(value_specification (value_name) @name type: (function_type)) @definition.function
(value_specification (value_name) @name type: (type_constructor_path)) @definition.variable
(value_specification (parenthesized_operator (_) @name)) @definition.function
(external (value_name) @name) @definition.function
(module_binding (module_name) @name) @definition.module
(module_type_definition (module_type_name) @name) @definition.interface
(type_binding name: (type_constructor) @name) @definition.type
(constructor_declaration (constructor_name) @name) @definition.enum_member
(field_declaration (field_name) @name) @definition.field
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.type
(class_binding (class_name) @name) @definition.class
(class_type_binding (class_type_name) @name) @definition.interface
(method_specification (method_name) @name) @definition.method

; Types
(type_constructor_path (type_constructor) @reference.type)
(module_type_path (module_type_name) @reference.type)

; Inheritance
(include_module_type (module_type_path (module_type_name) @reference.inherit))

; Imports
(open_module module: (module_path) @reference.import)
