; Make. Targets are functions, what `define` names is a macro. Targets that begin with a dot are settings.

; Definitions
(rule (targets (word) @name) (#not-match? @name "^[.]|[%$]")) @definition.function
(variable_assignment name: (word) @name) @definition.variable
(define_directive name: (word) @name) @definition.macro

; Uses
(prerequisites (word) @reference.call)
(variable_reference (word) @reference.read)

; Imports
(include_directive filenames: (list (word) @reference.import))
