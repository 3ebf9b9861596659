; Markdown: its headings. What stands inside of a line (links, emphasis) is another grammar's business, so the `###`
; that may close a heading stays in its name; a heading with a line below it holds nothing in this grammar.

(section (atx_heading heading_content: (_) @name)) @definition.section
(setext_heading heading_content: (_) @name) @definition.section

; Code in a fence that names its language. Settings, pages and prose quoted in prose have no names worth finding.
(fenced_code_block
  (info_string (language) @language)
  (code_fence_content) @embedded
  (#not-any-of? @language
    "json" "json5" "jsonc" "yaml" "yml" "toml" "xml" "svg" "html" "css" "scss" "md" "markdown" "mdx"))
