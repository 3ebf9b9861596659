; Dart. The grammar keeps a function's body beside its signature, so a definition ends where its body begins, and
; what a function at the top or a method holds is not told by nesting. Names are ASCII.

; Definitions
(class_definition name: (identifier) @name) @definition.class
(mixin_declaration (identifier) @name) @definition.trait
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.enum_member
(extension_declaration name: (identifier) @name) @definition.class
(extension_type_declaration name: (identifier) @name) @definition.class
(type_alias . (type_identifier) @name) @definition.type
(program (function_signature name: (identifier) @name) @definition.function)
(program (getter_signature name: (identifier) @name) @definition.function)
(program (setter_signature name: (identifier) @name) @definition.function)
(method_signature (function_signature name: (identifier) @name)) @definition.method
(declaration (function_signature name: (identifier) @name)) @definition.method
(method_signature (getter_signature name: (identifier) @name)) @definition.property
(declaration (getter_signature name: (identifier) @name)) @definition.property
(method_signature (setter_signature name: (identifier) @name)) @definition.property
(method_signature (operator_signature (binary_operator) @name)) @definition.method
(constructor_signature name: (identifier) @name) @definition.constructor
(constructor_signature name: (identifier) name: (identifier) @name) @definition.constructor
(constant_constructor_signature
  .
  (const_builtin)
  .
  (identifier) @name
  .
  (formal_parameter_list)) @definition.constructor
(constant_constructor_signature (identifier) . (identifier) @name) @definition.constructor
(factory_constructor_signature (identifier) . (identifier) @name) @definition.constructor
(declaration
  (initialized_identifier_list (initialized_identifier . (identifier) @name))) @definition.field
(declaration
  (static_final_declaration_list (static_final_declaration . (identifier) @name))) @definition.field
(program
  (initialized_identifier_list (initialized_identifier . (identifier) @name) @definition.variable))
(program
  (static_final_declaration_list (static_final_declaration . (identifier) @name) @definition.constant))

; Calls: a name before its arguments
((identifier) @reference.call . (selector . (argument_part)))
((selector (unconditional_assignable_selector (identifier) @reference.call)) . (selector . (argument_part)))
((selector (conditional_assignable_selector (identifier) @reference.call)) . (selector . (argument_part)))
(cascade_section (cascade_selector (identifier) @reference.call) . (argument_part))
(new_expression . (type_identifier) @reference.call)
(annotation name: (identifier) @reference.type)

; Types
(type_identifier) @reference.type

; Inheritance
(superclass . (type_identifier) @reference.inherit)
(mixins (type_identifier) @reference.inherit)
(interfaces (type_identifier) @reference.inherit)
(mixin_declaration (type_identifier) @reference.inherit)
(extension_declaration class: (type_identifier) @reference.inherit)

; Imports
(uri (string_literal) @reference.import)

; Writes
(assignable_expression . (identifier) @reference.write .)
(assignable_expression (unconditional_assignable_selector (identifier) @reference.write) .)
