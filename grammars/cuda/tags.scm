; CUDA: C++ with kernels. The C++ query in short: nothing here mends what unknown macros break.

; Namespaces and types
(namespace_definition name: (_) @name) @definition.namespace
(class_specifier
  name: [(type_identifier) @name (template_type name: (type_identifier) @name)]
  body: (_)) @definition.class
(struct_specifier
  name: [(type_identifier) @name (template_type name: (type_identifier) @name)]
  body: (_)) @definition.struct
(union_specifier name: (type_identifier) @name body: (_)) @definition.union
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.enum_member
(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type
(type_definition
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (function_declarator (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
  ]) @definition.type
; `typedef struct a { … } a;`: the struct has a name of its own, so the type is no parent to it
(type_definition type: (_ name: (_) body: (_)) declarator: (type_identifier) @name @definition.type)
(template_declaration (class_specifier name: (type_identifier) @name body: (_))) @definition.class
(template_declaration (struct_specifier name: (type_identifier) @name body: (_))) @definition.struct

; Functions; a prototype is no definition
(function_definition
  declarator: [
    (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (pointer_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
    (reference_declarator (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
    (operator_cast) @name
  ]) @definition.function
(function_definition
  declarator: (function_declarator declarator: (template_function name: (identifier) @name))) @definition.function
(template_declaration
  (function_definition
    declarator: [
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name)
      (function_declarator declarator: (template_function name: (identifier) @name))
      (pointer_declarator (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (_) @name))
    ])) @definition.function
(field_declaration_list
  (function_definition !type declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)
(function_definition
  declarator: [
    (function_declarator
      declarator: (qualified_identifier
        scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
        name: [(identifier) (operator_name) (destructor_name)] @name))
    (pointer_declarator
      (function_declarator declarator: (qualified_identifier scope: (_) @parent name: (identifier) @name)))
    (reference_declarator
      (function_declarator
        declarator: (qualified_identifier scope: (_) @parent name: [(identifier) (operator_name)] @name)))
  ]) @definition.method
(function_definition
  declarator: (function_declarator
    declarator: (qualified_identifier
      scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
      name: (identifier) @name))
  (#eq? @parent @name)) @definition.constructor

; What breaks off
(ERROR (function_declarator declarator: (identifier) @name) @definition.function)
(ERROR
  [
    ("class" . (type_identifier) @name @definition.class)
    ("struct" . (type_identifier) @name @definition.struct)
  ])

; Fields, globals, macros
(field_declaration
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (reference_declarator (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)
  ]) @definition.field
(declaration
  declarator: [
    (identifier) @name
    (init_declarator declarator: [(identifier) @name (_ declarator: (identifier) @name)])
    (pointer_declarator declarator: (identifier) @name)
    (array_declarator declarator: (identifier) @name)
  ]) @definition.variable
(declaration
  (type_qualifier ["constexpr" "__constant__"])
  declarator: [
    (identifier) @name
    (init_declarator declarator: (identifier) @name)
    (array_declarator declarator: (identifier) @name)
  ]) @definition.constant
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

; Calls, launches of kernels among them; making an object is a call of its class
(call_expression
  function: [
    (identifier) @reference.call
    (field_expression field: [(field_identifier) @reference.call (template_method name: (_) @reference.call)])
    (template_function name: (identifier) @reference.call)
    (qualified_identifier
      name: [
        (identifier) @reference.call
        (template_function name: (identifier) @reference.call)
        (qualified_identifier name: (identifier) @reference.call)
      ])
  ])
(new_expression type: (type_identifier) @reference.call)
(compound_literal_expression type: (type_identifier) @reference.call)

; Inheritance, types, imports
(base_class_clause
  [
    (type_identifier) @reference.inherit
    (template_type name: (type_identifier) @reference.inherit)
    (qualified_identifier name: (type_identifier) @reference.inherit)
  ])
(parameter_declaration type: (type_identifier) @reference.type)
(optional_parameter_declaration type: (type_identifier) @reference.type)
(declaration type: (type_identifier) @reference.type)
(field_declaration type: (type_identifier) @reference.type)
(function_definition type: (type_identifier) @reference.type)
(type_descriptor type: (type_identifier) @reference.type)
(type_definition type: (type_identifier) @reference.type)
(template_type name: (type_identifier) @reference.type)
(qualified_identifier name: (type_identifier) @reference.type)
(preproc_include path: [(system_lib_string) @reference.import (string_literal (string_content) @reference.import)])
(using_declaration (qualified_identifier name: (identifier) @reference.import))

; Writes to a field
(assignment_expression left: (field_expression field: (field_identifier) @reference.write))
