; Elm. What a module exposes stands in its header only, so there is no visibility. A value without parameters is a
; variable; the comment that documents a function stands above its annotation.

; Definitions
(module_declaration name: (upper_case_qid) @name) @definition.module @onward
(type_alias_declaration name: (upper_case_identifier) @name) @definition.type
(type_alias_declaration typeExpression: (type_expression part: (record_type
  fieldType: (field_type name: (lower_case_identifier) @name) @definition.field)))
(type_declaration name: (upper_case_identifier) @name) @definition.enum
(union_variant name: (upper_case_identifier) @name) @definition.enum_member
(port_annotation name: (lower_case_identifier) @name) @definition.function
(value_declaration
  functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name .)) @definition.variable
(value_declaration
  functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name . (_))) @definition.function
((block_comment) @doc . (type_annotation) . (value_declaration
  functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name .)) @definition.variable)
((block_comment) @doc . (type_annotation) . (value_declaration
  functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name . (_))) @definition.function)

; Calls
(function_call_expr target: (value_expr name: (value_qid (lower_case_identifier) @reference.call .)))
(bin_op_expr
  (operator (operator_identifier) @_pipe) . (value_expr name: (value_qid (lower_case_identifier) @reference.call .))
  (#any-of? @_pipe "|>" ">>" "<<"))
(bin_op_expr
  (value_expr name: (value_qid (lower_case_identifier) @reference.call .)) . (operator (operator_identifier) @_pipe)
  (#any-of? @_pipe "<|" ">>" "<<"))
(value_expr name: (upper_case_qid (upper_case_identifier) @reference.call .))

; Reads and writes
(union_pattern constructor: (upper_case_qid (upper_case_identifier) @reference.read .))
(field name: (lower_case_identifier) @reference.write)

; Types
(type_ref (upper_case_qid (upper_case_identifier) @reference.type .))

; Imports
(import_clause moduleName: (upper_case_qid) @reference.import)
(import_clause exposing: (exposing_list [
  (exposed_value (lower_case_identifier) @reference.import)
  (exposed_type (upper_case_identifier) @reference.import)]))
