; HCL, foremost Terraform: a block at the top is named by its last label, a resource's parent is its type. Uses are
; what stands after a dot: `var.region`, `aws_instance.web`.

; Definitions
(config_file (body (block . (identifier) . (string_lit (template_literal) @name) . (block_start)) @definition.section))
(config_file
  (body
    (block
      .
      (identifier)
      .
      (string_lit (template_literal) @parent)
      .
      (string_lit (template_literal) @name)
      .
      (block_start)) @definition.struct))
(config_file
  (body
    (block
      .
      (identifier) @_kind
      .
      (string_lit (template_literal) @name)
      .
      (block_start)
      (#any-of? @_kind "variable" "output")) @definition.variable))
(config_file
  (body
    (block
      .
      (identifier) @_kind
      .
      (string_lit (template_literal) @name)
      .
      (block_start)
      (#eq? @_kind "module")) @definition.module))
(config_file
  (body
    (block
      .
      (identifier) @_kind
      .
      (block_start)
      (body (attribute . (identifier) @name) @definition.constant)
      (#eq? @_kind "locals"))))
(config_file (body (attribute . (identifier) @name) @definition.property))

; Uses
(function_call . (identifier) @reference.call)
(expression (variable_expr) . (get_attr (identifier) @reference.read))
(expression (variable_expr) . (get_attr) . (get_attr (identifier) @reference.read))
