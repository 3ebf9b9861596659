; Clojure and ClojureScript. The head of a list counts as a call, without its namespace; names with a dot, as those of
; Java's classes and methods, do not.

; Definitions
(source (list_lit
  . (sym_lit name: (sym_name) @_ns) . (sym_lit name: (sym_name) @name) (#any-of? @_ns "ns" "in-ns")) @definition.module @onward)
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#any-of? @_def "def" "defonce")) @definition.variable
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#any-of? @_def "defn" "defn-" "defmulti" "deftest")) @definition.function
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#eq? @_def "defmethod")) @definition.method
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#eq? @_def "defmacro")) @definition.macro
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#any-of? @_def "defprotocol" "definterface")) @definition.interface
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#any-of? @_def "defrecord" "deftype")) @definition.class
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name)
  (#eq? @_def "extend-type")) @scope
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit) . (vec_lit (sym_lit name: (sym_name) @name) @definition.field)
  (#any-of? @_def "defrecord" "deftype"))
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit) (list_lit . (sym_lit name: (sym_name) @name) . (vec_lit)) @definition.method
  (#any-of? @_def "defrecord" "deftype" "defprotocol" "definterface" "extend-type"))

; With what documents them
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name) . (str_lit) @doc
  (#any-of? @_def "defn" "defn-" "defmulti")) @definition.function
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name) . (str_lit) @doc
  (#eq? @_def "defmacro")) @definition.macro
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit name: (sym_name) @name) . (str_lit) @doc
  (#eq? @_def "defprotocol")) @definition.interface

; Calls
(list_lit . (sym_lit name: (sym_name) @reference.call) (#not-match? @reference.call "[.]"))
(list_lit
  . (sym_lit name: (sym_name) @_thread) . (_) (sym_lit name: (sym_name) @reference.call)
  (#any-of? @_thread "->" "->>" "some->" "some->>"))
(var_quoting_lit (sym_lit name: (sym_name) @reference.read))

; Inheritance
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit) . (vec_lit) (sym_lit name: (sym_name) @reference.inherit)
  (#any-of? @_def "defrecord" "deftype"))
(list_lit
  . (sym_lit name: (sym_name) @_def) . (sym_lit) (sym_lit name: (sym_name) @reference.inherit)
  (#eq? @_def "extend-type"))

; Imports
(list_lit
  . (kwd_lit name: (kwd_name) @_use)
  [(sym_lit name: (sym_name) @reference.import) (vec_lit . (sym_lit name: (sym_name) @reference.import))]
  (#any-of? @_use "require" "use" "require-macros"))
(vec_lit
  . (sym_lit) (kwd_lit name: (kwd_name) @_refer) . (vec_lit (sym_lit name: (sym_name) @reference.import))
  (#any-of? @_refer "refer" "only"))
(list_lit
  . (kwd_lit name: (kwd_name) @_import) (list_lit . (sym_lit) (sym_lit name: (sym_name) @reference.import))
  (#eq? @_import "import"))
