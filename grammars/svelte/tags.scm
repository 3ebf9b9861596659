; Svelte: its elements, as in HTML, and its snippets. What stands in script, style and braces is text to this grammar.

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
(snippet_statement (snippet_start (snippet_name) @name)) @definition.function

; Components and elements of one's own
(start_tag (tag_name) @reference.type (#match? @reference.type "^[A-Z]|-"))
(self_closing_tag (tag_name) @reference.type (#match? @reference.type "^[A-Z]|-"))

; Texts in other languages
(script_element (raw_text) @embedded.javascript)
(script_element
  (start_tag
    (attribute
      (attribute_name) @_lang
      (quoted_attribute_value (attribute_value) @language)))
  (raw_text) @embedded.javascript
  (#any-of? @_lang "lang" "type"))
(style_element (raw_text) @embedded.css)
(style_element
  (start_tag
    (attribute
      (attribute_name) @_lang
      (quoted_attribute_value (attribute_value) @language)))
  (raw_text) @embedded.css
  (#any-of? @_lang "lang" "type"))

; Expressions, in the script's language. Names that `{#each}`, `{#snippet}` and `{:then}` declare are none.
((expression (svelte_raw_text) @embedded) (#not-match? @embedded "^\\s*[\\w$]*\\s*$"))
(if_start condition: (svelte_raw_text) @embedded)
(else_if_start condition: (svelte_raw_text) @embedded)
(each_start identifier: (svelte_raw_text) @embedded)
(html_tag (svelte_raw_text) @embedded)
(render_tag (svelte_raw_text) @embedded)
(const_tag (svelte_raw_text) @embedded)

; A name alone need not be parsed
(expression (svelte_raw_text) @reference.read (#match? @reference.read "^[A-Za-z_$][A-Za-z0-9_$]*$"))
