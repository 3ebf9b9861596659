; CSS. A rule defines the classes and ids that stand alone or last in its selectors; other mentions are uses.

; Definitions
(rule_set (selectors (class_selector (class_name (identifier) @name)))) @definition.class
(rule_set (selectors (_ (class_selector (class_name (identifier) @name)) .))) @definition.class
(rule_set (selectors (id_selector (id_name) @name))) @definition.property
(rule_set (selectors (_ (id_selector (id_name) @name) .))) @definition.property
(keyframes_statement (keyframes_name) @name) @definition.function
(declaration . (property_name) @name (#match? @name "^--")) @definition.variable

; Uses
(class_selector (class_name (identifier) @reference.type))
(id_selector (id_name) @reference.type)
(call_expression
  (function_name) @_var
  (arguments . (plain_value) @reference.read)
  (#eq? @_var "var"))

; Imports
(import_statement (string_value (string_content) @reference.import))
(import_statement (call_expression (arguments (string_value (string_content) @reference.import))))
(import_statement (call_expression (arguments (plain_value) @reference.import)))
