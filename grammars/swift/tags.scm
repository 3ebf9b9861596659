; Swift. What stands in an extension has the extended type as parent. `private(set)` looks like `private`: its brackets
; are no part of the word. A conditional (`#if`) around members ends the type for this grammar. Its scanner is built
; with a mended allocation, as it kept its state in memory that was not its own.

; Definitions
(class_declaration declaration_kind: ["class" "actor"] name: (type_identifier) @name) @definition.class
(class_declaration declaration_kind: "struct" name: (type_identifier) @name) @definition.struct
(class_declaration declaration_kind: "enum" name: (type_identifier) @name) @definition.enum
(class_declaration declaration_kind: "extension" name: (_) @name) @scope
(protocol_declaration name: (type_identifier) @name) @definition.interface
(typealias_declaration "typealias" . name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type
(enum_entry name: (simple_identifier) @name) @definition.enum_member
(function_declaration
  name: [(simple_identifier) (custom_operator) "==" "!=" "<" ">" "<=" ">=" "+" "-" "*" "/" "%"] @name) @definition.function
(class_body (function_declaration name: (simple_identifier) @name) @definition.method)
(protocol_function_declaration name: [(simple_identifier) (custom_operator) "==" "<"] @name) @definition.method
(init_declaration "init" @name) @definition.constructor
(deinit_declaration "deinit" @name) @definition.method
(subscript_declaration "subscript" @name) @definition.method
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.variable
(property_declaration
  (value_binding_pattern mutability: "let")
  name: (pattern bound_identifier: (simple_identifier) @name)) @definition.constant
(class_body
  (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.property)
(enum_class_body
  (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.property)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.property
(macro_declaration (simple_identifier) @name) @definition.macro

; Calls
(call_expression . (simple_identifier) @reference.call)
(call_expression . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.call)))

; Types
(user_type (type_identifier) @reference.type)
(navigation_expression
  target: (simple_identifier) @reference.type
  (#match? @reference.type "^[A-Z]"))

; Inheritance
(inheritance_specifier inherits_from: (user_type (type_identifier) @reference.inherit))

; Imports
(import_declaration (identifier (simple_identifier) @reference.import .))

; Writes
(directly_assignable_expression (simple_identifier) @reference.write)
(directly_assignable_expression
  (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.write)))
