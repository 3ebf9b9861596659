; Common Lisp. The head of a list that stands in a list with a symbol for its head counts as a call; so does the first
; parameter of a `lambda`, but no binding of a `let`.

; Definitions
(defun (defun_header keyword: (defun_keyword) function_name: (_) @name)) @definition.function
(defun
  (defun_header keyword: (defun_keyword) @_macro function_name: (_) @name)
  (#any-of? @_macro "defmacro" "DEFMACRO")) @definition.macro
(defun
  (defun_header keyword: (defun_keyword) @_method function_name: (_) @name)
  (#any-of? @_method "defmethod" "defgeneric" "DEFMETHOD" "DEFGENERIC")) @definition.method
(defun (defun_header keyword: (defun_keyword) @_defun function_name: (_) @name)
  . (str_lit) @doc . (_)
  (#any-of? @_defun "defun" "DEFUN")) @definition.function
(defun (defun_header keyword: (defun_keyword) @_macro function_name: (_) @name)
  . (str_lit) @doc . (_)
  (#any-of? @_macro "defmacro" "DEFMACRO")) @definition.macro
(defun (defun_header keyword: (defun_keyword) @_method function_name: (_) @name)
  . (str_lit) @doc . (_)
  (#any-of? @_method "defmethod" "DEFMETHOD")) @definition.method
(source (list_lit
  . (sym_lit) @_def
  . [(sym_lit) @name (kwd_lit (kwd_symbol) @name) (str_lit) @name]
  (#any-of? @_def "defpackage" "define-package" "DEFPACKAGE")) @definition.module)
(source (list_lit
  . (package_lit symbol: (sym_lit) @_def)
  . [(sym_lit) @name (kwd_lit (kwd_symbol) @name) (str_lit) @name]
  (#any-of? @_def "defsystem" "define-package")) @definition.module)
(list_lit
  . (sym_lit) @_def . (sym_lit) @name
  (#any-of? @_def "defvar" "defparameter" "defglobal" "DEFVAR" "DEFPARAMETER")) @definition.variable
(list_lit
  . (sym_lit) @_def . (sym_lit) @name
  (#any-of? @_def "defconstant" "define-constant" "DEFCONSTANT")) @definition.constant
(list_lit
  . (sym_lit) @_def . (sym_lit) @name
  (#any-of? @_def "defclass" "define-condition" "DEFCLASS" "DEFINE-CONDITION")) @definition.class
(list_lit
  . (sym_lit) @_def . [(sym_lit) @name (list_lit . (sym_lit) @name)]
  (#any-of? @_def "defstruct" "DEFSTRUCT")) @definition.struct
(list_lit
  . (sym_lit) @_def . [(sym_lit) @name (list_lit . (sym_lit) @name)]
  (#any-of? @_def "deftype" "DEFTYPE")) @definition.type
(list_lit
  . (sym_lit) @_def . (sym_lit) @name
  (#any-of? @_def
    "define-compiler-macro" "define-modify-macro" "define-setf-expander" "define-symbol-macro" "defsetf")) @definition.macro

; Slots
(list_lit
  . (sym_lit) @_def . (sym_lit) . (list_lit)
  . (list_lit [(list_lit . (sym_lit) @name) (sym_lit) @name] @definition.field)
  (#any-of? @_def "defclass" "define-condition" "DEFCLASS" "DEFINE-CONDITION"))
(list_lit
  . (sym_lit) @_def . (_) [(list_lit . (sym_lit) @name) (sym_lit) @name] @definition.field
  (#any-of? @_def "defstruct" "DEFSTRUCT"))

; Calls
(list_lit
  . [(sym_lit) (package_lit)] @_head
  (list_lit . [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)])
  (#not-any-of? @_head
    "case" "ccase" "ctypecase" "declaim" "declare" "defclass" "define-condition" "defpackage" "defstruct" "ecase"
    "etypecase" "typecase"))
(list_lit . (sym_lit) @_cond (list_lit (list_lit . [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)])) (#eq? @_cond "cond"))
(defun (list_lit . [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)]))
(source (list_lit . [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)]))
(loop_clause (_ (list_lit . [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)])))
(list_lit
  . (sym_lit) @_make . (quoting_lit [(sym_lit) @reference.call (package_lit symbol: (sym_lit) @reference.call)])
  (#any-of? @_make "make-instance" "MAKE-INSTANCE" "make-condition" "error" "signal"))
(var_quoting_lit [(sym_lit) @reference.read (package_lit symbol: (sym_lit) @reference.read)])

; Types and inheritance
(defun_header
  keyword: (defun_keyword) @_method
  lambda_list: (list_lit (list_lit . (sym_lit) . (sym_lit) @reference.type .))
  (#any-of? @_method "defmethod" "DEFMETHOD"))
(list_lit
  . (sym_lit) @_def . (sym_lit) . (list_lit (sym_lit) @reference.inherit)
  (#any-of? @_def "defclass" "define-condition" "DEFCLASS" "DEFINE-CONDITION"))

; Imports
(list_lit
  . (kwd_lit (kwd_symbol) @_use) [(kwd_lit (kwd_symbol) @reference.import) (sym_lit) @reference.import (str_lit) @reference.import]
  (#any-of? @_use "use" "import-from"))
(list_lit
  . (sym_lit) @_require . [(kwd_lit (kwd_symbol) @reference.import) (str_lit) @reference.import]
  (#any-of? @_require "require" "in-package" "IN-PACKAGE"))
(list_lit
  . (package_lit symbol: (sym_lit) @_load) . [(kwd_lit (kwd_symbol) @reference.import) (str_lit) @reference.import]
  (#any-of? @_load "quickload" "load-system"))
