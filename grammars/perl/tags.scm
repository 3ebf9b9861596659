; Perl. The tree tells built-in functions with fixed arguments from calls; subs handed over by name are a `&`.

; Definitions; a package without a block holds what follows it
(package_statement name: (package) @name) @definition.module @onward
(package_statement name: (package) @name (block)) @definition.module
(class_statement name: (package) @name) @definition.class @onward
(class_statement name: (package) @name (block)) @definition.class
(role_statement name: (package) @name) @definition.trait @onward
(role_statement name: (package) @name (block)) @definition.trait
(subroutine_declaration_statement name: (bareword) @name) @definition.function
(method_declaration_statement name: (bareword) @name) @definition.method
(assignment_expression
  left: (glob (varname) @name)
  right: [(anonymous_subroutine_expression) (refgen_expression (function))]) @definition.function
(use_statement
  module: (package) @_constant
  (list_expression . [(autoquoted_bareword) @name (string_literal (string_content) @name)])
  (#eq? @_constant "constant")) @definition.constant
(use_statement
  module: (package) @_constant
  (anonymous_hash_expression
    [(autoquoted_bareword) @name @definition.constant
     (list_expression (autoquoted_bareword) @name @definition.constant)])
  (#eq? @_constant "constant"))
(variable_declaration
  "our"
  [variable: (_ (varname) @name) variables: (_ (varname) @name)]
  (#not-any-of? @name "ISA" "EXPORT" "EXPORT_OK" "EXPORT_TAGS")) @definition.variable
(variable_declaration "field" variable: (_ (varname) @name)) @definition.field
; `has title => (…)` of Moose and its kin
(ambiguous_function_call_expression
  function: (function) @_has
  arguments: (list_expression
    .
    [
      (autoquoted_bareword) @name
      (string_literal (string_content) @name)
    ])
  (#eq? @_has "has")) @definition.property

; A sub, package or class that breaks off
(ERROR
  [
    ("sub" . (bareword) @name @definition.function)
    ("package" . (package) @name @definition.module)
  ])

; Calls
(function_call_expression function: (function) @reference.call (#not-match? @reference.call "^&"))
(function_call_expression function: (function (varname) @reference.call))
(ambiguous_function_call_expression
  function: (function) @reference.call
  (#not-any-of? @reference.call "has" "extends" "with"))
(method_call_expression method: (method) @reference.call)
(method_call_expression invocant: (bareword) @reference.type)
(refgen_expression (function (varname) @reference.read))

; Imports; pragmas are none
(use_statement
  module: (package) @reference.import
  (#not-any-of? @reference.import
    "base" "bytes" "constant" "feature" "integer" "lib" "overload" "parent" "re" "strict" "utf8" "vars" "warnings"))
(require_expression [(bareword) @reference.import (string_literal (string_content) @reference.import)])

; Inheritance; the tree does not part the words of a `qw(…)` with several of them
(use_statement
  module: (package) @_parent
  [
    (string_literal (string_content) @reference.inherit)
    (quoted_word_list (string_content) @reference.inherit)
    (list_expression (string_literal (string_content) @reference.inherit))
  ]
  (#any-of? @_parent "parent" "base")
  (#not-match? @reference.inherit "\\s"))
(assignment_expression
  left: (variable_declaration variable: (array (varname) @_isa))
  right: [
    (quoted_word_list (string_content) @reference.inherit)
    (parenthesized_expression
      [(string_literal (string_content) @reference.inherit)
       (list_expression (string_literal (string_content) @reference.inherit))])
  ]
  (#eq? @_isa "ISA")
  (#not-match? @reference.inherit "\\s"))
(ambiguous_function_call_expression
  function: (function) @_extends
  arguments: [
    (string_literal (string_content) @reference.inherit)
    (list_expression (string_literal (string_content) @reference.inherit))
  ]
  (#any-of? @_extends "extends" "with"))

; Writes to fields
(assignment_expression left: (hash_element_expression key: (autoquoted_bareword) @reference.write))
