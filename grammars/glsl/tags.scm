; GLSL. An interface block is a struct; in, out, uniform and the rest are variables.

; Definitions
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @definition.function
(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(declaration (identifier) @name . (field_declaration_list)) @definition.struct
(declaration (field_declaration_list) . (identifier) @name @definition.variable)
(field_declaration
  declarator: [(field_identifier) @name (array_declarator declarator: (field_identifier) @name)]) @definition.field
(declaration
  type: (_)
  declarator: [
    (identifier) @name
    (array_declarator declarator: (identifier) @name)
    (init_declarator declarator: [(identifier) @name (array_declarator declarator: (identifier) @name)])
  ]) @definition.variable
(declaration
  (type_qualifier "const")
  declarator: (init_declarator
    declarator: [(identifier) @name (array_declarator declarator: (identifier) @name)])) @definition.constant
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

; A function that breaks off
(ERROR (function_declarator declarator: (identifier) @name) @definition.function)

; Calls, types, imports, writes
(call_expression function: (identifier) @reference.call)
(parameter_declaration type: (type_identifier) @reference.type)
(declaration type: (type_identifier) @reference.type)
(field_declaration type: (type_identifier) @reference.type)
(function_definition type: (type_identifier) @reference.type)
(preproc_include path: (string_literal (string_content) @reference.import))
(assignment_expression left: (identifier) @reference.write)
(assignment_expression left: (field_expression argument: (identifier) @reference.write))
