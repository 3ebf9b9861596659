; HTML. An element with an id is a property, a heading a section with its first words as name. Classes are no
; references: several names are one value in the tree.

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

; Elements of one's own
(start_tag (tag_name) @reference.type (#match? @reference.type "-"))
(self_closing_tag (tag_name) @reference.type (#match? @reference.type "-"))

; Scripts and styles
(script_element
  (start_tag
    (attribute
      (attribute_name) @_src
      (quoted_attribute_value (attribute_value) @reference.import))
    (#eq? @_src "src")))
(start_tag
  (tag_name) @_link
  (attribute
    (attribute_name) @_href
    (quoted_attribute_value (attribute_value) @reference.import))
  (#eq? @_link "link")
  (#eq? @_href "href"))

; Texts in other languages. A type that no language is called by (JSON, a template) is left as text.
(script_element (raw_text) @embedded.javascript)
(script_element
  (start_tag
    (attribute
      (attribute_name) @_type
      (quoted_attribute_value (attribute_value) @language)))
  (raw_text) @embedded.javascript
  (#eq? @_type "type"))
(style_element (raw_text) @embedded.css)
(attribute
  (attribute_name) @_handler
  (quoted_attribute_value (attribute_value) @embedded.javascript)
  (#match? @_handler "^on"))
