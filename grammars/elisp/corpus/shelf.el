;;; shelf.el --- Lends books -*- lexical-binding: t; -*-

;;; Code:

(require 'cl-lib)
;         ^ reference.import
(use-package books :config (open-books))
;            ^ reference.import
;                           ^ reference.call

(defgroup shelf nil "Shelf." :group 'tools)
;         ^ definition.variable
(defcustom shelf-limit 8
;          ^ definition.variable
  "Limit."
  :type 'integer)
; Counts.
(defvar shelf--count 0)
;       ^ definition.variable doc="Counts."
(defconst shelf-max 3)
;         ^ definition.constant
(defvaralias 'shelf-most 'shelf-max)
;             ^ definition.variable

;;;###autoload
(defun shelf-lend (book &optional days)
;      ^ definition.function doc="Lend BOOK."
;                  ^ !reference
  "Lend BOOK."
  (interactive)
  (check-it book)
;  ^ reference.call
  (setq shelf--count (measure book))
;       ^ reference.write
;                     ^ reference.call
  (let ((x (weigh book))
;        ^ !reference
;           ^ reference.call
        (y 1))
;        ^ !reference
    (shelf--check x y))
;    ^ reference.call
  (cond ((lentp book) (refuse book)))
;         ^ reference.call
;                      ^ reference.call
  (if (latep book) (fine book))
;      ^ reference.call
;                   ^ reference.call
  (mapcar #'shelf-go days)
;           ^ reference.read
  (funcall 'shelf-run))
;           ^ reference.read

(defmacro shelf-with (book &rest body)
;         ^ definition.macro doc="Doc."
  "Doc."
  `(let ((it ,book)) ,@body))
(defsubst shelf-fast (x) x)
;         ^ definition.function
(cl-defun shelf-keyed (x &key y)
;         ^ definition.function doc="Keyed."
  "Keyed."
  (join x y))
;  ^ reference.call
(cl-defmacro shelf-macro (x) x)
;            ^ definition.macro

(cl-defstruct book title (pages 0))
;             ^ definition.struct
;                  ^ definition.field in=book
;                         ^ definition.field in=book
(cl-defstruct (line (:constructor make)) a)
;              ^ definition.struct
;                                        ^ definition.field in=line
(cl-deftype name () 'string)
;           ^ definition.type
(defclass item (base) ((label :initarg :label)))
;         ^ definition.class
;               ^ reference.inherit
;                       ^ definition.field in=item
(cl-defgeneric weight (x))
;              ^ definition.method
(cl-defmethod weight ((b book)) 1)
;             ^ definition.method

(define-derived-mode shelf-mode special-mode "Shelf")
;                    ^ definition.function
;                               ^ reference.inherit
(defalias 'shelf-give #'shelf-lend)
;          ^ definition.function
;                       ^ reference.read
(provide 'shelf)
