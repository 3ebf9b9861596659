; Nix. A binding is a field of its set, or a variable of its `let`; one whose value is a function is a function. A
; dotted path is one name. What stands in a function's own `let` is local.

; Definitions
(binding_set binding: (binding attrpath: (_) @name) @definition.field)
(let_expression (binding_set binding: (binding attrpath: (_) @name) @definition.variable))
(binding attrpath: (_) @name expression: (function_expression)) @definition.function

; Calls
(apply_expression
  function: [
    (variable_expression name: (identifier) @reference.call)
    (select_expression attrpath: (attrpath attr: (identifier) @reference.call .))
  ])

; Imports
(apply_expression
  function: (variable_expression name: (identifier) @_import)
  argument: [(path_expression) @reference.import (spath_expression) @reference.import]
  (#any-of? @_import "import" "callPackage"))
(binding
  attrpath: (attrpath . attr: (identifier) @_imports .)
  expression: (list_expression element: (path_expression) @reference.import)
  (#eq? @_imports "imports"))

; Names taken over
(inherited_attrs attr: (identifier) @reference.read)
(with_expression environment: (select_expression attrpath: (attrpath attr: (identifier) @reference.read .)))
