; SCSS. A rule defines the classes and ids that stand alone or last in its selectors; other mentions are uses. The
; grammar does not know `!default`, `@extend` of placeholders, maps, `@use … as` and lists of imports; what follows such
; a place in its block may be lost.

; Definitions
(mixin_statement name: (identifier) @name) @definition.function
(function_statement name: (identifier) @name) @definition.function
(stylesheet (declaration . (property_name) @name (#match? @name "^[$]")) @definition.variable)
(stylesheet (ERROR . (variable) @name @definition.variable))
(declaration . (property_name) @name (#match? @name "^--")) @definition.variable
(rule_set (selectors (placeholder (identifier) @name))) @definition.class
(rule_set (selectors (class_selector (class_name) @name))) @definition.class
(rule_set (selectors (_ (class_selector (class_name) @name)) .)) @definition.class
(rule_set (selectors (id_selector (id_name) @name))) @definition.property
(rule_set (selectors (_ (id_selector (id_name) @name) .))) @definition.property
(keyframes_statement (keyframes_name) @name) @definition.function

; Uses
(include_statement (identifier) @reference.call)
(call_expression (function_name) @reference.call)

; Imports
(use_statement (string_value) @reference.import)
(forward_statement (string_value) @reference.import)
(import_statement (string_value) @reference.import)
