; Rust. The trait and the type of an impl are its scope's inheritance and name.

; Definitions
(mod_item name: (identifier) @name) @definition.module
(struct_item name: (type_identifier) @name) @definition.struct
(union_item name: (type_identifier) @name) @definition.union
(enum_item name: (type_identifier) @name) @definition.enum
(enum_variant name: (identifier) @name) @definition.enum_member
(trait_item name: (type_identifier) @name) @definition.trait
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.type
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable
(field_declaration name: (field_identifier) @name) @definition.field
(macro_definition name: (identifier) @name) @definition.macro
(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.function
(impl_item body: (declaration_list (function_item name: (identifier) @name) @definition.method))
(impl_item body: (declaration_list (function_signature_item name: (identifier) @name) @definition.method))
(trait_item body: (declaration_list (function_item name: (identifier) @name) @definition.method))
(trait_item body: (declaration_list (function_signature_item name: (identifier) @name) @definition.method))
; As public as their trait or variant
(trait_item body: (declaration_list) @open)
(impl_item trait: (_) body: (declaration_list) @open)
(enum_variant body: (field_declaration_list) @open)

; Items that a macro at the top of a file wraps (`cfg_rt! { pub fn spawn() {} }`): tokens, so the name is all there is
(source_file
  (macro_invocation
    (token_tree
      [
        ("fn" . (identifier) @name @definition.function)
        ("struct" . (identifier) @name @definition.struct)
        ("enum" . (identifier) @name @definition.enum)
        ("trait" . (identifier) @name @definition.trait)
        ("static" . (mutable_specifier)? . (identifier) @name @definition.variable . ":")
        ("const" . (identifier) @name @definition.constant . ":")
        ("impl" (identifier) @parent . (token_tree "fn" . (identifier) @name @definition.method))
      ])))

; A function or type that breaks off
(ERROR
  [
    ("fn" . (identifier) @name @definition.function)
    ("struct" . (type_identifier) @name @definition.struct)
    ("enum" . (type_identifier) @name @definition.enum)
    ("trait" . (type_identifier) @name @definition.trait)
  ])

; impl blocks
(impl_item
  type: [
    (type_identifier) @name
    (primitive_type) @name
    (scoped_type_identifier name: (type_identifier) @name)
    (generic_type type: [(type_identifier) @name (scoped_type_identifier name: (type_identifier) @name)])
    (dynamic_type trait: (type_identifier) @name)
    (reference_type type: [(type_identifier) @name (generic_type type: (type_identifier) @name)])
    (pointer_type type: [(type_identifier) @name (generic_type type: (type_identifier) @name)])
  ]) @scope

; Calls
(call_expression
  function: [
    (identifier) @reference.call
    (scoped_identifier name: (identifier) @reference.call)
    (field_expression field: (field_identifier) @reference.call)
    (generic_function
      function: [
        (identifier) @reference.call
        (scoped_identifier name: (identifier) @reference.call)
        (field_expression field: (field_identifier) @reference.call)
      ])
  ])
(macro_invocation macro: [(identifier) @reference.macro (scoped_identifier name: (identifier) @reference.macro)])
(expression_statement
  (macro_invocation (token_tree (identifier) @reference.call . (token_tree . "("))))

; Types, by the place they stand in; a type that is defined is no use of it
(_ type: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(_ return_type: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(type_arguments [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(tuple_type [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(array_type element: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(type_parameter bounds: (trait_bounds [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)]))
(where_predicate bounds: (trait_bounds [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)]))
(abstract_type trait: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(dynamic_type trait: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(struct_expression name: [(type_identifier) @reference.type (scoped_type_identifier name: (type_identifier) @reference.type)])
(scoped_identifier path: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))

; Inheritance
(impl_item
  trait: [
    (type_identifier) @reference.inherit
    (scoped_type_identifier name: (type_identifier) @reference.inherit)
    (generic_type
      type: [
        (type_identifier) @reference.inherit
        (scoped_type_identifier name: (type_identifier) @reference.inherit)
      ])
  ])
(trait_item
  bounds: (trait_bounds
    [(type_identifier) @reference.inherit (scoped_type_identifier name: (type_identifier) @reference.inherit)]))

; Imports: the names that a `use` brings in
(use_declaration argument: [(identifier) @reference.import (scoped_identifier name: (identifier) @reference.import)])
(use_list [(identifier) @reference.import (scoped_identifier name: (identifier) @reference.import)])
(use_as_clause path: [(identifier) @reference.import (scoped_identifier name: (identifier) @reference.import)])
(use_wildcard [(identifier) @reference.import (scoped_identifier name: (identifier) @reference.import)])
(extern_crate_declaration name: (identifier) @reference.import)

; Writes to fields, and to statics by their spelling
(assignment_expression left: (field_expression field: (field_identifier) @reference.write))
(compound_assignment_expr left: (field_expression field: (field_identifier) @reference.write))
(assignment_expression left: (identifier) @reference.write (#match? @reference.write "^[A-Z][A-Z0-9_]+$"))
(compound_assignment_expr left: (identifier) @reference.write (#match? @reference.write "^[A-Z][A-Z0-9_]+$"))
