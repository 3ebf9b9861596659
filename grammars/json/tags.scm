; JSON: the keys of the two top levels. JSON5's bare keys are errors to the grammar.

(document (object (pair key: (string (string_content) @name)) @definition.property))
(document
  (object
    (pair
      value: (object (pair key: (string (string_content) @name)) @definition.property))))
