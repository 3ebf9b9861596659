; AWK: functions, and the variables that BEGIN sets up.

; Definitions
(func_def name: (identifier) @name) @definition.function
(func_def name: (ns_qualified_name (namespace) @parent (identifier) @name)) @definition.function
((rule (pattern "BEGIN") (block (assignment_exp left: (identifier) @name) @definition.variable))
  (#not-any-of? @name "FS" "OFS" "RS" "ORS" "SUBSEP" "IGNORECASE" "RSTART" "RLENGTH" "CONVFMT" "OFMT" "FPAT"))
(ERROR "function" . (identifier) @name @definition.function)

; References
(func_call name: [(identifier) @reference.call (ns_qualified_name (identifier) @reference.call .)])
(directive (string) @reference.import)
(assignment_exp left: [(identifier) @reference.write (array_ref . (identifier) @reference.write)])
(update_exp argument: [(identifier) @reference.write (array_ref . (identifier) @reference.write)])
