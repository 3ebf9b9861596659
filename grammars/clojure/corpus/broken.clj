(defn whole [] (call-me))
;     ^ definition.function
;               ^ reference.call
(def half "x")
;    ^ definition.variable
)
(defn after [] (call-me))
;     ^ definition.function
