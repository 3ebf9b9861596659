; Vue: the elements of its template, as in HTML. What stands in script and style is one text to this grammar.

; Definitions
(start_tag
  (attribute
    (attribute_name) @_id
    [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)])
  (#eq? @_id "id")) @definition.property
(self_closing_tag
  (attribute
    (attribute_name) @_id
    [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)])
  (#eq? @_id "id")) @definition.property
(element
  (start_tag (tag_name) @_heading)
  .
  (text) @name
  (#any-of? @_heading "h1" "h2" "h3" "h4" "h5" "h6")) @definition.section

; Components and elements of one's own
(start_tag (tag_name) @reference.type (#match? @reference.type "^[A-Z]|-"))
(self_closing_tag (tag_name) @reference.type (#match? @reference.type "^[A-Z]|-"))

; Scripts
(script_element
  (start_tag
    (attribute
      (attribute_name) @_src
      (quoted_attribute_value (attribute_value) @reference.import))
    (#eq? @_src "src")))
