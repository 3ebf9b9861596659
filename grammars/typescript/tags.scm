; TypeScript. A definition that is exported reaches from its `export`; a function value is a function by its variable's name.

; Functions and classes
(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function
(class_declaration name: (_) @name) @definition.class
(function_expression name: (identifier) @name) @definition.function
(class name: (_) @name) @definition.class
(function_signature name: (identifier) @name) @definition.function
(abstract_class_declaration name: (type_identifier) @name) @definition.class
(interface_declaration name: (type_identifier) @name) @definition.interface
(type_alias_declaration name: (type_identifier) @name) @definition.type
(enum_declaration name: (identifier) @name) @definition.enum
(enum_body name: (property_identifier) @name @definition.enum_member)
(enum_assignment name: (_) @name) @definition.enum_member
(internal_module name: (_) @name) @definition.namespace
(module name: (_) @name) @definition.module
(export_statement
  declaration: [
    (function_declaration name: (_) @name)
    (generator_function_declaration name: (_) @name)
    (function_signature name: (_) @name)
  ]) @definition.function
(export_statement
  declaration: [
    (class_declaration name: (_) @name)
    (abstract_class_declaration name: (_) @name)
  ]) @definition.class
(export_statement declaration: (interface_declaration name: (_) @name)) @definition.interface
(export_statement declaration: (type_alias_declaration name: (_) @name)) @definition.type
(export_statement declaration: (enum_declaration name: (_) @name)) @definition.enum

; Members
(method_definition name: (_) @name) @definition.method
(method_definition ["get" "set"] name: (_) @name) @definition.property
(class_body (method_definition name: (property_identifier) @name) @definition.constructor (#eq? @name "constructor"))
(method_signature name: (_) @name) @definition.method
(abstract_method_signature name: (_) @name) @definition.method
(property_signature name: (_) @name) @definition.property
(public_field_definition name: (_) @name) @definition.field
(public_field_definition name: (_) @name value: [(arrow_function) (function_expression) (generator_function)]) @definition.method
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @definition.field
(pair
  key: [(property_identifier) (private_property_identifier) (string)] @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.method
; The type of a parameter, written where it stands, has members that nobody else can name. A root of `(_ …)` for both
; made the query a third slower
(required_parameter
  type: (type_annotation
    [
      (object_type) @local
      (union_type (object_type) @local)
      (intersection_type (object_type) @local)
      (array_type (object_type) @local)
      (generic_type type_arguments: (type_arguments (object_type) @local))
    ]))
(optional_parameter
  type: (type_annotation
    [
      (object_type) @local
      (union_type (object_type) @local)
      (intersection_type (object_type) @local)
      (array_type (object_type) @local)
      (generic_type type_arguments: (type_arguments (object_type) @local))
    ]))

; Names of a module's top, and of a namespace's
(program (lexical_declaration "let" (variable_declarator name: (identifier) @name) @definition.variable))
(program (lexical_declaration "const" (variable_declarator name: (identifier) @name) @definition.constant))
(program (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement declaration: (lexical_declaration "let" (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement declaration: (lexical_declaration "const" (variable_declarator name: (identifier) @name) @definition.constant))
(export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name) @definition.constant))
(ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
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
(export_statement declaration: [(lexical_declaration) (variable_declaration) (ambient_declaration)] @open)

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
(call_expression function: (instantiation_expression [(identifier) @reference.call (member_expression property: (property_identifier) @reference.call)]))
(new_expression constructor: (identifier) @reference.call)
(new_expression constructor: (member_expression property: (property_identifier) @reference.call))
(decorator [(identifier) @reference.call (member_expression property: (property_identifier) @reference.call)])

; Inheritance
(extends_clause value: (identifier) @reference.inherit)
(extends_clause value: (member_expression property: (property_identifier) @reference.inherit))
(extends_type_clause
  type: [(type_identifier) @reference.inherit (generic_type name: (type_identifier) @reference.inherit) (nested_type_identifier name: (type_identifier) @reference.inherit)])
(implements_clause
  [(type_identifier) @reference.inherit (generic_type name: (type_identifier) @reference.inherit) (nested_type_identifier name: (type_identifier) @reference.inherit)])

; Types; a type that is defined is no use of it, and a parameter of a generic is left to be one
(type_annotation (type_identifier) @reference.type)
(type_annotation (nested_type_identifier name: (type_identifier) @reference.type))
(type_predicate type: (type_identifier) @reference.type)
(generic_type name: (type_identifier) @reference.type)
(generic_type name: (nested_type_identifier name: (type_identifier) @reference.type))
(type_arguments (type_identifier) @reference.type)
(type_arguments (nested_type_identifier name: (type_identifier) @reference.type))
(union_type (type_identifier) @reference.type)
(intersection_type (type_identifier) @reference.type)
(array_type (type_identifier) @reference.type)
(tuple_type (type_identifier) @reference.type)
(readonly_type (type_identifier) @reference.type)
(index_type_query (type_identifier) @reference.type)
(lookup_type (type_identifier) @reference.type)
(conditional_type (type_identifier) @reference.type)
(constraint (type_identifier) @reference.type)
(default_type (type_identifier) @reference.type)
(parenthesized_type (type_identifier) @reference.type)
(function_type return_type: (type_identifier) @reference.type)
(as_expression (type_identifier) @reference.type)
(satisfies_expression (type_identifier) @reference.type)
(type_alias_declaration value: (type_identifier) @reference.type)
(type_query (identifier) @reference.type)
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
(import_require_clause (identifier) @reference.import)
(import_require_clause source: (string (string_fragment) @reference.import))

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
