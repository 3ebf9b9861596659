; C. A prototype is no definition. Read on kernels: every capture here is paid a hundred million times.

; Functions; the declarator may stand behind pointers and brackets
(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (identifier) @name))
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
    (function_declarator
      declarator: (parenthesized_declarator
        (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))))
  ]) @definition.function
; `int __init f(void) {}`: an unknown attribute makes the name look like a type
(function_definition
  type: (type_identifier) @name
  declarator: (parenthesized_declarator . (identifier) @_void .)
  (#eq? @_void "void")) @definition.function
; `SYSCALL_DEFINE1(close, …) {}`: a macro makes the head, its first argument names the function
(translation_unit
  (expression_statement
    (call_expression function: (identifier) @_macro arguments: (argument_list . (identifier) @name))) @definition.function
  . (compound_statement)
  (#match? @_macro "^[A-Z][A-Z0-9_]+$"))
; `pgd_t * __weak f(int a) {}`: an attribute in the middle makes an expression of the head
((ERROR (binary_expression right: (call_expression function: (identifier) @name))) @definition.function
  .
  (compound_statement))
; A function that breaks off
(ERROR
  [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  ] @definition.function)

; Types
(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(union_specifier name: (type_identifier) @name body: (_)) @definition.union
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.enum_member
(type_definition
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: [(type_identifier) @name (parenthesized_declarator (type_identifier) @name)])
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
    (pointer_declarator
      declarator: (function_declarator
        declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name))))
  ]) @definition.type
; `typedef struct a { … } a_t;`: the struct has a name of its own, so the type is no parent to it
(type_definition
  type: (_ name: (_) body: (_))
  declarator: [
    (type_identifier) @name @definition.type
    (pointer_declarator declarator: (type_identifier) @name) @definition.type
  ])

; Members
(field_declaration
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
    (array_declarator declarator: (field_identifier) @name)
    (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @name))
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
    (pointer_declarator
      declarator: (function_declarator
        declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name))))
  ]) @definition.field

; Macros
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

; Globals: initialised, or plainly declared (`extern` is no definition); also inside one #if
(translation_unit
  (declaration
    declarator: (init_declarator
      declarator: [
        (identifier) @name
        (pointer_declarator declarator: (identifier) @name)
        (array_declarator declarator: (identifier) @name)
        (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
        (array_declarator declarator: (array_declarator declarator: (identifier) @name))
        (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
      ])) @definition.variable)
(translation_unit
  [
    (preproc_ifdef
      (declaration
        declarator: (init_declarator
          declarator: [
            (identifier) @name
            (pointer_declarator declarator: (identifier) @name)
            (array_declarator declarator: (identifier) @name)
            (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
            (array_declarator declarator: (array_declarator declarator: (identifier) @name))
            (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
          ])) @definition.variable)
    (preproc_if
      (declaration
        declarator: (init_declarator
          declarator: [
            (identifier) @name
            (pointer_declarator declarator: (identifier) @name)
            (array_declarator declarator: (identifier) @name)
            (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
            (array_declarator declarator: (array_declarator declarator: (identifier) @name))
            (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
          ])) @definition.variable)
  ])
(translation_unit
  (declaration
    .
    [(storage_class_specifier "static") (type_qualifier) (primitive_type) (type_identifier) (sized_type_specifier)
      (struct_specifier) (union_specifier) (enum_specifier)]
    declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
    ]) @definition.variable
  (#not-match? @name "^__"))
(translation_unit
  [
    (preproc_ifdef
      (declaration
        .
        [(storage_class_specifier "static") (type_qualifier) (primitive_type) (type_identifier) (sized_type_specifier)
          (struct_specifier) (union_specifier) (enum_specifier)]
        declarator: [
          (identifier) @name
          (pointer_declarator declarator: (identifier) @name)
          (array_declarator declarator: (identifier) @name)
          (array_declarator declarator: (array_declarator declarator: (identifier) @name))
          (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
        ]) @definition.variable)
    (preproc_if
      (declaration
        .
        [(storage_class_specifier "static") (type_qualifier) (primitive_type) (type_identifier) (sized_type_specifier)
          (struct_specifier) (union_specifier) (enum_specifier)]
        declarator: [
          (identifier) @name
          (pointer_declarator declarator: (identifier) @name)
          (array_declarator declarator: (identifier) @name)
          (array_declarator declarator: (array_declarator declarator: (identifier) @name))
          (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
        ]) @definition.variable)
  ]
  (#not-match? @name "^__"))

; References: calls, function pointers in tables, types where they are used, includes
(call_expression
  function: [(identifier) @reference.call (field_expression field: (field_identifier) @reference.call)])
(initializer_pair
  value: [(identifier) @reference.read (pointer_expression "&" argument: (identifier) @reference.read)])
(_ type: (type_identifier) @reference.type)
(struct_specifier name: (type_identifier) @reference.type !body)
(union_specifier name: (type_identifier) @reference.type !body)
(enum_specifier name: (type_identifier) @reference.type !body)
(preproc_include path: [(system_lib_string) @reference.import (string_literal (string_content) @reference.import)])

; Writes: to a field of something
(assignment_expression left: (field_expression field: (field_identifier) @reference.write))
