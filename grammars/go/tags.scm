; Go. A method's parent is its receiver's type; fields and interface methods stand in theirs.

; Definitions
(function_declaration name: (identifier) @name) @definition.function
(method_declaration
  receiver: (parameter_list
    (parameter_declaration
      type: [
        (type_identifier) @parent
        (pointer_type [(type_identifier) @parent (generic_type type: (type_identifier) @parent)])
        (generic_type type: (type_identifier) @parent)
        (parenthesized_type (pointer_type (type_identifier) @parent))
      ]))
  name: (field_identifier) @name) @definition.method
(type_alias name: (type_identifier) @name) @definition.type
(type_spec name: (type_identifier) @name) @definition.type
(type_spec name: (type_identifier) @name type: (struct_type)) @definition.struct
(type_spec name: (type_identifier) @name type: (interface_type)) @definition.interface
(field_declaration name: (field_identifier) @name) @definition.field
(method_elem name: (field_identifier) @name) @definition.method
; (what a function declares for itself is left out by the engine)
(const_spec name: (identifier) @name) @definition.constant
(var_spec name: (identifier) @name) @definition.variable
; `func` values at the top are called like functions
(var_spec name: (identifier) @name value: (expression_list . (func_literal) .)) @definition.function

; Calls; a conversion `T(x)` looks like one
(call_expression function: (identifier) @reference.call)
(call_expression function: (selector_expression field: (field_identifier) @reference.call))
(call_expression
  function: (index_expression
    operand: [(identifier) @reference.call (selector_expression field: (field_identifier) @reference.call)]))
(call_expression
  function: (type_instantiation_expression
    type: [(type_identifier) @reference.call (qualified_type name: (type_identifier) @reference.call)]))

; Types
(parameter_declaration type: (type_identifier) @reference.type)
(variadic_parameter_declaration type: (type_identifier) @reference.type)
(field_declaration name: (_) type: (type_identifier) @reference.type)
(var_spec type: (type_identifier) @reference.type)
(const_spec type: (type_identifier) @reference.type)
(composite_literal type: (type_identifier) @reference.type)
(function_declaration result: (type_identifier) @reference.type)
(method_declaration result: (type_identifier) @reference.type)
(method_elem result: (type_identifier) @reference.type)
(func_literal result: (type_identifier) @reference.type)
(function_type result: (type_identifier) @reference.type)
(type_spec type: (type_identifier) @reference.type)
(type_alias type: (type_identifier) @reference.type)
(type_assertion_expression type: (type_identifier) @reference.type)
(type_case type: (type_identifier) @reference.type)
(type_conversion_expression type: (type_identifier) @reference.type)
(pointer_type (type_identifier) @reference.type)
(slice_type element: (type_identifier) @reference.type)
(array_type element: (type_identifier) @reference.type)
(map_type key: (type_identifier) @reference.type)
(map_type value: (type_identifier) @reference.type)
(channel_type value: (type_identifier) @reference.type)
(generic_type type: (type_identifier) @reference.type)
(type_elem (type_identifier) @reference.type)
(qualified_type name: (type_identifier) @reference.type)

; Embedding
(field_declaration !name type: (type_identifier) @reference.inherit)
(field_declaration !name type: (qualified_type name: (type_identifier) @reference.inherit))
(field_declaration !name type: (generic_type type: (type_identifier) @reference.inherit))
(interface_type (type_elem . (type_identifier) @reference.inherit .))
(interface_type (type_elem . (qualified_type name: (type_identifier) @reference.inherit) .))

; Imports
(import_spec path: (interpreted_string_literal) @reference.import)

; Writes to a field, and to names of a file's top by assignment
(assignment_statement left: (expression_list (selector_expression field: (field_identifier) @reference.write)))
(inc_statement (selector_expression field: (field_identifier) @reference.write))
(dec_statement (selector_expression field: (field_identifier) @reference.write))
(keyed_element key: (literal_element (identifier) @reference.write))

; Functions handed over by name: arguments and values of literals
(argument_list (selector_expression field: (field_identifier) @reference.read))
(keyed_element value: (literal_element (identifier) @reference.read))
