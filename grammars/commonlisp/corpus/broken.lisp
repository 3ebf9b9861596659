(defun whole () (call-me))
;      ^ definition.function
;                ^ reference.call

(defvar *half* "x")
;       ^ definition.variable
)
(defun after () (call-me))
