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

; Texts in other languages
(script_element (raw_text) @embedded.javascript)
(script_element
  (start_tag
    (attribute
      (attribute_name) @_lang
      (quoted_attribute_value (attribute_value) @language)))
  (raw_text) @embedded.javascript
  (#eq? @_lang "lang"))
(style_element (raw_text) @embedded.css)
(style_element
  (start_tag
    (attribute
      (attribute_name) @_lang
      (quoted_attribute_value (attribute_value) @language)))
  (raw_text) @embedded.css
  (#eq? @_lang "lang"))

; Expressions, in the script's language. What `v-for` and a slot (`#row`) declare is no expression.
((interpolation (raw_text) @embedded) (#not-match? @embedded "^\\s*[\\w$]*\\s*$"))
(directive_attribute
  (directive_name) @_directive
  (quoted_attribute_value (attribute_value) @embedded)
  (#not-any-of? @_directive "v-for" "v-slot")
  (#not-match? @embedded "^\\s*[\\w$]*\\s*$"))
(directive_attribute
  .
  (directive_value)
  (quoted_attribute_value (attribute_value) @embedded)
  (#not-match? @embedded "^\\s*([{]|[\\w$]*\\s*$)"))

; A name alone need not be parsed
(directive_attribute
  (quoted_attribute_value (attribute_value) @reference.read)
  (#match? @reference.read "^[A-Za-z_$][A-Za-z0-9_$]*$"))
