; Objective-C. A method is known by the first part of its selector. A class's interface and its implementation are two
; definitions of one name. `NS_ENUM` in a typedef is an error to the grammar, which names its members as types.

; Definitions
(class_interface . (identifier) @name) @definition.class
(class_implementation . (identifier) @name) @definition.class
(protocol_declaration . (identifier) @name) @definition.interface
(method_declaration (method_type) . (identifier) @name) @definition.method
(method_definition (method_type) . (identifier) @name) @definition.method
(property_declaration (struct_declaration (struct_declarator (identifier) @name))) @definition.property
(property_declaration
  (struct_declaration (struct_declarator (pointer_declarator declarator: (identifier) @name)))) @definition.property
(property_declaration
  (struct_declaration
    (struct_declarator
      (function_declarator
        declarator: (parenthesized_declarator (_ declarator: (identifier) @name)))))) @definition.property
(instance_variable (struct_declaration (struct_declarator (identifier) @name))) @definition.field
(instance_variable
  (struct_declaration (struct_declarator (pointer_declarator declarator: (identifier) @name)))) @definition.field
(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  ]) @definition.function
(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.enum_member
(field_declaration declarator: (field_identifier) @name) @definition.field
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @definition.field
(type_definition declarator: (type_identifier) @name) @definition.type
(type_definition
  declarator: (function_declarator
    declarator: (parenthesized_declarator (_ declarator: (type_identifier) @name)))) @definition.type
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro
(declaration declarator: (init_declarator declarator: (identifier) @name)) @definition.variable
(declaration
  declarator: (init_declarator declarator: (pointer_declarator declarator: (identifier) @name))) @definition.variable

; Calls
(call_expression function: (identifier) @reference.call)
(message_expression method: (identifier) @reference.call)
(selector_expression (identifier) @reference.read)

; Types; a message to a name with a capital is one to a class
(type_identifier) @reference.type
(message_expression receiver: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Inheritance
(class_interface superclass: (identifier) @reference.inherit)
(class_interface (parameterized_arguments (type_name (type_identifier) @reference.inherit)))
(protocol_reference_list (identifier) @reference.inherit)

; Imports
(preproc_include path: (_) @reference.import)
(module_import path: (identifier) @reference.import)

; Writes
(assignment_expression left: (field_expression field: (field_identifier) @reference.write))
(assignment_expression left: (identifier) @reference.write)
