; Lua. A method's parent is the table that it is stored in.

; Definitions
(function_declaration name: (identifier) @name) @definition.function
(function_declaration name: (dot_index_expression table: (_) @parent field: (identifier) @name)) @definition.function
(function_declaration name: (method_index_expression table: (_) @parent method: (identifier) @name)) @definition.method
(assignment_statement
  (variable_list . (identifier) @name)
  (expression_list . (function_definition))) @definition.function
(assignment_statement
  (variable_list . (dot_index_expression table: (_) @parent field: (identifier) @name))
  (expression_list . (function_definition))) @definition.function
(field name: (identifier) @name value: (function_definition)) @definition.function
(chunk (variable_declaration (variable_list (identifier) @name)) @definition.variable)
(chunk
  (variable_declaration
    (assignment_statement (variable_list (identifier) @name))) @definition.variable)
(chunk (assignment_statement (variable_list (identifier) @name)) @definition.variable)
(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . (identifier) @name)
      (expression_list . (function_definition)))) @definition.function)

; Calls
(function_call name: (identifier) @reference.call)
(function_call name: (dot_index_expression field: (identifier) @reference.call))
(function_call name: (method_index_expression method: (identifier) @reference.call))

; Imports
(function_call
  name: (identifier) @_require
  arguments: (arguments (string content: (string_content) @reference.import))
  (#any-of? @_require "require" "dofile" "loadfile"))

; Writes to fields
(assignment_statement (variable_list (dot_index_expression field: (identifier) @reference.write)))
