; Verilog and SystemVerilog. What drives a signal is a write of it. Ports are properties of their module, instances its
; variables. `Type name;` in a module reads as a net of a user's net type.

; Definitions
(module_declaration
  [(module_ansi_header name: (_) @name) (module_nonansi_header name: (_) @name)]) @definition.module
(module_declaration name: (_) @name) @definition.module
(program_declaration
  [(program_ansi_header name: (_) @name) (program_nonansi_header name: (_) @name)]) @definition.module
(checker_declaration name: (_) @name) @definition.module
(udp_declaration
  [
    (udp_ansi_declaration . (simple_identifier) @name)
    (udp_nonansi_declaration . (simple_identifier) @name)
  ]) @definition.module
(interface_declaration
  [(interface_ansi_header name: (_) @name) (interface_nonansi_header name: (_) @name)]) @definition.interface
(package_declaration name: (_) @name) @definition.namespace
(class_declaration name: (_) @name) @definition.class
(interface_class_declaration name: (_) @name) @definition.interface
(function_declaration (function_body_declaration name: (_) @name)) @definition.function
(function_declaration
  (function_body_declaration (class_scope (class_type) @parent) name: (_) @name)) @definition.method
(task_declaration (task_body_declaration name: (_) @name)) @definition.function
(task_declaration
  (task_body_declaration (class_scope (class_type) @parent) name: (_) @name)) @definition.method
(class_constructor_declaration "function" . "new" @name) @definition.constructor
(class_constructor_declaration
  (class_scope (class_type) @parent) . "new" @name) @definition.constructor
; (`extern` ones have their body elsewhere)
(class_method "pure" [(function_prototype name: (_) @name) (task_prototype name: (_) @name)]) @definition.method
(interface_class_method [(function_prototype name: (_) @name) (task_prototype name: (_) @name)]) @definition.method
(property_declaration name: (_) @name) @definition.function
(sequence_declaration name: (_) @name) @definition.function
(covergroup_declaration name: (_) @name) @definition.struct
(constraint_declaration (simple_identifier) @name) @definition.property
(type_declaration type_name: (_) @name) @definition.type
(type_declaration (data_type (struct_union)) type_name: (_) @name) @definition.struct
(type_declaration (data_type (struct_union "union")) type_name: (_) @name) @definition.union
(type_declaration (data_type (enum_name_declaration)) type_name: (_) @name) @definition.enum
(enum_name_declaration . (simple_identifier) @name) @definition.enum_member
(type_assignment name: (_) @name) @definition.type
(param_assignment . (simple_identifier) @name) @definition.constant
(ansi_port_declaration port_name: (_) @name) @definition.property
(list_of_port_identifiers (simple_identifier) @name @definition.property)
(modport_item . (simple_identifier) @name) @definition.property
(variable_decl_assignment name: (_) @name) @definition.variable
(struct_union_member
  (list_of_variable_decl_assignments (variable_decl_assignment name: (_) @name) @definition.field))
(net_decl_assignment . (simple_identifier) @name) @definition.variable
(hierarchical_instance (name_of_instance instance_name: (_) @name)) @definition.variable
(text_macro_definition (text_macro_name . (simple_identifier) @name)) @definition.macro

; Calls; an instance calls its module
(tf_call [(simple_identifier) @reference.call (hierarchical_identifier (simple_identifier) @reference.call .)])
(method_call_body name: (_) @reference.call)
(module_instantiation instance_type: (simple_identifier) @reference.call)
(interface_instantiation instance_type: (simple_identifier) @reference.call)
(checker_instantiation instance_type: (simple_identifier) @reference.call)
(text_macro_usage . (simple_identifier) @reference.macro)

; Types, inheritance, imports
(data_type (simple_identifier) @reference.type)
(data_type (class_type (simple_identifier) @reference.type))
(net_declaration . (simple_identifier) @reference.type)
(interface_port_header interface_name: (_) @reference.type)
(package_scope (simple_identifier) @reference.type)
(class_declaration (class_type (simple_identifier) @reference.inherit))
(class_declaration (interface_class_type (simple_identifier) @reference.inherit))
(package_import_item . (simple_identifier) @reference.import)
(include_compiler_directive (quoted_string (quoted_string_item) @reference.import))

; Writes
(net_lvalue . (simple_identifier) @reference.write)
(variable_lvalue (hierarchical_identifier (simple_identifier) @reference.write .))
