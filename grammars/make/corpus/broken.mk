WHOLE = 1
# <- definition.variable
whole:
# <- definition.function
	echo $(WHOLE)
#       ^ reference.read

half: $(
	echo

after:
	echo
