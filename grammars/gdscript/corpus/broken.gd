extends "res://base.gd"
#       ^ reference.import

var lives = 3
#   ^ definition.variable public

func whole():
#    ^ definition.function public
	stop()
#^ reference.call

func half(a: int, {
#    ^ definition.function public
	whole(

func last():
	whole()
#^ reference.call
