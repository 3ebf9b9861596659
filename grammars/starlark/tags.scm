; Starlark: functions, the names of a file, and the targets of a BUILD file (`go_library(name = "lib")`).

; Definitions
(function_definition name: (identifier) @name) @definition.function
(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc))) @definition.function
(expression_statement
  [
    (assignment left: (identifier) @name)
    (assignment left: (pattern_list (identifier) @name))
    (assignment left: (tuple_pattern (identifier) @name))
  ] @definition.variable)
(expression_statement
  (assignment left: (identifier) @name) @definition.constant
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))
(expression_statement (assignment left: (identifier) @name right: (lambda)) @definition.function)
; A provider is what a rule hands on, with fields; a rule is called like a function
(expression_statement
  (assignment left: (identifier) @name right: (call function: (identifier) @_provider)) @definition.struct
  (#eq? @_provider "provider"))
(expression_statement
  (assignment left: (identifier) @name right: (call function: (identifier) @_rule)) @definition.function
  (#any-of? @_rule "rule" "repository_rule" "module_extension" "macro" "aspect"))
(expression_statement
  (call
    arguments: (argument_list
      (keyword_argument name: (identifier) @_name value: (string (string_content) @name))))
  (#eq? @_name "name")) @definition.property

; What breaks off
(ERROR "def" . (identifier) @name @definition.function)

; Calls and what is handed over by name
(call function: [(identifier) @reference.call (attribute attribute: (identifier) @reference.call)])
(keyword_argument value: (identifier) @reference.read)
(subscript subscript: (identifier) @reference.type (#match? @reference.type "^[A-Z]\\w*Info$"))
(list (string (string_content) @reference.read) (#match? @reference.read "^:"))

; Imports
(call
  function: (identifier) @_load
  arguments: (argument_list (string (string_content) @reference.import))
  (#eq? @_load "load"))
(call
  function: (identifier) @_load
  arguments: (argument_list (keyword_argument value: (string (string_content) @reference.import)))
  (#eq? @_load "load"))
