; Python. A decorated definition's range begins with its decorators; its docstring is its doc.

; Definitions
(function_definition name: (identifier) @name) @definition.function
(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc))) @definition.function
(class_definition name: (identifier) @name) @definition.class
(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc))) @definition.class
(decorated_definition definition: (function_definition name: (identifier) @name)) @definition.function
(decorated_definition
  definition: (function_definition
    name: (identifier) @name
    body: (block . (expression_statement . (string) @doc)))) @definition.function
(decorated_definition definition: (class_definition name: (identifier) @name)) @definition.class
(decorated_definition
  definition: (class_definition
    name: (identifier) @name
    body: (block . (expression_statement . (string) @doc)))) @definition.class

; Names of the module and of classes
(module
  (expression_statement
    [
      (assignment left: (identifier) @name)
      (assignment right: (assignment left: (identifier) @name))
      (assignment right: (assignment right: (assignment left: (identifier) @name)))
      (assignment left: (pattern_list (identifier) @name))
      (assignment left: (tuple_pattern (identifier) @name))
    ] @definition.variable))
(module
  (expression_statement
    [
      (assignment left: (identifier) @name)
      (assignment right: (assignment left: (identifier) @name))
      (assignment right: (assignment right: (assignment left: (identifier) @name)))
    ] @definition.constant)
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))
(module (expression_statement (assignment left: (identifier) @name right: (lambda)) @definition.function))
(class_definition
  body: (block
    (expression_statement
      [
        (assignment left: (identifier) @name)
        (assignment right: (assignment left: (identifier) @name))
        (assignment right: (assignment right: (assignment left: (identifier) @name)))
        (assignment left: (pattern_list (identifier) @name))
        (assignment left: (tuple_pattern (identifier) @name))
      ] @definition.field)))
; Under an if, a try or a with, at any depth; the engine makes fields of a class's and leaves out a function's
([
  (if_statement (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (elif_clause (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (else_clause (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (try_statement (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (except_clause (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (finally_clause (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
  (with_statement (block (expression_statement (assignment left: (identifier) @name) @definition.variable)))
])
(class_definition
  body: (block (expression_statement (assignment left: (identifier) @name right: (lambda)) @definition.method)))
(type_alias_statement left: (type (identifier) @name)) @definition.type

; A constructor, and a method that is read like a field
(class_definition
  body: (block
    [
      (function_definition name: (identifier) @name) @definition.constructor
      (decorated_definition definition: (function_definition name: (identifier) @name)) @definition.constructor
    ])
  (#eq? @name "__init__"))
(class_definition
  body: (block
    (function_definition
      name: (identifier) @name
      body: (block . (expression_statement . (string) @doc))) @definition.constructor)
  (#eq? @name "__init__"))

; Calls; a decorator calls its function
(call function: (identifier) @reference.call)
(call function: (attribute attribute: (identifier) @reference.call))
(decorator (identifier) @reference.call)
(decorator (attribute attribute: (identifier) @reference.call))

; Inheritance
(class_definition superclasses: (argument_list (identifier) @reference.inherit))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @reference.inherit)))
(class_definition
  superclasses: (argument_list
    (subscript value: [(identifier) @reference.inherit (attribute attribute: (identifier) @reference.inherit)])))

; Types: annotations, also inside generics, unions and quotes' neighbours
(type (identifier) @reference.type)
(type (attribute attribute: (identifier) @reference.type))
(type (binary_operator [(identifier) @reference.type (attribute attribute: (identifier) @reference.type)]))
(type
  (subscript
    value: [(identifier) @reference.type (attribute attribute: (identifier) @reference.type)]
    subscript: (_)))
(type (subscript subscript: [(identifier) @reference.type (attribute attribute: (identifier) @reference.type)]))
(generic_type (identifier) @reference.type)
(except_clause (identifier) @reference.type)
(except_clause (attribute attribute: (identifier) @reference.type))
(except_clause (as_pattern . (identifier) @reference.type))
(except_clause (tuple (identifier) @reference.type))
(except_clause (as_pattern . (tuple (identifier) @reference.type)))

; Imports
(import_from_statement name: (dotted_name (identifier) @reference.import .))
(import_from_statement name: (aliased_import name: (dotted_name (identifier) @reference.import .)))
(import_from_statement module_name: (dotted_name (identifier) @reference.import .))
(import_from_statement module_name: (relative_import (dotted_name (identifier) @reference.import .)))
(import_statement name: (dotted_name (identifier) @reference.import .))
(import_statement name: (aliased_import name: (dotted_name (identifier) @reference.import .)))

; Writes to attributes, and to names declared global
(assignment left: (attribute attribute: (identifier) @reference.write))
(assignment left: (pattern_list (attribute attribute: (identifier) @reference.write)))
(augmented_assignment left: (attribute attribute: (identifier) @reference.write))
(global_statement (identifier) @reference.write)

; Functions and classes handed over by name
(keyword_argument value: (identifier) @reference.read)
