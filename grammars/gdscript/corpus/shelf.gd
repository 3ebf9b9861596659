@tool
extends Node2D
#       ^ reference.inherit
class_name Shelf
#          ^ definition.class public

## Sent when a book was lent.
signal lent(book, reader)
#      ^ definition.event in=Shelf public doc="Sent when a book was lent."

enum State { OPEN, LENT = 2 }
#    ^ definition.enum in=Shelf public
#            ^ definition.enum_member in=Shelf.State public
#                  ^ definition.enum_member in=Shelf.State public

const MAX_LOANS := 5
#     ^ definition.constant in=Shelf public
const Reader = preload("res://reader.gd")
#     ^ definition.constant in=Shelf public
#                      ^ reference.import

@export var title: String = "shelf"
#           ^ definition.field in=Shelf public
@onready var label: Label = $Label
#            ^ definition.field in=Shelf public
#                   ^ reference.type
static var shared: Array[Book] = []
#          ^ definition.field in=Shelf public
#                        ^ reference.type
var _count = 0
#   ^ definition.field in=Shelf private

var count: int:
#   ^ definition.field in=Shelf public
	get:
		return _count
	set(value):
		_count = value


## What is lent.
class Book extends Resource:
#     ^ definition.class in=Shelf public doc="What is lent."
#                  ^ reference.inherit
	var state = State.OPEN
#    ^ definition.field in=Shelf.Book public
#            ^ reference.type

	func reset() -> void:
#     ^ definition.method in=Shelf.Book public
		self.state = State.OPEN
#      ^ reference.write


func _init(size: int):
#    ^ definition.constructor in=Shelf private
	_count = size


func _ready():
#    ^ definition.method in=Shelf private
	$Timer.timeout.connect(_on_timeout)
#               ^ reference.call
#                       ^ reference.read
	label.text = title
#      ^ reference.write


## Hands a book out.
func lend(book: Book, days := 14) -> Ticket:
#    ^ definition.method in=Shelf public doc="Hands a book out."
#                                    ^ reference.type
	var ticket = Ticket.new()
#                    ^ reference.call
	ticket.days += days
#       ^ reference.write
	book.state = State.LENT
	lent.emit(book, null)
#     ^ reference.call
	if book is Magazine:
#           ^ reference.type
		return null
	return stamp(ticket) as Ticket
#       ^ reference.call


static func stamp(ticket: Library.Ticket):
#           ^ definition.method in=Shelf public
#                         ^ reference.type
	return ticket


func _on_timeout():
#    ^ definition.method in=Shelf private
	super._on_timeout()
#      ^ reference.call
	get_tree().reload()
#^ reference.call
#           ^ reference.call
