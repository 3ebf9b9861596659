;;; Lends books.
(defpackage :library
;            ^ definition.module doc="Lends books."
  (:use :cl :alexandria)
;        ^ reference.import
;            ^ reference.import
  (:export #:lend #:book))
(in-package :library)
;            ^ reference.import
(asdf:defsystem #:shelf :version "1")
;                 ^ definition.module

(defvar *count* 0)
;       ^ definition.variable
(defconstant +max+ 3)
;            ^ definition.constant

(defun lend (book &key (days 2))
;      ^ definition.function doc="Lends a book."
;            ^ !reference
  "Lends a book."
  (check-it book)
;  ^ reference.call
  (let ((x (measure book)) (y 1))
;        ^ !reference
;           ^ reference.call
;                           ^ !reference
    (log:note x y))
;        ^ reference.call
  (cond ((lentp book) (refuse book)))
;         ^ reference.call
;                      ^ reference.call
  (case days (one (count-down)))
;             ^ !reference
;                  ^ reference.call
  (mapcar #'go-on list)
;           ^ reference.read
  (loop for x in days collect (call x))
;                              ^ reference.call
  (make-instance 'book :title "x"))
;                 ^ reference.call

; With one.
(defmacro with-book ((b) &body body)
;         ^ definition.macro doc="With one."
  `(let ((,b 1)) ,@body))
(define-modify-macro multf () *)
;                    ^ definition.macro

(defclass book (item)
;         ^ definition.class
;               ^ reference.inherit
  ((title :initarg :title)
;   ^ definition.field in=book
   (pages :initform 0)))
;   ^ definition.field in=book
(define-condition missing (error) ((name)))
;                 ^ definition.class
;                          ^ reference.inherit
;                                   ^ definition.field in=missing
(defstruct point x (y 0))
;          ^ definition.struct
;                ^ definition.field in=point
;                   ^ definition.field in=point
(defstruct (line (:include point)) a)
;           ^ definition.struct
;                                  ^ definition.field in=line
(deftype name () 'string)
;        ^ definition.type

(defgeneric weight (x))
;           ^ definition.method
(defmethod weight ((b book)) 1)
;          ^ definition.method
;                     ^ reference.type
(defmethod (setf title) (v (b book)) v)
;          ^ definition.method
