; C++. A prototype is no definition, a pure virtual method is: nothing else ever defines it.

; Namespaces
(namespace_definition name: (namespace_identifier) @name) @definition.namespace
(namespace_definition name: (nested_namespace_specifier) @name) @definition.namespace

; Types
(class_specifier name: (type_identifier) @name body: (_)) @definition.class
(class_specifier name: (template_type name: (type_identifier) @name) body: (_)) @definition.class
(class_specifier name: (qualified_identifier scope: (_) @parent name: (type_identifier) @name) body: (_)) @definition.class
(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(struct_specifier name: (template_type name: (type_identifier) @name) body: (_)) @definition.struct
(struct_specifier name: (qualified_identifier scope: (_) @parent name: (type_identifier) @name) body: (_)) @definition.struct
(union_specifier name: (type_identifier) @name body: (_)) @definition.union
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
; With its `template <…>` line, above which the doc comment stands
(template_declaration
  (class_specifier name: [(type_identifier) @name (template_type name: (type_identifier) @name)] body: (_))) @definition.class
(template_declaration
  (struct_specifier name: [(type_identifier) @name (template_type name: (type_identifier) @name)] body: (_))) @definition.struct
(enumerator name: (identifier) @name) @definition.enum_member
(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type
(type_definition
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
  ]) @definition.type
; `typedef struct a { … } a_t;`: the struct has a name of its own, so the type is no parent to it
(type_definition
  type: (_ name: (_) body: (_))
  declarator: [
    (type_identifier) @name @definition.type
    (pointer_declarator declarator: (type_identifier) @name) @definition.type
  ])

; Functions and methods inside their class
(function_definition
  declarator: [
    (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
    (function_declarator declarator: (template_function name: (identifier) @name))
    (pointer_declarator
      declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
    (pointer_declarator
      declarator: (pointer_declarator
        declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name)))
    (reference_declarator
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
    (operator_cast) @name
  ]
  (#not-match? @name "^[A-Z_]+(LOCK|EXCLUDE|REQUIRE)")) @definition.function
(template_declaration
  (function_definition
    declarator: [
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name)
      (pointer_declarator
        declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
      (reference_declarator
        (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
    ])
  (#not-match? @name "^[A-Z_]+(LOCK|EXCLUDE|REQUIRE)")) @definition.function
(field_declaration_list
  [
    (function_definition
      !type
      declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor
    (template_declaration
      (function_definition
        !type
        declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)
  ]
  (#not-match? @name "^[A-Z_]+(LOCK|EXCLUDE|REQUIRE)"))
(field_declaration
  declarator: [
    (function_declarator declarator: (_) @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (reference_declarator (function_declarator declarator: (_) @name))
  ]
  default_value: (number_literal)) @definition.method

; Methods outside: `A::m`, `A<T>::m`, `A::B::m`
(function_definition
  declarator: [
    (function_declarator
      declarator: (qualified_identifier
        scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
        name: [(identifier) (operator_name) (destructor_name)] @name))
    (pointer_declarator
      declarator: (function_declarator
        declarator: (qualified_identifier
          scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
          name: [(identifier) (operator_name)] @name)))
    (reference_declarator
      (function_declarator
        declarator: (qualified_identifier
          scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
          name: [(identifier) (operator_name)] @name)))
    (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (operator_cast) @name)
  ]) @definition.method
(function_definition
  declarator: [
    (function_declarator
      declarator: (qualified_identifier
        scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
        name: (qualified_identifier
          scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
          name: [(identifier) (operator_name) (destructor_name)] @name)))
    (pointer_declarator
      declarator: (function_declarator
        declarator: (qualified_identifier
          scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
          name: (qualified_identifier
            scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
            name: [(identifier) (operator_name)] @name))))
    (reference_declarator
      (function_declarator
        declarator: (qualified_identifier
          scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
          name: (qualified_identifier
            scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
            name: [(identifier) (operator_name)] @name))))
  ]) @definition.method
(function_definition
  declarator: (function_declarator
    declarator: (qualified_identifier
      scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
      name: (identifier) @name))
  (#eq? @parent @name)) @definition.constructor
(function_definition
  declarator: (function_declarator
    declarator: (qualified_identifier
      scope: [(namespace_identifier) @parent (template_type name: (_) @parent)]
      name: (qualified_identifier
        scope: [(namespace_identifier) @parent @_class (template_type name: (_) @parent @_class)]
        name: (identifier) @name)))
  (#eq? @_class @name)) @definition.constructor

; What unknown macros do to a definition: `class EXPORT A : B {}`, and `void m() GUARDED_BY(x) {}`
(function_definition
  type: (class_specifier !body)
  .
  declarator: (identifier) @name) @definition.class
(function_definition type: (class_specifier !body) . (ERROR . (identifier) @name)) @definition.class
(function_definition
  type: (struct_specifier !body)
  .
  declarator: (identifier) @name) @definition.struct
(function_definition type: (struct_specifier !body) . (ERROR . (identifier) @name)) @definition.struct
(function_definition
  type: (class_specifier !body)
  [
    (ERROR . (template_function name: (identifier) @name))
    (template_function name: (identifier) @name)
  ]) @definition.class
(function_definition
  type: (struct_specifier !body)
  [
    (ERROR . (template_function name: (identifier) @name))
    (template_function name: (identifier) @name)
  ]) @definition.struct
(labeled_statement
  (expression_statement (call_expression function: (identifier) @name) (MISSING ";")) @definition.constructor)
(declaration
  declarator: (init_declarator
    declarator: (function_declarator declarator: (identifier) @name)
    value: (initializer_list))
  (MISSING ";")) @definition.function
(declaration
  type: (class_specifier name: (_) @_export !body)
  .
  (ERROR . (identifier) @name)
  (#match? @_export "^[A-Z][A-Z0-9_]+$")) @definition.class
((expression_statement
  (call_expression
    function: (qualified_identifier scope: (namespace_identifier) @parent name: (destructor_name) @name))
  (MISSING ";")) @definition.method)
(function_definition (ERROR . (function_declarator declarator: (_) @name))) @definition.function
(field_declaration declarator: (function_declarator declarator: (_) @name) . (MISSING ";")) @definition.method
(field_declaration
  declarator: (function_declarator declarator: (field_identifier) @name)
  .
  (bitfield_clause)) @definition.constructor
((expression_statement (call_expression function: (identifier) @name) (MISSING ";")) @definition.function
  .
  (compound_statement)
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
(field_declaration
  declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))
  (MISSING ";")) @definition.method
(declaration
  declarator: [
    (function_declarator declarator: [(identifier) (destructor_name)] @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  ]
  (MISSING ";")) @definition.function
(declaration
  declarator: [
    (function_declarator declarator: (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (_) @name))
    (pointer_declarator
      declarator: (function_declarator declarator: (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (_) @name)))
    (reference_declarator
      (function_declarator declarator: (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (_) @name)))
  ]
  (MISSING ";")) @definition.method
; What breaks off
(ERROR (function_declarator declarator: (identifier) @name) @definition.function)
(ERROR (function_declarator declarator: (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (identifier) @name)) @definition.method)

(ERROR
  [
    ("class" . [(type_identifier) (identifier)] @name @definition.class)
    ("struct" . [(type_identifier) (identifier)] @name @definition.struct)
    ("enum" . [(type_identifier) (identifier)] @name @definition.enum)
  ]
  (#not-match? @name "^([A-Z][0-9]?|[A-Z][A-Z0-9]*_[A-Z0-9_]*)$"))

; Fields and globals
(field_declaration
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (reference_declarator (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
  ]) @definition.field

; Macros
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

; Globals, at the top or in a namespace; `extern` is no definition
(translation_unit
  (declaration
    declarator: (init_declarator
      declarator: [
        (identifier) @name
        (_ declarator: [(identifier) @name (_ declarator: (identifier) @name)])
        (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (identifier) @name)
      ])) @definition.variable)
(namespace_definition
  body: (declaration_list
    (declaration
      declarator: (init_declarator
        declarator: [
          (identifier) @name
          (_ declarator: [(identifier) @name (_ declarator: (identifier) @name)])
          (qualified_identifier scope: [(namespace_identifier) @parent (template_type name: (_) @parent)] name: (identifier) @name)
        ])) @definition.variable))
(translation_unit
  (declaration
    .
    [(storage_class_specifier "static") (type_qualifier) (primitive_type) (type_identifier) (sized_type_specifier)
      (template_type) (qualified_identifier) (struct_specifier !body) (class_specifier !body)]
    declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
    ]) @definition.variable
  (#not-match? @name "^__"))
(namespace_definition
  body: (declaration_list
    (declaration
      .
      [(storage_class_specifier "static") (type_qualifier) (primitive_type) (type_identifier) (sized_type_specifier)
        (template_type) (qualified_identifier) (struct_specifier !body) (class_specifier !body)]
      declarator: [
        (identifier) @name
        (pointer_declarator declarator: (identifier) @name)
        (array_declarator declarator: (identifier) @name)
      ]) @definition.variable)
  (#not-match? @name "^__"))
(translation_unit
  (declaration
    (type_qualifier "constexpr")
    declarator: (init_declarator declarator: (identifier) @name)) @definition.constant)
(namespace_definition
  body: (declaration_list
    (declaration
      (type_qualifier "constexpr")
      declarator: (init_declarator declarator: (identifier) @name)) @definition.constant))
(declaration
  type: [(class_specifier name: (_) @_export !body) (struct_specifier name: (_) @_export !body)]
  .
  declarator: (init_declarator declarator: (identifier) @name value: (initializer_list))
  (#match? @_export "^[A-Z][A-Z0-9_]+$")) @definition.class

; Calls; making an object is a call of its class
(call_expression
  function: [
    (identifier) @reference.call
    (field_expression field: [(field_identifier) @reference.call (template_method name: (_) @reference.call)])
    (template_function name: (identifier) @reference.call)
    (qualified_identifier name: [(identifier) @reference.call (template_function name: (_) @reference.call)])
    (qualified_identifier
      name: (qualified_identifier name: [(identifier) @reference.call (template_function name: (_) @reference.call)]))
    (qualified_identifier name: (qualified_identifier name: (qualified_identifier name: (identifier) @reference.call)))
  ])
(new_expression
  type: [
    (type_identifier) @reference.call
    (template_type name: (type_identifier) @reference.call)
    (qualified_identifier name: [(type_identifier) @reference.call (template_type name: (_) @reference.call)])
  ])
(compound_literal_expression
  type: [
    (type_identifier) @reference.call
    (template_type name: (type_identifier) @reference.call)
    (qualified_identifier name: (type_identifier) @reference.call)
  ])
(initializer_pair value: (identifier) @reference.read)

; Inheritance
(base_class_clause
  [
    (type_identifier) @reference.inherit
    (template_type name: (type_identifier) @reference.inherit)
    (qualified_identifier name: [(type_identifier) @reference.inherit (template_type name: (_) @reference.inherit)])
    (qualified_identifier name: (qualified_identifier name: (type_identifier) @reference.inherit))
  ])

; Types, by the place they stand in
(parameter_declaration
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(optional_parameter_declaration
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(variadic_parameter_declaration type: [(type_identifier) @reference.type (template_type name: (type_identifier) @reference.type)])
(declaration
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(field_declaration
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(function_definition
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(type_descriptor
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(type_definition
  type: [
    (type_identifier) @reference.type
    (template_type name: (type_identifier) @reference.type)
    (qualified_identifier name: [(type_identifier) @reference.type (template_type name: (_) @reference.type)])
    (class_specifier name: (type_identifier) @reference.type !body)
    (struct_specifier name: (type_identifier) @reference.type !body)
    (enum_specifier name: (type_identifier) @reference.type !body)
  ])
(for_range_loop type: [(type_identifier) @reference.type (template_type name: (type_identifier) @reference.type)])

; Imports
(preproc_include path: [(system_lib_string) @reference.import (string_literal (string_content) @reference.import)])
(using_declaration [(identifier) @reference.import (qualified_identifier name: (identifier) @reference.import)])

; Writes: to a field of something, or to a member by its spelling
(assignment_expression left: (field_expression field: (field_identifier) @reference.write))
(assignment_expression left: (identifier) @reference.write (#match? @reference.write "_$"))
