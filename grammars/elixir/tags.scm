; Elixir. All is a call in the tree. The fields of `defstruct [pages: 0]` are left out: their keys hold the colon. Each
; clause of a function is a definition of its own, and its `@spec` looks like a call.

; Definitions
(call
  target: (identifier) @_def
  (arguments . (alias) @name)
  (#eq? @_def "defmodule")) @definition.module
(call
  target: (identifier) @_def
  (arguments . (alias) @name)
  (do_block
    .
    (unary_operator operand: (call target: (identifier) @_doc (arguments . (string) @doc))))
  (#eq? @_def "defmodule")
  (#eq? @_doc "moduledoc")) @definition.module
(call
  target: (identifier) @_def
  (arguments . (alias) @name)
  (#eq? @_def "defprotocol")) @definition.interface
(call
  target: (identifier) @_def
  (arguments . (alias) (keywords (pair value: (alias) @name)))
  (#eq? @_def "defimpl")) @scope
(call
  target: (identifier) @_def
  (arguments
    .
    [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
    ])
  (#any-of? @_def "def" "defp" "defdelegate")) @definition.function
(call
  target: (identifier) @_def
  (arguments . (binary_operator left: (identifier) operator: _ @name right: (identifier)))
  (#any-of? @_def "def" "defp")
  (#not-eq? @name "when")) @definition.function
(call
  target: (identifier) @_def
  (arguments
    .
    [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
    ])
  (#any-of? @_def "defmacro" "defmacrop" "defguard" "defguardp")) @definition.macro
(call
  target: (identifier) @_test
  (arguments . (string (quoted_content) @name))
  (do_block)
  (#eq? @_test "test")) @definition.function
(call
  target: (identifier) @_def
  (arguments (list (atom) @name @definition.field))
  (#any-of? @_def "defstruct" "defexception"))

; Attributes
(do_block
  (unary_operator
    operator: "@"
    operand: (call target: (identifier) @name (arguments))
    (#not-any-of? @name
      "after_compile" "before_compile" "behaviour" "callback" "compile" "deprecated" "derive" "describetag" "dialyzer"
      "doc" "enforce_keys" "external_resource" "impl" "macrocallback" "moduledoc" "moduletag" "opaque"
      "optional_callbacks" "since" "spec" "tag" "type" "typedoc" "typep")) @definition.constant)
(unary_operator
  operand: (call
    target: (identifier) @_type
    (arguments (binary_operator left: [(identifier) @name (call target: (identifier) @name)])))
  (#any-of? @_type "type" "typep" "opaque")) @definition.type
(unary_operator
  operand: (call
    target: (identifier) @_callback
    (arguments (binary_operator left: (call target: (identifier) @name))))
  (#any-of? @_callback "callback" "macrocallback")) @definition.method
; A function right below its `@doc`, or with one attribute between
((unary_operator operand: (call target: (identifier) @_doc (arguments . (string) @doc)))
  .
  (unary_operator)?
  .
  (call
    target: (identifier) @_def
    (arguments
      .
      [
        (identifier) @name
        (call target: (identifier) @name)
        (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
      ])) @definition.function
  (#eq? @_doc "doc")
  (#any-of? @_def "def" "defdelegate"))

; Calls
(call
  target: (identifier) @reference.call
  (#not-any-of? @reference.call
    "alias" "behaviour" "callback" "def" "defdelegate" "defexception" "defguard" "defguardp" "defimpl" "defmacro"
    "defmacrop" "defmodule" "defp" "defprotocol" "defstruct" "doc" "impl" "import" "macrocallback" "moduledoc"
    "opaque" "require" "spec" "tag" "type" "typedoc" "typep" "use"))
(call target: (dot right: (identifier) @reference.call))
(binary_operator operator: "|>" right: (identifier) @reference.call)
(unary_operator operator: "&" operand: (binary_operator left: (identifier) @reference.read operator: "/"))

; Types and modules
(alias) @reference.type

; Imports
(call
  target: (identifier) @_import
  (arguments . [(alias) @reference.import (dot left: (alias) right: (tuple (alias) @reference.import))])
  (#any-of? @_import "alias" "import" "require" "use"))

; Inheritance
(unary_operator
  operand: (call target: (identifier) @_behaviour (arguments . (alias) @reference.inherit))
  (#eq? @_behaviour "behaviour"))
(call target: (identifier) @_def (arguments . (alias) @reference.inherit) (#eq? @_def "defimpl"))
