; XML: the root element, and what has a name or an id of its own.

(document root: (element [(STag . (Name) @name) (EmptyElemTag . (Name) @name)]) @definition.section)
(STag
  (Attribute (Name) @_key (AttValue) @name)
  (#any-of? @_key "id" "name" "xml:id" "android:name" "android:id" "x:Name" "x:Key")) @definition.property
(EmptyElemTag
  (Attribute (Name) @_key (AttValue) @name)
  (#any-of? @_key "id" "name" "xml:id" "android:name" "android:id" "x:Name" "x:Key")) @definition.property
(GEDecl . (Name) @name) @definition.constant
