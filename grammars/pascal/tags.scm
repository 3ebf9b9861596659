; Pascal. A heading in a class or in a unit's interface is no definition, the procedure with its body is; one of an
; interface or an abstract one is, as nothing else defines it. Sections (`private`) stand on lines of their own, which
; no rule of visibility reads. Delphi's inline `var` is an error to the grammar, within its statement.

; Definitions
(unit (moduleName) @name) @definition.module
(program (moduleName) @name) @definition.module
(library (moduleName) @name) @definition.module
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (type)) @definition.type
(declType name: (identifier) @name type: (type (declEnum))) @definition.enum
(declType
  name: [(identifier) @name (genericTpl entity: (identifier) @name)]
  type: (declClass (kRecord))) @definition.struct
; (`TBook = class;` promises a class)
(declType
  name: [(identifier) @name (genericTpl entity: (identifier) @name)]
  type: (declClass [(kClass) (kObject)] (kEnd))) @definition.class
(declType
  name: [(identifier) @name (genericTpl entity: (identifier) @name)]
  type: (declClass (kClass) parent: (typeref))) @definition.class
(declType name: (identifier) @name type: (declHelper)) @definition.class
(declType
  name: [(identifier) @name (genericTpl entity: (identifier) @name)]
  type: (declIntf (kEnd))) @definition.interface
(declEnumValue name: (identifier) @name) @definition.enum_member
(declField name: (identifier) @name) @definition.field
(declProp name: (identifier) @name) @definition.property
(declConst name: (identifier) @name) @definition.constant
(declVar name: (identifier) @name) @definition.variable
; (heading and body that an error has torn apart)
(ERROR (declProc name: (identifier) @name) @definition.function)
(declProc name: (genericDot lhs: (_) @parent rhs: (identifier) @name)) @definition.method
; (after a torn `{$IFDEF}` its words are plain identifiers)
((ERROR (identifier) @_word . (identifier) @parent . (identifier) @name @definition.method) @_all
  (#any-of? @_word "procedure" "function" "constructor" "destructor")
  (#match? @_all "(procedure|function|constructor|destructor) +\\w+\\.\\w"))
(defProc header: (declProc name: (identifier) @name)) @definition.function
(defProc
  header: (declProc
    name: (genericDot
      lhs: [(identifier) @parent (genericDot) @parent (genericTpl entity: (_) @parent)]
      rhs: [(identifier) @name (operatorName) @name (genericTpl entity: (identifier) @name)]))) @definition.method
(defProc
  header: (declProc
    (kConstructor)
    name: (genericDot
      lhs: [(identifier) @parent (genericDot) @parent (genericTpl entity: (_) @parent)]
      rhs: (identifier) @name))) @definition.constructor
(declIntf (declProc name: (identifier) @name) @definition.method)
(declProc name: (identifier) @name attribute: (procAttribute (kAbstract))) @definition.method

; Calls; a statement that is only a name is one
(exprCall
  entity: [
    (identifier) @reference.call
    (exprDot rhs: [(identifier) @reference.call (exprTpl entity: (identifier) @reference.call)])
    (inherited (identifier) @reference.call)
    (exprTpl entity: (identifier) @reference.call)
  ])
(statement [(identifier) @reference.call (exprDot rhs: (identifier) @reference.call)])
(inherited (identifier) @reference.call)
(assignment rhs: (exprDot rhs: (identifier) @reference.read))

; Types, inheritance, imports
(typeref
  [
    (identifier) @reference.type
    (typerefDot rhs: (identifier) @reference.type)
    (typerefTpl entity: (identifier) @reference.type args: (typerefArgs (identifier)? @reference.type))
  ])
(exprDot lhs: (identifier) @reference.type (#match? @reference.type "^[TEI][A-Z]"))
(declClass parent: (typeref [(identifier) @reference.inherit (typerefTpl entity: (identifier) @reference.inherit)]))
(declIntf parent: (typeref (identifier) @reference.inherit))
(declUses (moduleName) @reference.import)

; Writes to a member, or to a field by its spelling
(assignment lhs: (exprDot rhs: (identifier) @reference.write))
(assignment lhs: (identifier) @reference.write (#match? @reference.write "^F[A-Z]"))
