; Bash, and near enough Zsh and Korn shell. A function that breaks off leaves no trace of its own in the tree.

; Definitions; a plain assignment inside of a condition or a loop is most often a repeated one
(function_definition name: (word) @name) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program
  (declaration_command
    (variable_assignment name: (variable_name) @name)) @definition.variable)
(program
  (declaration_command
    ["readonly" "declare" "typeset"] @_word
    .
    (word)?
    .
    (variable_assignment name: (variable_name) @name)
    (#eq? @_word "readonly")) @definition.constant)

; Calls: a command is a function or a program
(command_name (word) @reference.call)
(command
  name: (command_name (word) @_trap)
  .
  argument: (word) @reference.read
  (#eq? @_trap "trap"))

; Imports
(command
  name: (command_name (word) @_source)
  .
  argument: [
    (word) @reference.import
    (concatenation (word) @reference.import .)
    (string (string_content) @reference.import .)
    (raw_string) @reference.import
  ]
  (#any-of? @_source "source" "."))
