; R. A name is defined by assigning to it, and a class by calling what makes one; `pkg::f` counts as a use of `f`.

; Definitions
(program (binary_operator
  lhs: [(identifier) @name (string (string_content) @name)]
  operator: ["<-" "<<-" "=" ":="]) @definition.variable)
(program (binary_operator operator: ["->" "->>"] rhs: (identifier) @name) @definition.variable)
(binary_operator
  lhs: [(identifier) @name (string (string_content) @name)]
  operator: ["<-" "<<-" "="]
  rhs: (function_definition)) @definition.function
(binary_operator
  lhs: (identifier) @name
  rhs: (call function: [(identifier) @_class (namespace_operator rhs: (identifier) @_class)])
  (#any-of? @_class "R6Class" "setRefClass" "setClass" "new_class" "ggproto")) @definition.class
(program (call
  function: [(identifier) @_class (namespace_operator rhs: (identifier) @_class)]
  arguments: (arguments . argument: (argument value: (string (string_content) @name)))
  (#any-of? @_class "setClass" "setRefClass" "setClassUnion")) @definition.class)
(program (call
  function: [(identifier) @_method (namespace_operator rhs: (identifier) @_method)]
  arguments: (arguments . argument: (argument value: (string (string_content) @name)))
  (#any-of? @_method "setGeneric" "setMethod" "setReplaceMethod")) @definition.method)
; Members in the lists of R6 and reference classes
(argument
  name: (identifier) @_members
  value: (call
    function: (identifier) @_list
    arguments: (arguments argument: (argument name: (identifier) @name) @definition.field))
  (#any-of? @_members "public" "private" "active" "fields")
  (#any-of? @_list "list" "c"))
(argument
  name: (identifier) @_members
  value: (call
    function: (identifier) @_list
    arguments: (arguments
      argument: (argument name: (identifier) @name value: (function_definition)) @definition.method))
  (#any-of? @_members "public" "private" "active" "methods")
  (#eq? @_list "list"))

; Calls
(call
  function: (identifier) @reference.call
  (#not-any-of? @reference.call "setClass" "setGeneric" "setMethod" "setRefClass" "source"))
(call function: (namespace_operator rhs: (identifier) @reference.call))
(call function: (extract_operator rhs: (identifier) @reference.call))

; Imports
(call
  function: (identifier) @_library
  arguments: (arguments
    . argument: (argument value: [(identifier) @reference.import (string (string_content) @reference.import)]))
  (#any-of? @_library "library" "require" "requireNamespace" "loadNamespace" "source"))

; Inheritance
(argument
  name: (identifier) @_inherit
  value: [(identifier) @reference.inherit (string (string_content) @reference.inherit)]
  (#any-of? @_inherit "inherit" "contains"))

; Writes to fields
(binary_operator
  lhs: (extract_operator rhs: (identifier) @reference.write)
  operator: ["<-" "<<-" "="])

; Functions handed over by name
(call
  function: (identifier) @_apply
  arguments: (arguments argument: (argument !name value: (identifier) @reference.read))
  (#any-of? @_apply
    "lapply" "sapply" "vapply" "mapply" "tapply" "apply" "map" "walk" "reduce" "Map" "Filter" "Reduce" "do.call"))
