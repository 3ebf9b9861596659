; Julia. The grammar knows no `const` field; a struct that has one breaks there and keeps only its name.

; Definitions
(module_definition name: (identifier) @name) @definition.module
(struct_definition
  (type_head
    [
      (identifier) @name
      (parametrized_type_expression . (identifier) @name)
      (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])
    ])) @definition.struct
(abstract_definition
  (type_head
    [
      (identifier) @name
      (parametrized_type_expression . (identifier) @name)
      (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])
    ])) @definition.interface
(primitive_definition (type_head [(identifier) @name (binary_expression . (identifier) @name)])) @definition.type
(struct_definition (typed_expression . (identifier) @name) @definition.field)
(struct_definition (identifier) @name @definition.field)
(struct_definition (assignment . [(identifier) @name (typed_expression . (identifier) @name)]) @definition.field)


; A function's name is that of the call in its signature, which a type or a `where` may surround
(function_definition (signature [
      (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ])
      (_ . (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ]))
      (_ . (_ . (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ])))
    ])) @definition.function
(function_definition (signature (identifier) @name)) @definition.function
(assignment . [
      (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ])
      (_ . (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ]))
      (_ . (_ . (call_expression . [
          (identifier) @name
          (operator) @name
          (field_expression (_) @name .)
          (parametrized_type_expression . (identifier) @name)
        ])))
    ]) @definition.function
(macro_definition (signature (call_expression . (identifier) @name))) @definition.macro
(macrocall_expression
  (macro_identifier (identifier) @_enum)
  (macro_argument_list . [(identifier) @name (typed_expression . (identifier) @name)])
  (#eq? @_enum "enum")) @definition.enum
(const_statement
  (assignment
    .
    [
      (identifier) @name
      (typed_expression . (identifier) @name)
      (parametrized_type_expression . (identifier) @name)
      (open_tuple (identifier) @name)
    ])) @definition.constant
(source_file (assignment . (identifier) @name) @definition.variable)
(module_definition (assignment . (identifier) @name) @definition.variable)
(assignment . (identifier) @name (operator) (arrow_function_expression)) @definition.function
(macrocall_expression
  (macro_identifier (identifier) @_enum)
  (macro_argument_list
    .
    (_)
    [
      (identifier) @name @definition.enum_member
      (compound_statement
        [(identifier) @name @definition.enum_member (assignment . (identifier) @name) @definition.enum_member])
    ])
  (#eq? @_enum "enum"))

; With a text before it
((string_literal) @doc
  .
  (struct_definition (type_head [(identifier) @name (_ . [(identifier) @name (_ . (identifier) @name)])])) @definition.struct)
((string_literal) @doc
  .
  (abstract_definition (type_head [(identifier) @name (_ . [(identifier) @name (_ . (identifier) @name)])])) @definition.interface)
((string_literal) @doc
  .
  (function_definition
    (signature
      [
        (call_expression . [(identifier) @name (operator) @name (field_expression (_) @name .)])
        (_ . (call_expression . [(identifier) @name (operator) @name (field_expression (_) @name .)]))
      ])) @definition.function)
((string_literal) @doc
  .
  (assignment . (call_expression . [(identifier) @name (field_expression (_) @name .)])) @definition.function)

; A function that breaks off
(ERROR (signature (call_expression . (identifier) @name)) @definition.function)

; Calls
(call_expression
  .
  [
    (identifier) @reference.call
    (field_expression (identifier) @reference.call .)
    (parametrized_type_expression . (identifier) @reference.call)
  ])
(broadcast_call_expression . [(identifier) @reference.call (field_expression (identifier) @reference.call .)])
(macrocall_expression (macro_identifier (identifier) @reference.macro) (#not-eq? @reference.macro "enum"))

; Types
(typed_expression (_) . (identifier) @reference.type)
(typed_expression (_) . (field_expression (identifier) @reference.type .))
(unary_typed_expression (identifier) @reference.type)
(parametrized_type_expression . (identifier) @reference.type)
; (a name of one letter is most often a parameter)
(curly_expression (identifier) @reference.type (#match? @reference.type ".."))

; Inheritance
(type_head
  (binary_expression
    (operator)
    .
    [
      (identifier) @reference.inherit
      (field_expression (identifier) @reference.inherit .)
      (parametrized_type_expression . (identifier) @reference.inherit)
    ]))

; Imports
(using_statement [(identifier) @reference.import (scoped_identifier) @reference.import])
(import_statement [(identifier) @reference.import (scoped_identifier) @reference.import])
(selected_import
  [
    (identifier) @reference.import
    (scoped_identifier) @reference.import
    (import_path (identifier) @reference.import .)
  ])
(call_expression
  .
  (identifier) @_include
  (argument_list . (string_literal (content) @reference.import))
  (#eq? @_include "include"))

; Writes to fields
(assignment . (field_expression (identifier) @reference.write .))
(compound_assignment_expression . (field_expression (identifier) @reference.write .))
