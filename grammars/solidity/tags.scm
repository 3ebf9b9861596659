; Solidity. Visibility stands behind a function's name, where no rule reads it.

; Definitions
(contract_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(library_declaration name: (identifier) @name) @definition.module
(struct_declaration name: (identifier) @name) @definition.struct
(struct_member name: (identifier) @name) @definition.field
(enum_declaration name: (identifier) @name) @definition.enum
(enum_value) @name @definition.enum_member
(event_definition name: (identifier) @name) @definition.event
(error_declaration name: (identifier) @name) @definition.type
(user_defined_type_definition name: (identifier) @name) @definition.type
(function_definition name: (identifier) @name) @definition.function
(yul_function_definition . (yul_identifier) @name) @definition.function
(modifier_definition name: (identifier) @name) @definition.method
(constructor_definition "constructor" @name) @definition.constructor
(fallback_receive_definition ["fallback" "receive"] @name) @definition.method
(state_variable_declaration name: (identifier) @name) @definition.field
(state_variable_declaration "constant" name: (identifier) @name) @definition.constant
(constant_variable_declaration name: (identifier) @name) @definition.constant

; What breaks off
(ERROR
  [
    ("contract" . (identifier) @name @definition.class)
    ("interface" . (identifier) @name @definition.interface)
    ("library" . (identifier) @name @definition.module)
    ("function" . (identifier) @name @definition.function)
  ])

; Calls; an event that is emitted, an error that is thrown and a modifier are called too
(call_expression
  function: (expression
    [
      (identifier) @reference.call
      (member_expression property: (identifier) @reference.call)
      (new_expression name: (type_name (user_defined_type (identifier) @reference.call .)))
      (struct_expression
        type: (expression
          [(identifier) @reference.call (member_expression property: (identifier) @reference.call)]))
    ]))
(emit_statement
  name: (expression [(identifier) @reference.call (member_expression property: (identifier) @reference.call)]))
(revert_statement
  error: (expression [(identifier) @reference.call (member_expression property: (identifier) @reference.call)]))
(modifier_invocation (identifier) @reference.call .)
(modifier_invocation (identifier) @reference.call . "(")
(yul_function_call function: (yul_identifier) @reference.call)

; Inheritance, types and imports
(inheritance_specifier ancestor: (user_defined_type (identifier) @reference.inherit .))
(type_name (user_defined_type (identifier) @reference.type .))
(override_specifier (user_defined_type (identifier) @reference.type .))
(using_directive (type_alias (identifier) @reference.type .))
(using_alias (user_defined_type (identifier) @reference.type .))
(member_expression object: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))
(import_directive source: (string) @reference.import)
(import_directive import_name: (identifier) @reference.import)

; Writes: to a state variable by its spelling, or to a member
(assignment_expression
  left: (expression
    [(identifier) @reference.write (member_expression property: (identifier) @reference.write)]))
(assignment_expression
  left: (expression (array_access base: (expression (identifier) @reference.write))))
(augmented_assignment_expression
  left: (expression
    [(identifier) @reference.write (member_expression property: (identifier) @reference.write)]))
