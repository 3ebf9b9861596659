; Ruby. A bare name may be a variable, so only calls with a receiver or arguments are references.

; Definitions
(module name: (constant) @name) @definition.module
(module name: (scope_resolution scope: (_) @parent name: (constant) @name)) @definition.module
(module name: (scope_resolution !scope name: (constant) @name)) @definition.module
(class name: (constant) @name) @definition.class
(class name: (scope_resolution scope: (_) @parent name: (constant) @name)) @definition.class
(class name: (scope_resolution !scope name: (constant) @name)) @definition.class
(method name: (_) @name) @definition.method
(program (method name: (_) @name) @definition.function)
(singleton_method name: (_) @name) @definition.method
(alias name: (_) @name) @definition.method
(assignment left: (constant) @name) @definition.constant
(assignment left: (scope_resolution scope: (_) @parent name: (constant) @name)) @definition.constant
(assignment left: (left_assignment_list (constant) @name)) @definition.constant
(program (assignment left: (global_variable) @name) @definition.variable)
(call
  !receiver
  method: (identifier) @_attr
  arguments: (argument_list [(simple_symbol) @name (string (string_content) @name)] @definition.property)
  (#any-of? @_attr "attr_accessor" "attr_reader" "attr_writer" "cattr_accessor" "mattr_accessor" "class_attribute"))
(call
  method: (identifier) @_define
  arguments: (argument_list . [(simple_symbol) @name (string (string_content) @name)])
  (#any-of? @_define "define_method" "alias_method")) @definition.method
; `Point = Struct.new(:x) do … end` is a class
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_class
    method: (identifier) @_new
    block: (_))
  (#any-of? @_class "Struct" "Class" "Data")
  (#any-of? @_new "new" "define")) @definition.class

; What breaks off
(ERROR
  [
    ("module" . (constant) @name @definition.module)
    ("class" . (constant) @name @definition.class)
    ("def" . (identifier) @name @definition.method)
  ])

; Calls; `Foo.new` uses Foo too
(call method: [(identifier) (constant)] @reference.call)
(call receiver: (constant) @reference.type)
(call receiver: (scope_resolution name: (constant) @reference.type))

(call
  method: (identifier) @_method
  arguments: (argument_list (constant) @reference.type)
  (#not-any-of? @_method "include" "extend" "prepend"))

; Inheritance
(superclass [(constant) @reference.inherit (scope_resolution name: (constant) @reference.inherit)])
(call
  !receiver
  method: (identifier) @_mixin
  arguments: (argument_list [(constant) @reference.inherit (scope_resolution name: (constant) @reference.inherit)])
  (#any-of? @_mixin "include" "extend" "prepend"))

; Imports
(call
  !receiver
  method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @reference.import))
  (#any-of? @_require "require" "require_relative" "load" "autoload"))

; Types
(rescue (exceptions [(constant) @reference.type (scope_resolution name: (constant) @reference.type)]))
(scope_resolution scope: (constant) @reference.type)

; Writes to what outlives a method
(assignment left: [(instance_variable) (class_variable) (global_variable)] @reference.write)
(operator_assignment left: [(instance_variable) (class_variable) (global_variable)] @reference.write)
