; YAML: the keys of the two top levels, and anchors with their uses. In broken text the grammar finds little.

(document (block_node (block_mapping (block_mapping_pair key: (_) @name) @definition.property)))
(document
  (block_node
    (block_mapping
      (block_mapping_pair
        value: (block_node (block_mapping (block_mapping_pair key: (_) @name) @definition.property))))))
(ERROR (block_mapping_pair key: (_) @name) @definition.property)
(anchor (anchor_name) @name) @definition.constant
(alias (alias_name) @reference.read)
