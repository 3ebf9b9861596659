; Emacs Lisp. The head of a list counts as a call where its list stands in a form or in a list with a symbol for its
; head; bindings of a `let` do not. A variable's text is no doc: it stands behind the value.

; Definitions
(function_definition name: (symbol) @name) @definition.function
(function_definition name: (symbol) @name docstring: (string) @doc) @definition.function
(macro_definition name: (symbol) @name) @definition.macro
(macro_definition name: (symbol) @name docstring: (string) @doc) @definition.macro
(special_form "defvar" . (symbol) @name) @definition.variable
(special_form "defconst" . (symbol) @name) @definition.constant
(list
  . (symbol) @_def . (symbol) @name
  (#any-of? @_def "defcustom" "defvar-local" "defface" "defgroup" "defvar-keymap")) @definition.variable
(list
  . (symbol) @_def . (symbol) @name
  (#any-of? @_def
    "cl-defun" "cl-defsubst" "define-inline" "iter-defun" "define-minor-mode" "define-globalized-minor-mode"
    "define-global-minor-mode" "define-derived-mode" "define-generic-mode" "define-compilation-mode" "ert-deftest"
    "define-multisession-variable" "transient-define-prefix" "transient-define-suffix" "transient-define-infix"
    "transient-define-argument")) @definition.function
(list
  . (symbol) @_def . (symbol) @name . (list) . (string) @doc
  (#any-of? @_def "cl-defun" "cl-defsubst" "transient-define-prefix" "transient-define-suffix")) @definition.function
(list
  . (symbol) @_def . (symbol) @name
  (#any-of? @_def "cl-defmacro" "define-modify-macro" "gv-define-setter" "pcase-defmacro")) @definition.macro
(list
  . (symbol) @_def . (symbol) @name
  (#any-of? @_def "cl-defgeneric" "cl-defmethod" "defmethod" "defgeneric")) @definition.method
(list . (symbol) @_def . (symbol) @name (#any-of? @_def "defclass")) @definition.class
(list
  . (symbol) @_def . [(symbol) @name (list . (symbol) @name)]
  (#any-of? @_def "cl-defstruct" "defstruct")) @definition.struct
(list . (symbol) @_def . (symbol) @name (#any-of? @_def "cl-deftype")) @definition.type
(list
  . (symbol) @_alias . (quote (symbol) @name)
  (#any-of? @_alias "defalias" "define-obsolete-function-alias" "fset")) @definition.function
(list
  . (symbol) @_alias . (quote (symbol) @name)
  (#any-of? @_alias "defvaralias" "define-fringe-bitmap" "define-obsolete-variable-alias" "define-error")) @definition.variable

; Slots
(list
  . (symbol) @_def . (_) [(list . (symbol) @name) (symbol) @name] @definition.field
  (#any-of? @_def "cl-defstruct" "defstruct"))
(list
  . (symbol) @_def . (symbol) . (list) . (list [(list . (symbol) @name) (symbol) @name] @definition.field)
  (#eq? @_def "defclass"))

; Calls
(source_file (list . (symbol) @reference.call))
(function_definition parameters: (_) (list . (symbol) @reference.call))
(macro_definition parameters: (_) (list . (symbol) @reference.call))
(list
  . (symbol) @_head (list . (symbol) @reference.call)
  (#not-any-of? @_head
    "cl-case" "cl-defgeneric" "cl-defmethod" "cl-defstruct" "cl-defun" "cl-ecase" "declare" "defclass" "pcase"))
(list
  . (symbol) @_def (list) (list . (symbol) @reference.call)
  (#any-of? @_def "cl-defgeneric" "cl-defmethod" "cl-defun"))
(special_form (_) (list . (symbol) @reference.call))
(special_form
  ["and" "catch" "condition-case" "if" "or" "prog1" "progn" "save-current-buffer" "save-excursion" "save-restriction"
   "unwind-protect" "while"]
  . (list . (symbol) @reference.call))
(special_form "cond" (list (list . (symbol) @reference.call)))
(function_quote (symbol) @reference.read)
(list . (symbol) @_apply . (quote (symbol) @reference.read) (#any-of? @_apply "funcall" "apply" "mapc" "mapcar"))

; Imports
(list
  . (symbol) @_require . (quote (symbol) @reference.import)
  (#any-of? @_require "require" "declare-function"))
(list . (symbol) @_use . (symbol) @reference.import (#eq? @_use "use-package"))

; Inheritance
(list . (symbol) @_def . (symbol) . (list (symbol) @reference.inherit) (#eq? @_def "defclass"))
(list . (symbol) @_def . (symbol) . (symbol) @reference.inherit (#eq? @_def "define-derived-mode"))

; Writes
(special_form ["setq" "setq-default"] . (symbol) @reference.write)
