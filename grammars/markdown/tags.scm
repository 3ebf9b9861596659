; Markdown: its headings. What stands inside of a line (links, emphasis) is another grammar's business, so the `###`
; that may close a heading stays in its name; a heading with a line below it holds nothing in this grammar.

(section (atx_heading heading_content: (_) @name)) @definition.section
(setext_heading heading_content: (_) @name) @definition.section
