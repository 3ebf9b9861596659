; JavaScript. A definition that is exported reaches from its `export`; a function value is a function by its variable's name.

; Functions and classes
(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function
(class_declaration name: (_) @name) @definition.class
(function_expression name: (identifier) @name) @definition.function
(class name: (_) @name) @definition.class
(export_statement
  declaration: [
    (function_declaration name: (_) @name)
    (generator_function_declaration name: (_) @name)
  ]) @definition.function
(export_statement
  declaration: [
    (class_declaration name: (_) @name)
  ]) @definition.class

; Members
(method_definition name: (_) @name) @definition.method
(method_definition ["get" "set"] name: (_) @name) @definition.property
(class_body (method_definition name: (property_identifier) @name) @definition.constructor (#eq? @name "constructor"))
(field_definition property: (_) @name) @definition.field
(field_definition property: (_) @name value: [(arrow_function) (function_expression) (generator_function)]) @definition.method
(pair
  key: [(property_identifier) (private_property_identifier) (string)] @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.method

; Names of a module's top, and of a namespace's
(program (lexical_declaration "let" (variable_declarator name: (identifier) @name) @definition.variable))
(program (lexical_declaration "const" (variable_declarator name: (identifier) @name) @definition.constant))
(program (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement declaration: (lexical_declaration "let" (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement declaration: (lexical_declaration "const" (variable_declarator name: (identifier) @name) @definition.constant))
(export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
(program
  (lexical_declaration
    (variable_declarator name: (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)])) @definition.constant))
(program (lexical_declaration (variable_declarator name: (array_pattern (identifier) @name)) @definition.constant))
(export_statement
  declaration: (lexical_declaration
    (variable_declarator name: (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)])) @definition.constant))
(export_statement
  declaration: (lexical_declaration
    (variable_declarator name: (array_pattern (identifier) @name)) @definition.constant))
; Each name of an exported declaration is exported, not only the first
(export_statement declaration: [(lexical_declaration) (variable_declaration)] @open)

; A variable whose value is a function or a class is one, wherever it stands
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator name: (identifier) @name value: (class)) @definition.class
(assignment_expression
  left: [(identifier) @name (member_expression property: [(property_identifier) (private_property_identifier)] @name)]
  right: [(arrow_function) (function_expression) (generator_function)]
  (#not-eq? @name "exports")) @definition.function
(assignment_expression
  left: [(identifier) @name (member_expression property: [(property_identifier) (private_property_identifier)] @name)]
  right: (class)
  (#not-eq? @name "exports")) @definition.class
(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @parent property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]
  (#eq? @_prototype "prototype")) @definition.method

; Calls; making an object is a call of its class
(call_expression function: (identifier) @reference.call (#not-eq? @reference.call "require"))
(call_expression function: (member_expression property: [(property_identifier) (private_property_identifier)] @reference.call))
(new_expression constructor: (identifier) @reference.call)
(new_expression constructor: (member_expression property: (property_identifier) @reference.call))
(decorator [(identifier) @reference.call (member_expression property: (property_identifier) @reference.call)])
(jsx_opening_element name: (identifier) @reference.call (#match? @reference.call "^[A-Z_$]"))
(jsx_self_closing_element name: (identifier) @reference.call (#match? @reference.call "^[A-Z_$]"))
(jsx_opening_element name: (member_expression property: (property_identifier) @reference.call))
(jsx_self_closing_element name: (member_expression property: (property_identifier) @reference.call))

; Inheritance
(class_heritage (identifier) @reference.inherit)
(class_heritage (member_expression property: (property_identifier) @reference.inherit))

(binary_expression operator: "instanceof" right: (identifier) @reference.type)

; Imports, and what is handed on
(import_specifier name: (identifier) @reference.import)
(import_clause (identifier) @reference.import)
(import_statement source: (string (string_fragment) @reference.import))
(export_statement source: (string (string_fragment) @reference.import))
(export_statement (export_clause (export_specifier name: (identifier) @reference.import)) source: (_))
(export_statement !source (export_clause (export_specifier name: (identifier) @reference.read)))
(call_expression
  function: [(import) (identifier) @_require]
  arguments: (arguments . (string (string_fragment) @reference.import))
  (#eq? @_require "require"))

; Writes to members
(assignment_expression
  left: (member_expression property: [(property_identifier) (private_property_identifier)] @reference.write))
(augmented_assignment_expression
  left: (member_expression property: [(property_identifier) (private_property_identifier)] @reference.write))
(update_expression
  argument: (member_expression property: [(property_identifier) (private_property_identifier)] @reference.write))

; Handed over by name
(arguments (identifier) @reference.read)
(shorthand_property_identifier) @reference.read
(jsx_expression (identifier) @reference.read)
