; Puppet. A name's last part is the name, what stands before it its parent. `class { 'x': }` and plans are errors to the
; grammar, most of them within their own lines.

; Definitions
(class_definition . (identifier) @name) @definition.class
(class_definition . (class_identifier . (identifier) @parent . (identifier) @name .)) @definition.class
(class_definition
  . (class_identifier . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.class
(class_definition
  . (class_identifier
    . (identifier) @parent . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.class
(defined_resource_type . (identifier) @name) @definition.type
(defined_resource_type . (class_identifier . (identifier) @parent . (identifier) @name .)) @definition.type
(defined_resource_type
  . (class_identifier . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.type
(defined_resource_type
  . (class_identifier
    . (identifier) @parent . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.type
(function_declaration . (identifier) @name) @definition.function
(function_declaration . (class_identifier . (identifier) @parent . (identifier) @name .)) @definition.function
(function_declaration
  . (class_identifier . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.function
(type_declaration . (identifier) @name) @definition.type
(type_declaration . (class_identifier . (identifier) @parent . (identifier) @name .)) @definition.type
(type_declaration
  . (class_identifier . (identifier) @parent . (identifier) @parent . (identifier) @name .)) @definition.type
(node_definition (node_name (string (string_content) @name))) @definition.section
(class_definition (parameter_list (parameter (variable (identifier) @name)) @definition.property))
(defined_resource_type (parameter_list (parameter (variable (identifier) @name)) @definition.property))
; A resource is called by its type and its title
(resource_declaration title: (string (string_content) @name)) @definition.property
(assignment . (variable (identifier) @name)) @definition.variable

; What breaks off
(ERROR
  [
    ("class" . (identifier) @name @definition.class)
    ("class" . (class_identifier (identifier) @name @definition.class .))
    ("define" . (class_identifier (identifier) @name @definition.type .))
  ])

; Calls: functions and resources, those of Puppet itself left out
(function_call . [(identifier) @reference.call (class_identifier (identifier) @reference.call .)])
(resource_declaration
  type: [(identifier) @reference.call (class_identifier (identifier) @reference.call .)]
  (#not-any-of? @reference.call "file" "package" "service" "exec" "user" "group" "cron" "notify" "class" "mount"))

; Classes that are included, inherited, and types
(include_statement [(identifier) @reference.import (class_identifier (identifier) @reference.import .)])
(require_statement [(identifier) @reference.import (class_identifier (identifier) @reference.import .)])
(class_inherits [(identifier) @reference.inherit (class_identifier (identifier) @reference.inherit .)])
(parameter . (class_identifier (identifier) @reference.type .))
(composite_type (class_identifier (identifier) @reference.type .))
(resource_reference (string (string_content) @reference.read))
(variable (class_identifier (identifier) @reference.read .))
